//! Flash bets.

mod attacks;
mod chain_events;
mod chain_operations;
mod chains;
mod events;
mod held;
mod liquidity;
mod markets;
mod orders;
mod pauses;
mod payments;
mod prices;
mod properties;
mod quantum;
mod quantum_events;
mod receipts;
mod roles;
mod rolling;
mod rolling_events;
mod rolling_operations;
mod roots;
mod settlement;
mod trades;
mod vault;
mod verse_events;
mod verses;
