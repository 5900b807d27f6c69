//! Brings a deployment to a declared state.
//!
//! A [`Plan`] is read from numbered files that say what should be on the chain. Each [`Step`] of it looks
//! at the chain whether that is so, whether it can be done now, or what is in its way. [`apply`] does what
//! can be done and keeps a [`Journal`]: a transaction is written down before it is sent, so that whoever
//! is interrupted finds out what became of it, and never sends a second one while the first may land.

mod apply;
mod journal;
mod plan;
mod policy;
mod step;

pub use apply::{apply, status, ApplyError, Keys, Report, Standing};
pub use journal::{Journal, JournalError};
pub use plan::{Addresses, Migration, Plan, PlanError};
pub use policy::Objection;
pub use step::{
    ended, provider_set_differences, verifying_key_differences, Authority, Look, Parties, Step,
};
