//! A match replayed on an embedded chain: markets open as it goes on, bettors bet, providers report,
//! proofs are verified on the chain, winners are paid and everything is closed.

mod bettors;
mod engine;
pub(crate) mod house;
mod report;
mod script;

pub use engine::{run, Settings};
