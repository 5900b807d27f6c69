//! Provider sets.

mod cancel_provider_set;
mod propose_provider_set;
mod retire_provider_set;
mod suspend_provider_set;

pub use cancel_provider_set::*;
pub use propose_provider_set::*;
pub use retire_provider_set::*;
pub use suspend_provider_set::*;
