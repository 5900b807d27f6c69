//! What traders do.

mod buy;
mod close_position;
mod merge;
mod open_position;
mod quote;
mod sell;
mod split;
mod transfer_shares;

pub use buy::*;
pub use close_position::*;
pub use merge::*;
pub use open_position::*;
pub use quote::*;
pub use sell::*;
pub use split::*;
pub use transfer_shares::*;
