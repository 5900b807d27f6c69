//! What all orders of a market share.

mod close_desk;
mod observe_prices;
mod open_desk;
mod settle_desk;

pub use close_desk::*;
pub use observe_prices::*;
pub use open_desk::*;
pub use settle_desk::*;
