use anchor_lang::prelude::*;

/// LP shares on their way out. Address: seeds `withdrawal`, vault, owner.
#[account]
#[derive(InitSpace, Debug)]
pub struct Withdrawal {
    pub version: u8,
    pub bump: u8,
    pub vault: Pubkey,
    pub owner: Pubkey,
    /// Gets the rent on close.
    pub rent_payer: Pubkey,
    /// Burned at the request, priced at the withdrawal; minted again if there is none.
    pub shares: u64,
    /// Least number of base units to accept; for less the shares go back.
    pub min_amount: u64,
    /// First second in which anybody can have it paid.
    pub available_at: i64,
    /// Last second in which anybody can; after it anybody can let it lapse.
    pub available_until: i64,
    pub reserved: [u8; 32],
}
