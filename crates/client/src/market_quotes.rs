//! [`crate::quotes`] of standard markets, with those that only they have.

use anchor_lang::{prelude::Clock, Result};
use markets::{
    error::MarketError,
    state::{Market, MAX_OUTCOMES},
};
use math::{LiquidityAdded, Money, Shares};

pub use crate::quotes::{buy, prices, sell};
use crate::quotes::{quote, Quote};

/// Buys `shares` of `outcome` at `clock`. The buyer pays the trade's cost and its fee.
///
/// # Errors
/// Those of the program's `buy_shares`.
pub fn buy_shares(market: &Market, clock: &Clock, outcome: u8, shares: Shares) -> Result<Quote> {
    quote(market, clock, |copy| {
        copy.buy_shares(clock, outcome, shares, Money(u64::MAX))
            .map(|(trade, _)| trade)
    })
}

/// Adds `amount` base units of liquidity at `clock`: what the provider gets, from which to set the
/// bounds of the instruction.
///
/// # Errors
/// Those of the program's `add_liquidity`.
pub fn add_liquidity(
    market: &Market,
    clock: &Clock,
    amount: Money,
) -> Result<LiquidityAdded<MAX_OUTCOMES>> {
    market.require_trading(clock)?;
    let mut copy = *market;
    copy.observe(clock)?;
    let supply = Shares(copy.liquidity_supply);
    let added = copy.pool.pool_mut().add_liquidity(amount, supply);
    Ok(added.map_err(MarketError::from)?)
}
