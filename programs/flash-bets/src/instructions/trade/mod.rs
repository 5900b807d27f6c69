//! What traders do.

mod cancel_pending;
mod cash_out;
mod execute_bet;
mod open_ticket;
mod orders;
mod place_bet;

pub use cancel_pending::*;
pub use cash_out::*;
pub use execute_bet::*;
pub use open_ticket::*;
pub use orders::*;
pub use place_bet::*;
