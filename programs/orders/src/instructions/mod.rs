//! One instruction a file: accounts, handler, event. A folder for each topic.

mod batch;
mod desk;
mod handover;
mod order;
mod trading;

pub use batch::*;
pub use desk::*;
pub use order::*;
