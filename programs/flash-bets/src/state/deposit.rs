use anchor_lang::prelude::*;

/// Money on its way into the vault. Address: seeds `deposit`, vault, owner.
#[account]
#[derive(InitSpace, Debug)]
pub struct Deposit {
    pub version: u8,
    pub bump: u8,
    pub vault: Pubkey,
    pub owner: Pubkey,
    /// Gets the rent on close.
    pub rent_payer: Pubkey,
    /// Base units, in the vault's token account.
    pub amount: u64,
    /// Least number of LP shares to accept; with fewer the money goes back.
    pub min_shares: u64,
    /// First second in which anybody can execute it.
    pub available_at: i64,
    /// Last second in which anybody can; after it anybody can have it given back.
    pub available_until: i64,
    pub reserved: [u8; 32],
}
