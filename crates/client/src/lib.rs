#![doc = include_str!("../README.md")]
//!
//! # Modules
//!
//! Each program has a module of its own name in [`addresses`] and [`instructions`], and its IDL in
//! [`errors`]. What a bettor wants is in [`intents`]. How a transaction reaches a chain is in [`transport`],
//! and only there.

pub mod accounts;
pub mod addresses;
pub mod chain_quotes;
pub mod errors;
pub mod events;
pub mod instructions;
pub mod intents;
pub mod lookup_tables;
pub mod market_quotes;
pub mod medians;
pub mod quotes;
pub mod transport;

pub use errors::NamedError;
pub use {flash_bets, markets, oracle, orders};
