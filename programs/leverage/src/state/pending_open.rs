use anchor_lang::prelude::*;

/// What whoever executes a request, or gives back one that has expired, gets: lamports, ten times what
/// a transaction costs.
#[constant]
pub const OPEN_TIP_LAMPORTS: u64 = 50_000;

/// A position that is to be opened. Address: seeds `pending`, listing, owner, nonce.
///
/// Its lamports beside its rent are the position's rent, its bounty and the tip.
#[account]
#[derive(InitSpace, Debug)]
pub struct PendingOpen {
    pub version: u8,
    pub bump: u8,
    pub outcome: u8,
    pub listing: Pubkey,
    pub owner: Pubkey,
    /// Paid rent, bounty and tip; gets what is left of them.
    pub rent_payer: Pubkey,
    pub nonce: u64,
    /// Base units: the owner's, in the listing's token account, and the pool's.
    pub margin: u64,
    pub loan: u64,
    /// The fewest shares that both have to buy.
    pub min_shares: u64,
    /// From when on it can be executed: both have to be reached.
    pub executable_from: i64,
    pub executable_from_slot: u64,
    /// Last second in which it can be.
    pub expires_at: i64,
    pub reserved: [u8; 32],
}
