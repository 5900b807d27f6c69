//! Standard markets.

mod attacks;
mod bonds;
mod exits;
mod invariants;
mod ladder;
mod liquidity;
mod payments;
mod properties;
mod resolution;
mod strikes;
mod trades;
