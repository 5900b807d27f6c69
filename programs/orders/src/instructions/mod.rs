//! One instruction a file: accounts, handler, event. A folder for each topic.

mod desk;
mod order;

pub use desk::*;
pub use order::*;
