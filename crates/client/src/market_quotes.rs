//! What a trade in a standard market would do now: the program's own computation on a copy of its
//! account, so that a quote is what the chain charges in the same slot.

use anchor_lang::prelude::Clock;
use markets::{
    error::MarketError,
    state::{Market, MAX_OUTCOMES},
};
use math::{LiquidityAdded, Money, Price, Shares, Trade};

use crate::quotes::{quote_on_copy, spot_prices, Quote};

/// Buys `outcome` for `stake` base units, fee included, at `clock`.
///
/// # Errors
/// Those of the program's `buy`.
pub fn buy(
    market: &Market,
    clock: &Clock,
    outcome: u8,
    stake: Money,
) -> anchor_lang::Result<Quote> {
    quote(market, clock, |copy| {
        copy.buy(clock, outcome, stake, Shares::ZERO)
    })
}

/// Buys `shares` of `outcome` at `clock`. The buyer pays the trade's cost and its fee.
///
/// # Errors
/// Those of the program's `buy_shares`.
pub fn buy_shares(
    market: &Market,
    clock: &Clock,
    outcome: u8,
    shares: Shares,
) -> anchor_lang::Result<Quote> {
    quote(market, clock, |copy| {
        copy.buy_shares(clock, outcome, shares, Money(u64::MAX))
            .map(|(trade, _)| trade)
    })
}

/// Sells `shares` of `outcome` at `clock`. The seller gets the trade's cost less its fee.
///
/// # Errors
/// Those of the program's `sell`.
pub fn sell(
    market: &Market,
    clock: &Clock,
    outcome: u8,
    shares: Shares,
) -> anchor_lang::Result<Quote> {
    quote(market, clock, |copy| {
        copy.sell(clock, outcome, shares, Money::ZERO)
            .map(|(trade, _)| trade)
    })
}

/// Marginal price of each outcome; the slow ones when the liquidity has left.
///
/// # Errors
/// Those of the curve, for an account that is no market.
pub fn prices(market: &Market) -> anchor_lang::Result<Vec<Price>> {
    Ok(spot_prices(market.pool.pool()).map_err(MarketError::from)?)
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
) -> anchor_lang::Result<LiquidityAdded<MAX_OUTCOMES>> {
    market.require_trading(clock)?;
    let mut copy = *market;
    copy.observe(clock)?;
    let supply = Shares(copy.liquidity_supply);
    let added = copy.pool.pool_mut().add_liquidity(amount, supply);
    Ok(added.map_err(MarketError::from)?)
}

fn quote(
    market: &Market,
    clock: &Clock,
    trade: impl FnOnce(&mut Market) -> anchor_lang::Result<Trade>,
) -> anchor_lang::Result<Quote> {
    market.require_trading(clock)?;
    quote_on_copy(market, prices, trade)
}
