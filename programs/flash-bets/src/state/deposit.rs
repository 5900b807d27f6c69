use anchor_lang::prelude::*;

/// Money on its way into the vault. Address: seeds `deposit`, vault, owner.
#[account]
#[derive(InitSpace, Debug)]
pub struct Deposit {
    pub version: u8,
    pub bump: u8,
    pub vault: Pubkey,
    /// Paid the rent, and gets it back.
    pub owner: Pubkey,
    /// Base units, in the vault's token account.
    pub amount: u64,
    /// Least number of LP shares to accept; with fewer the money goes back.
    pub min_shares: u64,
    /// First slot in which it can be executed.
    pub available_slot: u64,
    /// Last slot in which it can be executed; cancelled after it.
    pub last_slot: u64,
    pub reserved: [u8; 32],
}
