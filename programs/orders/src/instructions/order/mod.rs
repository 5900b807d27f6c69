//! From placing an order to its return.

mod book_slice;
mod cancel_order;
mod fill_order;
mod match_orders;
mod place_order;
mod place_slice;
mod return_order;
mod terms;
mod watch_order;

pub use book_slice::*;
pub use cancel_order::*;
pub use fill_order::*;
pub use match_orders::*;
pub use place_order::*;
pub use place_slice::*;
pub use return_order::*;
pub use terms::*;
pub use watch_order::*;
