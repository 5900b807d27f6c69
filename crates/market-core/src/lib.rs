//! What every market has, whichever program holds it. No chain is needed for any of it: programs,
//! clients and keepers call the same functions.
//!
//! | section | what it knows |
//! |---|---|
//! | [`hours`] | when a market trades, and when its observations may be |
//! | [`halts`] | when trading was paused or suspended, so that prices have no weight |
//! | [`rule`] | what an observed value means |
//! | [`price`] | markets on a price: medians of a window, and the cap of what is at stake on it |
//! | [`evidence`] | whose observation a market waits for, and what one says about it |
//! | [`pool`] | the curve's money and shares, and every trade |
//! | [`settlement`] | the status, what a share pays, and what is still owed |
//! | [`holdings`] | the shares of one owner |
//!
//! A program embeds the sections in its accounts. Those of a size that the program chooses, or with
//! addresses in them, are made by a macro, so that the program's IDL has a plain struct of its own:
//! see [`sections`].

#![cfg_attr(not(feature = "idl-build"), no_std)]
#![deny(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::integer_division,
    clippy::unwrap_used
)]
#![cfg_attr(
    test,
    allow(
        clippy::arithmetic_side_effects,
        clippy::indexing_slicing,
        clippy::integer_division,
        clippy::unwrap_used,
        reason = "tests fail by panicking, and read better with plain operators"
    )
)]

extern crate alloc;

pub mod amount_list;
pub mod amounts;
pub mod error;
pub mod evidence;
pub mod halts;
pub mod holdings;
pub mod hours;
pub mod pool;
pub mod price;
pub mod rule;
pub mod sections;
pub mod settlement;

#[doc(hidden)]
pub use bytemuck;
#[doc(hidden)]
pub use math;
pub use math::{BasisPoints, Money, Price, Shares};

pub use amounts::{difference, sum};
pub use error::CoreError;
pub use evidence::{Evidence, Observed, Observers, Status};
pub use halts::{Halt, Now, Pauses};
pub use holdings::{Held, Holdings};
pub use hours::{Moment, TradingHours};
pub use pool::{weighted_prices, Fill, Memory, Order, PoolState, TradeReceipt};
pub use price::{median_feed_id, PriceSource, PriceTerms, PriceWindow, PricedMarket};
pub use rule::{Meaning, Rule, RuleKind, RuleTerms};
pub use settlement::{MarketStatus, Settlement, NO_OUTCOME};

/// Bytes of an account's address.
pub type Key = [u8; 32];
