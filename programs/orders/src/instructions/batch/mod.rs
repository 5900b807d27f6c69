//! Sealed orders: they are put in without their side, revealed once the price is fixed, and cross at it.
//!
//! | instruction | when | who |
//! |---|---|---|
//! | `open_batch` | 2 to 17 minutes before the commitments end, on a quarter of an hour | anybody |
//! | `seal_order` | before the commitments end | an owner |
//! | `price_batch`, twice | in the two minutes after that, 150 slots apart | anybody, for a tip |
//! | `reveal_order` | from then to five minutes after the commitments' end | who has the terms |
//! | `cross_batch` | once all are revealed, or then; or to void it | anybody, for a tip |
//! | `return_sealed_order` | after that; by its owner before the commitments end | anybody, for a tip |
//! | `close_batch` | once all orders are returned | anybody |
//!
//! The price is averaged after the last commitment and before the first order is revealed: nobody who puts an
//! order in knows it, and nobody who moves it knows the orders. Every order puts in the same, so the chain
//! tells neither side nor size before.

mod close_batch;
mod cross_batch;
mod open_batch;
mod price_batch;
mod return_sealed_order;
mod reveal_order;
mod seal_order;

pub use close_batch::*;
pub use cross_batch::*;
pub use open_batch::*;
pub use price_batch::*;
pub use return_sealed_order::*;
pub use reveal_order::*;
pub use seal_order::*;
