//! Accounts of the flash bets.

mod deposit;
mod event;
mod market;
mod pending_bet;
mod pool;
pub mod seeds;
mod ticket;
mod vault;
mod withdrawal;

pub use deposit::*;
pub use event::*;
pub use market::*;
pub use pending_bet::*;
pub use pool::*;
pub use ticket::*;
pub use vault::*;
pub use withdrawal::*;

/// Layout version that new accounts carry.
pub const VERSION: u8 = 1;

/// Most outcomes a flash market can have.
pub const MAX_OUTCOMES: usize = 10;
