//! Instructions of the standard markets.

mod liquidity;
mod market;
mod resolution;
mod settlement;
mod trade;
mod venue;

pub use liquidity::*;
pub use market::*;
pub use market_core::PriceTerms;
pub use market_core::RuleTerms;
pub use market_core::TradeReceipt;
pub use markets::instructions::AddLiquidityArgs;
pub use markets::instructions::BuyArgs;
pub use markets::instructions::BuySharesArgs;
pub use markets::instructions::CreateMarketArgs;
pub use markets::instructions::CreateVenueArgs;
pub use markets::instructions::Curve;
pub use markets::instructions::DisputeArgs;
pub use markets::instructions::MarketTerms;
pub use markets::instructions::ProposeFromRootArgs;
pub use markets::instructions::RemoveLiquidityArgs;
pub use markets::instructions::SellArgs;
pub use markets::instructions::TradeOrder;
pub use markets::state::Terms;
pub use resolution::*;
pub use settlement::*;
pub use trade::*;
pub use venue::*;
