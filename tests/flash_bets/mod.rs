//! Flash bets.

mod attacks;
mod events;
mod liquidity;
mod markets;
mod orders;
mod pauses;
mod payments;
mod prices;
mod properties;
mod roles;
mod roots;
mod settlement;
mod trades;
mod vault;
