use anchor_lang::prelude::*;

/// Whether an observation may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum ObservationStatus {
    Valid = 1,
}

/// What a proof showed. Address: seeds `obs`, provider set, verifying key, feed id, time.
///
/// The verifying key is part of the address so that an observation under another key cannot take
/// the place of the one that a market waits for.
#[account(zero_copy)]
#[derive(Debug)]
#[repr(C)]
pub struct Observation {
    pub version: u8,
    pub bump: u8,
    /// An [`ObservationStatus`].
    pub status: u8,
    pub padding: [u8; 5],
    pub provider_set: Pubkey,
    pub verifying_key: Pubkey,
    /// A field element, big-endian.
    pub feed_id: [u8; 32],
    /// `T`, unix time in milliseconds: every signature counted is of the first value at or after it.
    pub time: u64,
    pub value: i64,
    pub verified_slot: u64,
    /// Unix seconds.
    pub verified_at: i64,
    /// Gets the rent on close.
    pub rent_payer: Pubkey,
    pub reserved: [u8; 32],
}

const _: () = assert!(core::mem::size_of::<Observation>() == 200);
