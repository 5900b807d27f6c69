//! Bets, sales and the orders that wait. `purchases` is shared by all that buy, `orders` by all that
//! queue an order or end one.

mod buy_shares;
mod cash_out;
mod close_receipt;
mod execute_orders;
mod hold_ticket;
mod keep_receipt;
mod open_ticket;
mod open_ticket_and_bet;
mod orders;
mod place_bet;
mod purchases;
mod quote;
mod transfer_shares;

pub use buy_shares::*;
pub use cash_out::*;
pub use close_receipt::*;
pub use execute_orders::*;
pub use hold_ticket::*;
pub use keep_receipt::*;
pub use open_ticket::*;
pub use open_ticket_and_bet::*;
pub use orders::*;
pub use place_bet::*;
pub use purchases::*;
pub use quote::*;
pub use transfer_shares::*;
