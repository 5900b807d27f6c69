//! What a trade in a standard market would do now: the program's own computation on a copy of its
//! account, so that a quote is what the chain charges in the same slot.

use markets::{
    error::MarketError,
    state::{Market, MAX_OUTCOMES},
};
use math::{LiquidityAdded, Money, Price, Shares, Trade};

use crate::quotes::Quote;

/// Buys `outcome` for `stake` base units, fee included, in `slot`.
///
/// # Errors
/// Those of the program's `buy`.
pub fn buy(market: &Market, slot: u64, outcome: u8, stake: Money) -> anchor_lang::Result<Quote> {
    quote(market, slot, |copy| {
        copy.buy(slot, outcome, stake, Shares::ZERO)
    })
}

/// Buys `shares` of `outcome` in `slot`. The buyer pays the trade's cost and its fee.
///
/// # Errors
/// Those of the program's `buy_shares`.
pub fn buy_shares(
    market: &Market,
    slot: u64,
    outcome: u8,
    shares: Shares,
) -> anchor_lang::Result<Quote> {
    quote(market, slot, |copy| {
        copy.buy_shares(slot, outcome, shares, Money(u64::MAX))
            .map(|(trade, _)| trade)
    })
}

/// Sells `shares` of `outcome` in `slot`. The seller gets the trade's cost less its fee.
///
/// # Errors
/// Those of the program's `sell`.
pub fn sell(market: &Market, slot: u64, outcome: u8, shares: Shares) -> anchor_lang::Result<Quote> {
    quote(market, slot, |copy| {
        copy.sell(slot, outcome, shares, Money::ZERO)
            .map(|(trade, _)| trade)
    })
}

/// Marginal price of each outcome.
///
/// # Errors
/// Those of the curve, for an account that is no market.
pub fn prices(market: &Market) -> anchor_lang::Result<Vec<Price>> {
    let prices = market.pool.pool().prices().map_err(MarketError::from)?;
    Ok(prices[..usize::from(market.pool.outcomes).min(prices.len())].to_vec())
}

/// Adds `amount` base units of liquidity in `slot`: what the provider gets, from which to set the
/// bounds of the instruction.
///
/// # Errors
/// Those of the program's `add_liquidity`.
pub fn add_liquidity(
    market: &Market,
    slot: u64,
    amount: Money,
) -> anchor_lang::Result<LiquidityAdded<MAX_OUTCOMES>> {
    market.require_trading(slot)?;
    let mut copy = *market;
    copy.observe(slot)?;
    let supply = Shares(copy.liquidity_supply);
    let added = copy.pool.pool_mut().add_liquidity(amount, supply);
    Ok(added.map_err(MarketError::from)?)
}

fn quote(
    market: &Market,
    slot: u64,
    trade: impl FnOnce(&mut Market) -> anchor_lang::Result<Trade>,
) -> anchor_lang::Result<Quote> {
    market.require_trading(slot)?;
    let mut copy = *market;
    let trade = trade(&mut copy)?;
    Ok(Quote {
        trade,
        prices_before: prices(market)?,
        prices_after: prices(&copy)?,
    })
}
