//! Standard markets.

mod attacks;
mod bonds;
mod events;
mod exits;
mod invariants;
mod ladder;
mod liquidity;
mod pauses;
mod payments;
mod prices;
mod properties;
mod providers;
mod resolution;
mod roles;
mod shares;
mod slow_prices;
mod strikes;
mod suspensions;
mod terms;
mod trades;
mod vesting;
mod wrapped_sol;
