//! Liquidity of one market.

mod add_liquidity;
mod collect_liquidity_fees;
mod open_liquidity;
mod remove_liquidity;

pub use add_liquidity::*;
pub use collect_liquidity_fees::*;
pub use open_liquidity::*;
pub use remove_liquidity::*;
