//! Accounts of the flash bets.

mod chain;
mod chain_book;
mod daily_loss;
mod deposit;
mod event_book;
mod exposure;
mod feed_book;
mod market;
mod operator_fees;
mod pending_order;
mod quantum_group;
mod quantum_ticket;
mod rolling_chain;
pub mod seeds;
mod ticket;
mod vault;
mod verse;
mod withdrawal;

pub use chain::*;
pub use chain_book::*;
pub use daily_loss::*;
pub use deposit::*;
pub use event_book::*;
pub use exposure::*;
pub use feed_book::*;
pub use market::*;
pub use operator_fees::*;
pub use pending_order::*;
pub use quantum_group::*;
pub use quantum_ticket::*;
pub use rolling_chain::*;
pub use ticket::*;
pub use vault::*;
pub use verse::*;
pub use withdrawal::*;

/// Layout version that new accounts carry.
pub const VERSION: u8 = 1;

/// Most outcomes a flash market can have.
pub const MAX_OUTCOMES: usize = 10;

/// Most strikes of its rule.
pub const MAX_STRIKES: usize = MAX_OUTCOMES - 1;
