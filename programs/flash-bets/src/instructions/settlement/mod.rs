//! Who gets what after the result.

mod close_market;
mod release_surplus;
mod settle_tickets;

pub use close_market::*;
pub use release_surplus::*;
pub use settle_tickets::*;
