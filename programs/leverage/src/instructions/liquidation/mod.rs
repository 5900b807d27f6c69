//! Positions that owe more than they may. `forced_sales` and `due` are shared by all that sell for the
//! lenders.

mod call_deleverage;
mod deleverage_pro_rata;
mod due;
mod force_deleverage;
mod forced_sales;
mod liquidate;
mod monitor_health;

pub use call_deleverage::*;
pub use deleverage_pro_rata::*;
pub use due::*;
pub use force_deleverage::*;
pub use forced_sales::*;
pub use liquidate::*;
pub use monitor_health::*;
