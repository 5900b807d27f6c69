//! What every event starts with.

use anchor_lang::prelude::*;

use crate::KitError;

/// Which event it is, and when it happened.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventHeader {
    /// Number of the event, counted up by the account that it is about from 1 without a gap.
    pub sequence: u64,
    pub slot: u64,
    /// Unix seconds.
    pub unix_time: i64,
}

impl EventHeader {
    /// The header of the next event of an account that counts them in `sequence`.
    ///
    /// # Errors
    /// `Overflow`.
    pub fn next(sequence: &mut u64, clock: &Clock) -> core::result::Result<Self, KitError> {
        *sequence = sequence.checked_add(1).ok_or(KitError::Overflow)?;
        Ok(Self::numbered(*sequence, clock))
    }

    /// The header of the first event of an account, which the event is the creation of.
    pub fn first(clock: &Clock) -> Self {
        Self::numbered(1, clock)
    }

    fn numbered(sequence: u64, clock: &Clock) -> Self {
        Self {
            sequence,
            slot: clock.slot,
            unix_time: clock.unix_timestamp,
        }
    }
}
