//! First seed of every program address, one for each account type.

use anchor_lang::prelude::*;
use program_kit::new_account::bump_of;

use crate::error::FlashError;

pub const VAULT: &[u8] = b"vault";
pub const VAULT_TOKENS: &[u8] = b"vault-tokens";
pub const LP_MINT: &[u8] = b"lp";
pub const DEPOSIT: &[u8] = b"deposit";
pub const WITHDRAWAL: &[u8] = b"withdrawal";
pub const EVENT_BOOK: &[u8] = b"event";
pub const VERSE: &[u8] = b"verse";
pub const FEED_BOOK: &[u8] = b"feed";
pub const PRICE_FEED: &[u8] = b"price-feed";
pub const OPERATOR_FEES: &[u8] = b"operator-fees";
pub const MARKET: &[u8] = b"flash";
pub const MARKET_TOKENS: &[u8] = b"market-tokens";
pub const TICKET: &[u8] = b"ticket";
pub const PENDING_ORDER: &[u8] = b"pending";
pub const QUANTUM_GROUP: &[u8] = b"quantum";
pub const QUANTUM_TICKET: &[u8] = b"quantum-ticket";
pub const CHAIN_BOOK: &[u8] = b"chain-book";
pub const CHAIN: &[u8] = b"chain";
pub const ROLLING_CHAIN: &[u8] = b"rolling";

/// The bump under which an account is at the address of `seeds`, for less than Anchor's constraint
/// costs.
///
/// # Errors
/// [`FlashError::WrongAccount`] if it is at another one.
pub fn require_bump(
    account: &AccountInfo,
    seeds: &[&[u8]],
) -> core::result::Result<u8, FlashError> {
    bump_of(account.key, seeds, &crate::ID).ok_or(FlashError::WrongAccount)
}
