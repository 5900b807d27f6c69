//! Markets that a pool lends on.

mod delist;
mod list_market;

pub use delist::*;
pub use list_market::*;
