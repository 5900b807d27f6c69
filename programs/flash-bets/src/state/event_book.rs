use anchor_lang::prelude::*;

use crate::state::Exposure;

/// What the vault has at risk on one event, over all its markets. Address: seeds `event`, vault, id.
#[account]
#[derive(InitSpace, Debug)]
pub struct EventBook {
    pub version: u8,
    pub bump: u8,
    pub id: u64,
    pub vault: Pubkey,
    /// Gets the rent on close.
    pub rent_payer: Pubkey,
    pub exposure: Exposure,
    /// Since when it has had no market; unix seconds.
    pub idle_since: i64,
    /// What the event depends on that others depend on too; 0 for nothing. No chain has legs on two events of
    /// one group.
    pub correlation_group: u64,
    /// The verse that it belongs to, for good; the default address if none.
    pub verse: Pubkey,
    pub reserved: [u8; 24],
}
