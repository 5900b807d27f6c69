//! What a trade in a flash market would do now: the program's own computation on a copy of its
//! account, so that a quote is what the chain charges in the same slot.

use anchor_lang::prelude::Clock;
use flash_bets::{
    error::FlashError,
    state::{FlashMarket, Order},
};
use market_core::{Now, Order as CurveOrder};
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
    let order = Order::unbounded(CurveOrder::Stake(stake));
    quote(market, clock, outcome, order)
}

/// Buys exactly `shares` of `outcome` at `clock`. The buyer pays the trade's cost and its fee.
///
/// # Errors
/// Those of the program's `buy_shares`.
pub fn buy_shares(
    market: &FlashMarket,
    clock: &Clock,
    outcome: u8,
    shares: Shares,
) -> anchor_lang::Result<Quote> {
    let order = Order::unbounded(CurveOrder::Buy(shares));
    quote(market, clock, outcome, order)
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
    let order = Order::unbounded(CurveOrder::Sell(shares));
    quote(market, clock, outcome, order)
}

/// The greatest purchase or sale of `outcome` at `clock` after which its price is not beyond `target`, and
/// what it comes to; a price above that of now is bought up to, one below it sold down to, as far as
/// there are shares. `None` if the price is there already, as near as shares can be counted.
///
/// # Errors
/// Those of the program's trades and of [`Pool::amount_until`].
pub fn amount_until(
    market: &FlashMarket,
    clock: &Clock,
    outcome: u8,
    target: Price,
) -> anchor_lang::Result<Option<(Order, Quote)>> {
    market.require_trading(clock)?;
    let mut now = *market;
    now.observe(Now::without_halts(clock.slot, clock.unix_timestamp))?;
    let until = now.pool.amount_until(outcome.into(), target, market.fees());
    let Some((order, _)) = until.map_err(FlashError::from)? else {
        return Ok(None);
    };
    let order = Order::unbounded(order);
    Ok(Some((order, quote(market, clock, outcome, order)?)))
}

/// Spot price of each outcome.
///
/// # Errors
/// Those of the curve, for an account that is no market.
pub fn prices(market: &FlashMarket) -> anchor_lang::Result<Vec<Price>> {
    Ok(spot_prices(&market.pool).map_err(FlashError::from)?)
}

fn quote(
    market: &FlashMarket,
    clock: &Clock,
    outcome: u8,
    order: Order,
) -> anchor_lang::Result<Quote> {
    market.require_trading(clock)?;
    let now = Now::without_halts(clock.slot, clock.unix_timestamp);
    quote_on_copy(market, prices, |copy| {
        let fill = copy.trade(now, outcome, order)?;
        let (amount, fee) = (fill.amount.0, fill.fee.0);
        let cost = match order {
            Order::Sell { .. } => amount.checked_add(fee),
            Order::Stake { .. } | Order::Buy { .. } => amount.checked_sub(fee),
        };
        Ok(Trade {
            shares: fill.shares,
            cost: Money(cost.ok_or(FlashError::Overflow)?),
            fee: fill.fee,
        })
    })
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
