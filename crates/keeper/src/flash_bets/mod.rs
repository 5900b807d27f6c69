//! What anybody may do for flash markets and their vaults.

mod actions;
mod chain;
mod market;
mod vault;

#[cfg(test)]
mod tests;

pub use actions::FlashAction;
pub use chain::ChainView;
pub use market::MarketView;
pub use vault::VaultView;
