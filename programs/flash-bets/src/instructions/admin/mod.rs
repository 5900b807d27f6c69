//! Governance.

mod cancel_operator;
mod pause;
mod set_caps;
mod set_operator;
mod unpause;

pub use cancel_operator::*;
pub use pause::*;
pub use set_caps::*;
pub use set_operator::*;
pub use unpause::*;
