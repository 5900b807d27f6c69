//! What a trade in a standard market would do now: the program's own computation on a copy of its
//! account, so that a quote is what the chain charges in the same slot.

use anchor_lang::prelude::Clock;
use market_core::pool::{no_bound, Fill, Order};
use markets::{
    error::MarketError,
    state::{LiquidityBought, Market, Venue},
};
use math::{Money, Price};

use crate::quotes::spot_prices;

/// A trade that has not been made, and the prices around it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MarketQuote {
    pub fill: Fill,
    pub prices_before: Vec<Price>,
    pub prices_after: Vec<Price>,
}

/// What `order` would trade at `clock`.
///
/// # Errors
/// Those of the program's trades.
pub fn quote(
    market: &Market,
    venue: &Venue,
    clock: &Clock,
    outcome: u8,
    order: Order,
) -> anchor_lang::Result<MarketQuote> {
    if !matches!(order, Order::Sell(_)) {
        venue.require_not_paused(clock.unix_timestamp)?;
    }
    market.require_trading(clock.unix_timestamp)?;
    let mut copy = *market;
    let fill = copy.fill(venue.now(clock), outcome, order, no_bound(order))?;
    Ok(MarketQuote {
        fill,
        prices_before: prices(market)?,
        prices_after: prices(&copy)?,
    })
}

/// The greatest purchase or sale of `outcome` at `clock` after which its price is not beyond `target`, and
/// what it comes to; a price above that of now is bought up to, one below it sold down to, as far as
/// there are shares. `None` if the price is there already, as near as shares can be counted.
///
/// # Errors
/// Those of the program's trades and of [`math::Pool::amount_until`].
pub fn amount_until(
    market: &Market,
    venue: &Venue,
    clock: &Clock,
    outcome: u8,
    target: Price,
) -> anchor_lang::Result<Option<(Order, MarketQuote)>> {
    market.require_trading(clock.unix_timestamp)?;
    let mut now = *market;
    now.observe(venue.now(clock))?;
    let until = now.pool.amount_until(outcome.into(), target, market.fees());
    let Some((order, _)) = until.map_err(MarketError::from)? else {
        return Ok(None);
    };
    Ok(Some((order, quote(market, venue, clock, outcome, order)?)))
}

/// Marginal price of each outcome; the slow ones when the liquidity has left.
///
/// # Errors
/// Those of the curve, for an account that is no market.
pub fn prices(market: &Market) -> anchor_lang::Result<Vec<Price>> {
    Ok(spot_prices(&market.pool).map_err(MarketError::from)?)
}

/// Adds `amount` base units of liquidity at `clock`: what the provider gets, from which to set the
/// bounds of the instruction.
///
/// # Errors
/// Those of the program's `add_liquidity`.
pub fn add_liquidity(
    market: &Market,
    venue: &Venue,
    clock: &Clock,
    amount: Money,
) -> anchor_lang::Result<LiquidityBought> {
    market.require_trading(clock.unix_timestamp)?;
    let mut copy = *market;
    copy.add_liquidity(amount.0, venue.now(clock))
}
