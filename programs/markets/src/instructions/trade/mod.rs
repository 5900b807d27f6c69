//! What traders do.

mod buy;
mod merge;
mod open_position;
mod sell;
mod split;

pub use buy::*;
pub use merge::*;
pub use open_position::*;
pub use sell::*;
pub use split::*;
