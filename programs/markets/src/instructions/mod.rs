//! One instruction a file: accounts, handler, event. A folder for each topic.

mod liquidity;
mod market;
mod resolution;
mod settlement;
mod trade;
mod venue;

pub use liquidity::*;
pub use market::*;
pub use resolution::*;
pub use settlement::*;
pub use trade::*;
pub use venue::*;
