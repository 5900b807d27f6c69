//! What anybody may do for loans against shares.

mod actions;
mod listing;
mod pool;
#[cfg(test)]
mod tests;

pub use actions::LoanAction;
pub use listing::ListingView;
pub use pool::PoolView;
