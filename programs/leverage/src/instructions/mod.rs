//! One instruction a file: accounts, handler, event. A folder for each topic; `ledger` is shared by
//! all that change debts, `trading` by all that buy or sell shares.

mod governance;
mod ledger;
mod liquidation;
mod listing;
mod pool;
mod position;
mod settlement;
mod trading;

pub use governance::*;
pub use liquidation::*;
pub use listing::*;
pub use pool::*;
pub use position::*;
pub use settlement::*;
