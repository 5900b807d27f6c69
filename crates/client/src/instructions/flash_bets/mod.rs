//! Instructions of the flash bets.

mod admin;
mod market;
mod resolution;
mod settlement;
mod trade;
mod vault;

pub use admin::*;
pub use flash_bets::instructions::{
    CashOutArgs, CreateVaultArgs, FlashBuySharesArgs, FlashCurve, FlashMarketTerms, PlaceBetArgs,
    RequestDepositArgs, RequestWithdrawArgs, ResolveFromRootArgs, VaultChange, VaultTerm,
};
pub use flash_bets::state::{Caps, FeeSplit, Order};
pub use market::*;
pub use market_core::{PriceTerms, RuleTerms};
pub use resolution::*;
pub use settlement::*;
pub use trade::*;
pub use vault::*;
