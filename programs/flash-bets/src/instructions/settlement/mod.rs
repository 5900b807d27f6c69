//! Who gets what after the result. `surplus` is what a settled market has and does not owe.

mod close_market;
mod release_surplus;
mod settle_tickets;
mod surplus;

pub use close_market::*;
pub use release_surplus::*;
pub use settle_tickets::*;
pub use surplus::*;
