//! The vault and its liquidity providers.

mod cancel_deposit;
mod collect_fees;
mod create_vault;
mod deposits;
mod execute_deposit;
mod request_deposit;
mod request_withdraw;
mod withdraw;

pub use cancel_deposit::*;
pub use collect_fees::*;
pub use create_vault::*;
pub use deposits::*;
pub use execute_deposit::*;
pub use request_deposit::*;
pub use request_withdraw::*;
pub use withdraw::*;
