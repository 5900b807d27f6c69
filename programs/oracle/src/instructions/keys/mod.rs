//! Verifying keys.

mod cancel_verifying_key;
mod propose_verifying_key;
mod retire_verifying_key;
mod suspend_verifying_key;

pub use cancel_verifying_key::*;
pub use propose_verifying_key::*;
pub use retire_verifying_key::*;
pub use suspend_verifying_key::*;
