//! Provider sets.

mod cancel_provider_set;
mod propose_provider_set;
mod take_back_provider_set;

pub use cancel_provider_set::*;
pub use propose_provider_set::*;
pub use take_back_provider_set::*;
