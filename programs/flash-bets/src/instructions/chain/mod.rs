//! Prepaid chains: a stake on several legs at odds locked when it opens, its whole payout reserved in the
//! vault. `legs` reads the accounts of legs, `offer` prices them, `endings` takes legs and chains off the
//! books.

mod cancel_chain;
mod close_chain;
mod close_chain_book;
mod create_chain_book;
mod endings;
mod execute_cash_out;
mod execute_chain;
mod legs;
mod offer;
mod request_cash_out;
mod request_chain;
mod settle_legs;

pub use cancel_chain::*;
pub use close_chain::*;
pub use close_chain_book::*;
pub use create_chain_book::*;
pub use endings::ChainReturned;
pub use execute_cash_out::*;
pub use execute_chain::*;
pub use offer::ChainOdds;
pub use request_cash_out::*;
pub use request_chain::*;
pub use settle_legs::*;
