//! Verifying keys.

mod cancel_verifying_key;
mod propose_verifying_key;
mod take_back_verifying_key;

pub use cancel_verifying_key::*;
pub use propose_verifying_key::*;
pub use take_back_verifying_key::*;
