//! Governance.

mod cancel_change;
mod govern;
mod pause;
mod price_feeds;
mod propose_change;
mod unpause;

pub use cancel_change::*;
pub use govern::*;
pub use pause::*;
pub use price_feeds::*;
pub use propose_change::*;
pub use unpause::*;
