//! Governance.

mod accept_admin;
mod cancel_admin;
mod cancel_guardian;
mod initialize;
mod propose_admin;
mod set_guardian;

pub use accept_admin::*;
pub use cancel_admin::*;
pub use cancel_guardian::*;
pub use initialize::*;
pub use propose_admin::*;
pub use set_guardian::*;
