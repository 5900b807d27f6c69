//! Positions that owe more than they may. `forced_sales` and `lasting` are shared by all that sell for the
//! lenders.

mod force_deleverage;
mod forced_sales;
mod lasting;
mod liquidate;
mod monitor_health;

pub use force_deleverage::*;
pub use forced_sales::*;
pub use lasting::*;
pub use liquidate::*;
pub use monitor_health::*;
