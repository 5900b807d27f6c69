//! How a market gets its result.

mod dispute_conflict;
mod dispute_resolution;
mod dispute_suspension;
mod finalize;
mod propose_from_root;
mod propose_resolution;
mod resolve_dispute;
mod set_strike;
mod void;

pub use dispute_conflict::*;
pub use dispute_resolution::*;
pub use dispute_suspension::*;
pub use finalize::*;
pub use propose_from_root::*;
pub use propose_resolution::*;
pub use resolve_dispute::*;
pub use set_strike::*;
pub use void::*;
