//! Demos on an embedded chain, from the first trade to the last paid winner.

mod agenda;
pub mod chains;
mod error;
pub mod feed;
pub mod flash;
pub mod leverage;
pub mod markets;
mod orders;
pub mod prices;
pub mod printable;
mod proofs;
mod providers;
mod stage;
mod tables;

pub use error::DemoError;
pub use providers::HONEST;
