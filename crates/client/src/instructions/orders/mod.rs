//! Instructions of the orders.

mod batch;
mod desk;
mod order;

pub use batch::*;
pub use desk::*;
pub use order::*;
pub use orders::instructions::{OrderPlan, OrderTerms};
pub use orders::state::{OrderSide, SealedTerms, TriggerTerms};
