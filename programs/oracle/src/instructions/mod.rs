//! One instruction a file: accounts, handler, event.

mod accept_admin;
mod cancel_admin;
mod cancel_guardian;
mod cancel_provider_set;
mod cancel_verifying_key;
mod close_observation;
mod initialize;
mod propose_admin;
mod propose_provider_set;
mod propose_verifying_key;
mod set_guardian;
mod suspend_provider_set;
mod suspend_verifying_key;
mod verify_observation;

pub use accept_admin::*;
pub use cancel_admin::*;
pub use cancel_guardian::*;
pub use cancel_provider_set::*;
pub use cancel_verifying_key::*;
pub use close_observation::*;
pub use initialize::*;
pub use propose_admin::*;
pub use propose_provider_set::*;
pub use propose_verifying_key::*;
pub use set_guardian::*;
pub use suspend_provider_set::*;
pub use suspend_verifying_key::*;
pub use verify_observation::*;
