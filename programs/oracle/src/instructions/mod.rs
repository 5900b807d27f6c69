//! One instruction a file: accounts, handler, event. A folder for each topic.

mod admin;
mod keys;
mod observations;
mod providers;
mod published;
mod results;

pub use admin::*;
pub use keys::*;
pub use observations::*;
pub use providers::*;
pub use published::*;
pub use results::*;
