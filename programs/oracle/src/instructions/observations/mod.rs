//! Observations and the proofs that make them.

mod close_observation;
mod report_conflict;
mod verify_observation;
mod verify_observations;

pub use close_observation::*;
pub use report_conflict::*;
pub use verify_observation::*;
pub use verify_observations::*;
