//! First seed of every program address, one for each account type.

use anchor_lang::prelude::Pubkey;

pub const POOL: &[u8] = b"pool";
pub const POOL_TOKENS: &[u8] = b"pool-tokens";
pub const GROUP: &[u8] = b"group";
pub const DEPOSIT: &[u8] = b"deposit";
pub const WITHDRAWAL: &[u8] = b"withdrawal";
pub const LISTING: &[u8] = b"listing";
pub const PENDING_OPEN: &[u8] = b"pending";
pub const LEVERED_POSITION: &[u8] = b"levered";

/// With what the listing of a market signs.
pub fn of_listing<'a>(pool: &'a Pubkey, market: &'a Pubkey, bump: &'a [u8; 1]) -> [&'a [u8]; 4] {
    [LISTING, pool.as_ref(), market.as_ref(), bump]
}
