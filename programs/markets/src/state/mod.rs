//! What the program keeps on chain.

mod books;
mod dispute;
mod liquidity_position;
mod market;
mod position;
mod resolution;
mod sections;
pub mod seeds;
mod terms;
mod venue;

pub use books::*;
pub use dispute::*;
pub use liquidity_position::*;
pub use market::*;
pub use position::*;
pub use resolution::*;
pub use sections::*;
pub use terms::*;
pub use venue::*;

/// Layout version that new accounts carry.
pub const VERSION: u8 = 1;

/// Most outcomes a market can have.
pub const MAX_OUTCOMES: usize = 64;

/// Most strikes of a threshold rule: one fewer than outcomes.
pub const MAX_STRIKES: usize = MAX_OUTCOMES - 1;
