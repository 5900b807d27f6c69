//! The day of a match on an embedded chain, with a standard market of each kind: liquidity providers
//! come and go, traders trade, orders are filled by others, results are proposed on proofs, one is disputed and one stays away,
//! everybody is paid and everything is closed.

mod engine;
mod orders;
mod report;
mod script;
mod traders;
mod venue;

pub use engine::{run, Settings};
