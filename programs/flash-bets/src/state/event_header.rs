use anchor_lang::prelude::*;

/// What every event starts with: its place in the order of its market or vault, and when it was.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventHeader {
    /// Number of the event, of its market or, where it is of none, of its vault; from 1 without gaps.
    pub sequence: u64,
    pub slot: u64,
    /// Unix seconds.
    pub unix_time: i64,
}

impl EventHeader {
    pub fn new(sequence: u64, clock: &Clock) -> Self {
        Self {
            sequence,
            slot: clock.slot,
            unix_time: clock.unix_timestamp,
        }
    }
}
