//! Instructions of the flash bets.

mod admin;
mod chain;
mod market;
mod quantum;
mod resolution;
mod rolling;
mod settlement;
mod trade;
mod vault;
mod verse;

pub use admin::*;
pub use chain::*;
pub use flash_bets::instructions::{
    CashOutArgs, ChainOdds, CreateVaultArgs, FlashBuySharesArgs, FlashCurve, FlashMarketTerms,
    OpenRollingArgs, PlaceBetArgs, QuantumTerms, RequestCashOutArgs, RequestChainArgs,
    RequestDepositArgs, RequestWithdrawArgs, ResolveFromRootArgs, RollingStep, StepKind,
    VaultChange, VaultTerm,
};
pub use flash_bets::state::{Caps, ChainTerms, FeeSplit, Order};
pub use market::*;
pub use market_core::{PriceTerms, RuleTerms};
pub use quantum::*;
pub use resolution::*;
pub use rolling::*;
pub use settlement::*;
pub use trade::*;
pub use vault::*;
pub use verse::*;
