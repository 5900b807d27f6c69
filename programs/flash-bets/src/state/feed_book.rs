use anchor_lang::prelude::*;

use crate::state::Exposure;

/// What the vault has at risk on one feed, over all its markets. Address: seeds `feed`, vault, feed id.
///
/// The first market on a feed opens it, the last one to be closed closes it.
#[account]
#[derive(InitSpace, Debug)]
pub struct FeedBook {
    pub version: u8,
    pub bump: u8,
    pub vault: Pubkey,
    /// A field element, big-endian.
    pub feed_id: [u8; 32],
    /// Gets the rent on close.
    pub rent_payer: Pubkey,
    pub exposure: Exposure,
    pub reserved: [u8; 64],
}
