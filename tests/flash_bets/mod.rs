//! Flash bets.

mod attacks;
mod liquidity;
mod markets;
mod orders;
mod payments;
mod properties;
mod roles;
mod roots;
mod settlement;
mod trades;
mod vault;
