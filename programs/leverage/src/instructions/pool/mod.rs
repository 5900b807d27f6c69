//! A pool and its lenders. `deposits` is shared by those that end a deposit.

mod cancel_deposit;
mod cancel_withdraw;
mod close_group;
mod close_pool;
mod create_group;
mod create_pool;
mod deposits;
mod execute_deposit;
mod execute_withdraw;
mod request_deposit;
mod request_withdraw;

pub use cancel_deposit::*;
pub use cancel_withdraw::*;
pub use close_group::*;
pub use close_pool::*;
pub use create_group::*;
pub use create_pool::*;
pub use deposits::*;
pub use execute_deposit::*;
pub use execute_withdraw::*;
pub use request_deposit::*;
pub use request_withdraw::*;
