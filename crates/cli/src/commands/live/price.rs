//! Markets on a price.

use std::error::Error;

use anchor_lang::prelude::Pubkey;
use attestation::{format_field, Field};
use clap::Args;
use client::instructions::flash_bets::PriceTerms;
use market_core::{PriceSource, TradingHours};
use num_bigint::BigUint;
use serde_json::{json, Value};

use super::{
    mint::{Mint, Tokens},
    register::to_bytes,
};
use crate::commands::arguments::field;

const SECOND_MS: u64 = 1_000;

/// How the medians of a market on a price are taken.
#[derive(Args)]
pub struct PriceArguments {
    /// The market is on a price, this base feed: strike and close are medians of a window. It goes up or
    /// down since the opening, or with --strikes over them.
    #[arg(long, value_parser = field, conflicts_with_all = ["feed", "outcomes"])]
    pub price_feed: Option<Field>,
    /// Milliseconds from sample to sample.
    #[arg(
        long,
        value_name = "MS",
        default_value_t = 1_000,
        requires = "price_feed"
    )]
    step_ms: u32,
    /// Samples of a window, an odd number: with fewer than 31 the fee rate is 160 at least.
    #[arg(long, value_name = "N", default_value_t = 31, requires = "price_feed")]
    samples: u16,
    /// A close within this of a strike is void, units of the feed.
    #[arg(
        long,
        value_name = "UNITS",
        default_value_t = 1,
        requires = "price_feed"
    )]
    tick: u32,
    /// What the market reserves of the feed's cap, shares of one outcome [default: twice the depth].
    #[arg(long, value_name = "TOKENS", requires = "price_feed")]
    max_interest: Option<Tokens>,
}

impl PriceArguments {
    /// The terms of a market with this depth, base units; `None` if it is not on a price.
    ///
    /// # Errors
    /// If the interest is no amount.
    pub fn terms(&self, mint: &Mint, depth: u64) -> Result<Option<PriceTerms>, Box<dyn Error>> {
        if self.price_feed.is_none() {
            return Ok(None);
        }
        let max_interest = self.max_interest.as_ref();
        let max_interest = max_interest.map(|most| mint.base_units(most)).transpose()?;
        Ok(Some(PriceTerms {
            step_ms: self.step_ms,
            samples: self.samples,
            tick: self.tick,
            max_interest: max_interest.unwrap_or(depth.saturating_mul(2)),
        }))
    }

    /// The last multiple of the step that is not after `second`, unix milliseconds.
    pub fn strike_at_ms(&self, second: i64) -> u64 {
        let ms = milliseconds(second);
        ms.saturating_sub(ms.checked_rem(self.step_ms.into()).unwrap_or(0))
    }

    /// The first multiple of the step at which a window ends that begins after `second`, unix
    /// milliseconds.
    pub fn observe_at_ms(&self, second: i64) -> u64 {
        let step = u64::from(self.step_ms).max(1);
        let window = step.saturating_mul(self.samples.into());
        let earliest = milliseconds(second).saturating_add(window);
        earliest.div_ceil(step).saturating_mul(step)
    }
}

fn milliseconds(second: i64) -> u64 {
    second.max(0).unsigned_abs().saturating_mul(SECOND_MS)
}

/// What a market says of its price; null if it is not on one.
pub fn describe(price: &PriceSource, tick: u32, mint: &Mint, hours: &TradingHours) -> Value {
    if !price.is_priced() {
        return Value::Null;
    }
    let base: Field = BigUint::from_bytes_be(&price.base_feed).into();
    json!({
        "base_feed": format_field(&base),
        "step_ms": price.step_ms,
        "samples": price.samples,
        "tick": tick,
        "max_interest": mint.show(price.max_interest),
        "trading_until": hours.trading_until,
    })
}

/// A price on which markets are offered, and what it costs to move it.
#[derive(Args)]
pub struct PriceFeedArguments {
    /// The base feed, a field element.
    #[arg(long, value_parser = field)]
    feed: Field,
    /// What it costs to move the price for a second: lower at once, higher after the timelock.
    #[arg(long, value_name = "TOKENS")]
    cost_per_second: Tokens,
}

impl PriceFeedArguments {
    pub fn feed_id(&self) -> [u8; 32] {
        to_bytes(self.feed)
    }

    /// Base units.
    ///
    /// # Errors
    /// If it is no amount.
    pub fn cost_per_second(&self, mint: &Mint) -> Result<u64, Box<dyn Error>> {
        Ok(mint.base_units(&self.cost_per_second)?)
    }

    pub fn details(&self, account: &Pubkey) -> Value {
        json!({ "price_feed": account.to_string(), "feed": format_field(&self.feed) })
    }
}
