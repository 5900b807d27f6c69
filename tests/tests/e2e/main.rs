//! What the programs do on a chain: one file a story.

mod flash_attacks;
mod flash_liquidity;
mod flash_markets;
mod flash_orders;
mod flash_payments;
mod flash_properties;
mod flash_roots;
mod flash_settlement;
mod flash_trades;
mod flash_vault;
mod large_roots;
mod markets_attacks;
mod markets_exits;
mod markets_invariants;
mod markets_ladder;
mod markets_liquidity;
mod markets_payments;
mod markets_properties;
mod markets_resolution;
mod markets_strikes;
mod markets_trades;
mod oracle_program;
mod program_owners;
mod real_proofs;
mod support;
