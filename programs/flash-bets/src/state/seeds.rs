//! First seed of every program address, one for each account type.

pub const VAULT: &[u8] = b"vault";
pub const VAULT_TOKENS: &[u8] = b"vault-tokens";
pub const LP_MINT: &[u8] = b"lp";
pub const DEPOSIT: &[u8] = b"deposit";
pub const WITHDRAWAL: &[u8] = b"withdrawal";
pub const EVENT_BOOK: &[u8] = b"event";
pub const FEED_BOOK: &[u8] = b"feed";
pub const OPERATOR_FEES: &[u8] = b"operator-fees";
pub const MARKET: &[u8] = b"flash";
pub const MARKET_TOKENS: &[u8] = b"market-tokens";
pub const TICKET: &[u8] = b"ticket";
pub const PENDING_ORDER: &[u8] = b"pending";
