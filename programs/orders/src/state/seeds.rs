//! First seed of every program address, one for each account type.

pub const DESK: &[u8] = b"desk";
pub const ORDER: &[u8] = b"order";
