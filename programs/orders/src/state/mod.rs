//! What the program keeps on chain.

mod batch;
mod crossing;
mod desk;
mod desk_order;
mod market;
mod sealed_order;
pub mod seeds;
mod slice;
mod trigger;

pub use batch::*;
pub use crossing::*;
pub use desk::*;
pub use desk_order::*;
pub use market::*;
pub use sealed_order::*;
pub use slice::*;
pub use trigger::*;

/// Layout version that new accounts carry.
pub const VERSION: u8 = 1;
