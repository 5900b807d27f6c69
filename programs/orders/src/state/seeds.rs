//! First seed of every program address, one for each account type.

use anchor_lang::prelude::Pubkey;

pub const DESK: &[u8] = b"desk";
pub const ORDER: &[u8] = b"order";
pub const BATCH: &[u8] = b"batch";
pub const SEALED_ORDER: &[u8] = b"sealed";

/// With what the desk of a market signs.
pub fn of_desk<'a>(market: &'a Pubkey, bump: &'a [u8; 1]) -> [&'a [u8]; 3] {
    [DESK, market.as_ref(), bump]
}
