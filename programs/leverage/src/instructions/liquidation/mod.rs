//! Positions that owe more than they may. `forced_sales` and `standing` are shared by all that sell for the
//! lenders.

mod call_deleverage;
mod deleverage_pro_rata;
mod force_deleverage;
mod forced_sales;
mod liquidate;
mod monitor_health;
mod standing;

pub use call_deleverage::*;
pub use deleverage_pro_rata::*;
pub use force_deleverage::*;
pub use forced_sales::*;
pub use liquidate::*;
pub use monitor_health::*;
pub use standing::*;
