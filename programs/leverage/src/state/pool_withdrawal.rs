use anchor_lang::prelude::*;

/// Shares of a deposit on their way out. Address: seeds `withdrawal`, deposit.
#[account]
#[derive(InitSpace, Debug)]
pub struct PoolWithdrawal {
    pub version: u8,
    pub bump: u8,
    pub deposit: Pubkey,
    /// Gets the rent on close.
    pub rent_payer: Pubkey,
    pub shares: u64,
    /// Least number of base units to accept for all of them.
    pub min_amount: u64,
    /// First second in which anybody can have it paid.
    pub available_at: i64,
    /// Last second in which anybody can; after it anybody can let it lapse.
    pub available_until: i64,
    pub reserved: [u8; 32],
}
