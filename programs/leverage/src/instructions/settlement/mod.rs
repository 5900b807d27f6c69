//! After a market's end.

mod settle_market;
mod settle_position;

pub use settle_market::*;
pub use settle_position::*;
