use anchor_lang::prelude::*;
use program_kit::EventHeader;
use result_tree::{includes, FeedResult};

use crate::error::OracleError;

/// The root of a tree of results, as a proof showed it. Address: seeds `root`, provider set,
/// verifying key, root.
///
/// It has no status: what conflicts is a feed at a time, which has an observation to say so.
#[account(zero_copy)]
#[derive(Debug)]
#[repr(C)]
pub struct ResultRoot {
    pub version: u8,
    pub bump: u8,
    pub padding: [u8; 2],
    /// Number of leaves, which the root binds.
    pub leaves: u32,
    pub provider_set: Pubkey,
    pub verifying_key: Pubkey,
    /// Domain in the leaves: the provider set's.
    pub domain: [u8; 32],
    /// The top node, which the root binds.
    pub top: [u8; 32],
    /// Feed on which the providers publish roots, a field element, big-endian.
    pub feed_id: [u8; 32],
    /// Time that the root was signed for, unix milliseconds. The leaves have times of their own.
    pub observe_at_ms: u64,
    pub verified_slot: u64,
    /// Unix seconds.
    pub verified_at: i64,
    /// Gets the rent on close.
    pub rent_payer: Pubkey,
    /// Number of the last event.
    pub sequence: u64,
    pub reserved: [u8; 64],
}

const _: () = assert!(core::mem::size_of::<ResultRoot>() == 296);

impl ResultRoot {
    /// The header of the account's next event.
    ///
    /// # Errors
    /// [`OracleError::Overflow`].
    pub fn next_event(&mut self, clock: &Clock) -> Result<EventHeader> {
        Ok(EventHeader::next(&mut self.sequence, clock).map_err(OracleError::from)?)
    }

    /// Whether the tree has this result as leaf `index`, with `path` from the leaf to the top.
    ///
    /// # Errors
    /// [`OracleError::NotInRoot`].
    pub fn require_result(&self, result: &FeedResult, index: u32, path: &[u8]) -> Result<()> {
        let leaf = result.leaf(&self.domain);
        require!(
            includes(&self.top, self.leaves, leaf, index, path),
            OracleError::NotInRoot
        );
        Ok(())
    }
}
