use anchor_lang::prelude::*;

/// A lender's money on its way into a pool, and its shares once it is there. Address: seeds `deposit`,
/// pool, owner, nonce.
#[account]
#[derive(InitSpace, Debug)]
pub struct PoolDeposit {
    pub version: u8,
    pub bump: u8,
    pub pool: Pubkey,
    pub owner: Pubkey,
    /// Gets the rent on close.
    pub rent_payer: Pubkey,
    pub nonce: u64,
    /// Base units that wait; 0 once they bought shares.
    pub amount: u64,
    /// Least that its shares have to be due at once, as if all that is lent were lost; if less, the money goes back.
    /// Base units.
    pub min_due: u64,
    /// First second in which anybody can execute it.
    pub available_at: i64,
    /// Last second in which anybody can; after it anybody can have it given back.
    pub available_until: i64,
    /// Of the pool, those whose withdrawal waits not included.
    pub shares: u64,
    pub reserved: [u8; 32],
}
