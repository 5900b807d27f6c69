//! Instructions of the oracle.

mod admin;
mod keys;
mod observations;
mod providers;
mod results;

pub use admin::*;
pub use keys::*;
pub use observations::*;
pub use oracle::instructions::InitializeArgs;
pub use oracle::instructions::ProposeProviderSetArgs;
pub use oracle::instructions::ProposeVerifyingKeyArgs;
pub use oracle::instructions::RecordResultArgs;
pub use oracle::instructions::ReportConflictArgs;
pub use oracle::instructions::ReportResultConflictArgs;
pub use oracle::instructions::VerifyObservationArgs;
pub use oracle::instructions::VerifyResultRootArgs;
pub use providers::*;
pub use results::*;
