//! One instruction a file: accounts, handler, event. A folder for each topic.

mod admin;
mod chain;
mod market;
mod quantum;
mod resolution;
mod rolling;
mod settlement;
mod trade;
mod vault;
mod verse;

pub use admin::*;
pub use chain::*;
pub use market::*;
pub use quantum::*;
pub use resolution::*;
pub use rolling::*;
pub use settlement::*;
pub use trade::*;
pub use vault::*;
pub use verse::*;
