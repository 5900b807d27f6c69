//! Accounts of the oracle.

mod config;
mod observation;
mod provider_set;
mod result_root;
pub mod seeds;
mod standing;
mod verifying_key;

pub use config::*;
pub use observation::*;
pub use provider_set::*;
pub use result_root::*;
pub use standing::*;
pub use verifying_key::*;

/// Layout version that new accounts carry.
pub const VERSION: u8 = 1;

/// Number of the event of an account's creation.
pub const FIRST_EVENT: u64 = 1;
