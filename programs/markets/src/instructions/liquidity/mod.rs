//! Liquidity of one market.

mod add_liquidity;
mod change_liquidity;
mod close_liquidity;
mod collect_liquidity_fees;
mod lock_liquidity;
mod open_liquidity;
mod remove_liquidity;
mod transfer_liquidity;

pub use add_liquidity::*;
pub use change_liquidity::*;
pub use close_liquidity::*;
pub use collect_liquidity_fees::*;
pub use lock_liquidity::*;
pub use open_liquidity::*;
pub use remove_liquidity::*;
pub use transfer_liquidity::*;
