//! How a market gets its result.

mod resolve;
mod resolve_from_root;
mod set_strike;
mod void;

pub use resolve::*;
pub use resolve_from_root::*;
pub use set_strike::*;
pub use void::*;
