//! What anybody may do for flash markets and their vaults.

mod actions;
mod chain;
mod market;
mod quantum;
mod rolling;
mod vault;

#[cfg(test)]
mod tests;

pub use actions::FlashAction;
pub use chain::ChainView;
pub use market::MarketView;
pub use quantum::QuantumView;
pub use rolling::RollingView;
pub use vault::VaultView;
