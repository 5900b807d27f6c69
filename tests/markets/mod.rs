//! Standard markets.

mod attacks;
mod exits;
mod invariants;
mod ladder;
mod liquidity;
mod payments;
mod properties;
mod resolution;
mod strikes;
mod trades;
