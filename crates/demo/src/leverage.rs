//! A day of BTC/USD on an embedded chain: a standard market on whether the price ends above where it began,
//! a pool with two lenders, and five traders who borrow from it; a keeper does what anybody may do.

mod engine;
mod prices;
mod report;
mod traders;

pub use engine::{run, Settings};
