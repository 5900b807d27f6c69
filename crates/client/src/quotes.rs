//! What a trade in a flash market would do now: the program's own computation on a copy of its
//! account, so that a quote is what the chain charges in the same slot.

use anchor_lang::prelude::Clock;
use flash_bets::state::FlashMarket;
use math::{Money, Price, Shares, Trade};

/// A trade that has not been made, and the prices around it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quote {
    pub trade: Trade,
    pub prices_before: Vec<Price>,
    pub prices_after: Vec<Price>,
}

/// Buys `outcome` for `stake` base units, fee included, at `clock`.
///
/// # Errors
/// Those of the program's `place_bet`.
pub fn buy(
    market: &FlashMarket,
    clock: &Clock,
    outcome: u8,
    stake: Money,
) -> anchor_lang::Result<Quote> {
    quote(market, clock, |copy| {
        copy.buy(clock, outcome, stake, Shares::ZERO)
    })
}

/// Sells `shares` of `outcome` at `clock`. The seller gets the trade's cost less its fee.
///
/// # Errors
/// Those of the program's `cash_out`.
pub fn sell(
    market: &FlashMarket,
    clock: &Clock,
    outcome: u8,
    shares: Shares,
) -> anchor_lang::Result<Quote> {
    quote(market, clock, |copy| {
        copy.sell(clock, outcome, shares, Money::ZERO)
            .map(|(trade, _)| trade)
    })
}

/// Spot price of each outcome.
///
/// # Errors
/// Those of the curve, for an account that is no market.
pub fn prices(market: &FlashMarket) -> anchor_lang::Result<Vec<Price>> {
    let prices = market
        .pool
        .pool()
        .prices()
        .map_err(flash_bets::error::FlashError::from)?;
    Ok(prices[..usize::from(market.pool.outcomes).min(prices.len())].to_vec())
}

fn quote(
    market: &FlashMarket,
    clock: &Clock,
    trade: impl FnOnce(&mut FlashMarket) -> anchor_lang::Result<Trade>,
) -> anchor_lang::Result<Quote> {
    market.require_trading(clock)?;
    let mut copy = *market;
    let trade = trade(&mut copy)?;
    Ok(Quote {
        trade,
        prices_before: prices(market)?,
        prices_after: prices(&copy)?,
    })
}
