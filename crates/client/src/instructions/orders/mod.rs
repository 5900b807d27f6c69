//! Instructions of the orders.

mod desk;
mod order;

pub use desk::*;
pub use order::*;
pub use orders::instructions::{OrderPlan, OrderTerms};
pub use orders::state::{OrderSide, TriggerTerms};
