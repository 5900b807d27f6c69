//! Typed client of Strobe's programs, for tests, the command line and keepers alike: where accounts
//! are, how instructions are built, what accounts, events and errors mean.
//!
//! Each program has a module of its own name in [`addresses`] and [`instructions`], and its IDL in
//! [`errors`]. How a transaction reaches a chain is in [`transport`], and only there: to a cluster with
//! the feature `rpc`.

pub mod accounts;
pub mod addresses;
pub mod errors;
pub mod events;
pub mod instructions;
pub mod intents;
pub mod market_quotes;
pub mod medians;
pub mod quotes;
pub mod transport;

pub use errors::NamedError;
