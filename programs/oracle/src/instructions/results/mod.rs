//! Roots of many results.

mod close_result_root;
mod record_result;
mod report_result_conflict;
mod verify_result_root;

pub use close_result_root::*;
pub use record_result::*;
pub use report_result_conflict::*;
pub use verify_result_root::*;
