//! First seed of every program address, one for each account type.

pub const VENUE: &[u8] = b"venue";
pub const VENUE_TOKENS: &[u8] = b"venue-tokens";
pub const MARKET: &[u8] = b"market";
pub const MARKET_TOKENS: &[u8] = b"market-tokens";
pub const POSITION: &[u8] = b"position";
pub const PRICE_FEED: &[u8] = b"price-feed";
pub const LIQUIDITY: &[u8] = b"liquidity";
pub const DISPUTE: &[u8] = b"dispute";
