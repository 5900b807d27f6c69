//! What the program keeps on chain.

mod breaker;
mod correlation_group;
mod deleverage_call;
mod lending_pool;
mod levered_position;
mod listed_market;
mod loan_parameters;
mod pending_open;
mod pool_deposit;
mod pool_terms;
mod pool_withdrawal;
mod price_mark;
pub mod seeds;

pub use markets::state::MAX_OUTCOMES;

pub use breaker::*;
pub use correlation_group::*;
pub use deleverage_call::*;
pub use lending_pool::*;
pub use levered_position::*;
pub use listed_market::*;
use listed_market::{at_stake, change};
pub use loan_parameters::*;
pub use pending_open::*;
pub use pool_deposit::*;
pub use pool_terms::*;
pub use pool_withdrawal::*;
pub use price_mark::*;

/// Layout version that new accounts carry.
pub const VERSION: u8 = 1;
