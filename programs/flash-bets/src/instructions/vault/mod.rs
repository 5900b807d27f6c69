//! A vault and its liquidity. `deposits` and `lp_tokens` are shared by those that end a deposit, or
//! give LP tokens out.

mod cancel_deposit;
mod cancel_withdraw;
mod close_operator_fees;
mod close_vault;
mod collect_fees;
mod create_vault;
mod deposits;
mod execute_deposit;
mod lapse_withdraw;
mod lp_tokens;
mod request_deposit;
mod request_withdraw;
mod withdraw;

pub use cancel_deposit::*;
pub use cancel_withdraw::*;
pub use close_operator_fees::*;
pub use close_vault::*;
pub use collect_fees::*;
pub use create_vault::*;
pub use deposits::*;
pub use execute_deposit::*;
pub use lapse_withdraw::*;
pub use lp_tokens::WithdrawalReturned;
pub use request_deposit::*;
pub use request_withdraw::*;
pub use withdraw::*;
