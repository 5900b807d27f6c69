//! Accounts of the standard markets.

mod dispute;
mod liquidity_position;
mod market;
mod pool;
mod position;
pub mod seeds;
mod venue;

pub use dispute::*;
pub use liquidity_position::*;
pub use market::*;
pub use pool::*;
pub use position::*;
pub use venue::*;

/// Layout version that new accounts carry.
pub const VERSION: u8 = 1;

/// Most outcomes a market can have: the bins of a scalar question on an L2 curve.
pub const MAX_OUTCOMES: usize = 64;

/// Most strikes of a threshold rule: one fewer than outcomes of an LMSR.
pub const MAX_STRIKES: usize = 31;
