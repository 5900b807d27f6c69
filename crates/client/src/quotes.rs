//! What a trade in a flash market would do now: the program's own computation on a copy of its
//! account, so that a quote is what the chain charges in the same slot.

use anchor_lang::prelude::Clock;
use flash_bets::{error::FlashError, state::FlashMarket};
use math::{MathError, Money, Pool, Price, Shares, Trade};

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
    Ok(spot_prices(market.pool.pool()).map_err(FlashError::from)?)
}

fn quote(
    market: &FlashMarket,
    clock: &Clock,
    trade: impl FnOnce(&mut FlashMarket) -> anchor_lang::Result<Trade>,
) -> anchor_lang::Result<Quote> {
    market.require_trading(clock)?;
    quote_on_copy(market, prices, trade)
}

/// What `trade` makes of a market of either program.
pub(crate) fn quote_on_copy<M: Copy>(
    market: &M,
    prices: fn(&M) -> anchor_lang::Result<Vec<Price>>,
    trade: impl FnOnce(&mut M) -> anchor_lang::Result<Trade>,
) -> anchor_lang::Result<Quote> {
    let mut copy = *market;
    let trade = trade(&mut copy)?;
    Ok(Quote {
        trade,
        prices_before: prices(market)?,
        prices_after: prices(&copy)?,
    })
}

/// Spot price of each outcome of a pool; the slow ones when its liquidity has left.
pub(crate) fn spot_prices<const N: usize>(pool: &Pool<N>) -> Result<Vec<Price>, MathError> {
    let prices = match pool.depth {
        0 => pool.slow_prices.map(Price),
        _ => pool.prices()?,
    };
    let outcomes = usize::from(pool.outcomes);
    Ok(prices.into_iter().take(outcomes).collect())
}
