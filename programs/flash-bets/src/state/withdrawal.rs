use anchor_lang::prelude::*;

/// LP shares on their way out. Address: seeds `withdrawal`, vault, owner.
#[account]
#[derive(InitSpace, Debug)]
pub struct Withdrawal {
    pub version: u8,
    pub bump: u8,
    pub vault: Pubkey,
    pub owner: Pubkey,
    /// Burned at the request, priced at the withdrawal.
    pub shares: u64,
    /// First slot of the withdrawal.
    pub available_slot: u64,
}
