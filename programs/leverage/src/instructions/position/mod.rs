//! From the request of a position to its end by its owner. `closing` is shared by those that sell for
//! the owner.

mod add_margin;
mod cancel_open;
mod close;
mod close_position;
mod closing;
mod execute_open;
mod reduce;
mod repay;
mod request_open;
mod withdraw_claim;

pub use add_margin::*;
pub use cancel_open::*;
pub use close::*;
pub use close_position::*;
pub use closing::*;
pub use execute_open::*;
pub use reduce::*;
pub use repay::*;
pub use request_open::*;
pub use withdraw_claim::*;
