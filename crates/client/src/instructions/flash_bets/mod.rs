//! Instructions of the flash bets.

mod admin;
mod market;
mod resolution;
mod settlement;
mod trade;
mod vault;

pub use admin::*;
pub use flash_bets::instructions::CashOutArgs;
pub use flash_bets::instructions::CreateMarketArgs;
pub use flash_bets::instructions::CreateVaultArgs;
pub use flash_bets::instructions::Curve;
pub use flash_bets::instructions::FeeShare;
pub use flash_bets::instructions::PlaceBetArgs;
pub use flash_bets::instructions::RequestDepositArgs;
pub use flash_bets::instructions::ResolveFromRootArgs;
pub use flash_bets::instructions::Rule;
pub use flash_bets::state::Caps;
pub use flash_bets::state::FeeSplit;
pub use market::*;
pub use resolution::*;
pub use settlement::*;
pub use trade::*;
pub use vault::*;
