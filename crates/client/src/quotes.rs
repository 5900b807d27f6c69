//! What a trade in a market of either program would do now: the program's own computation on a copy
//! of its account, so that a quote is what the chain charges in the same slot.

use anchor_lang::{prelude::Clock, Result};
use flash_bets::{error::FlashError, state::FlashMarket};
use markets::{error::MarketError, state::Market};
use math::{MathError, Money, Pool, Price, Shares, Trade};

/// A trade that has not been made, and the prices around it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quote {
    pub trade: Trade,
    pub prices_before: Vec<Price>,
    pub prices_after: Vec<Price>,
}

/// The account of a market that quotes can be had of.
pub trait QuotedMarket: Copy {
    #[doc(hidden)]
    fn check_trading(&self, clock: &Clock) -> Result<()>;
    #[doc(hidden)]
    fn bought(&mut self, clock: &Clock, outcome: u8, stake: Money) -> Result<Trade>;
    #[doc(hidden)]
    fn sold(&mut self, clock: &Clock, outcome: u8, shares: Shares) -> Result<Trade>;
    #[doc(hidden)]
    fn spot_prices(&self) -> Result<Vec<Price>>;
}

macro_rules! quoted_market {
    ($market:ty, $error:ty) => {
        impl QuotedMarket for $market {
            fn check_trading(&self, clock: &Clock) -> Result<()> {
                self.require_trading(clock)
            }

            fn bought(&mut self, clock: &Clock, outcome: u8, stake: Money) -> Result<Trade> {
                self.buy(clock, outcome, stake, Shares::ZERO)
            }

            fn sold(&mut self, clock: &Clock, outcome: u8, shares: Shares) -> Result<Trade> {
                self.sell(clock, outcome, shares, Money::ZERO)
                    .map(|(trade, _)| trade)
            }

            fn spot_prices(&self) -> Result<Vec<Price>> {
                Ok(prices_of(self.pool.pool()).map_err(<$error>::from)?)
            }
        }
    };
}

quoted_market!(FlashMarket, FlashError);
quoted_market!(Market, MarketError);

/// Buys `outcome` for `stake` base units, fee included, at `clock`.
///
/// # Errors
/// Those of the program's `place_bet` or `buy`.
pub fn buy(market: &impl QuotedMarket, clock: &Clock, outcome: u8, stake: Money) -> Result<Quote> {
    quote(market, clock, |copy| copy.bought(clock, outcome, stake))
}

/// Sells `shares` of `outcome` at `clock`. The seller gets the trade's cost less its fee.
///
/// # Errors
/// Those of the program's `cash_out` or `sell`.
pub fn sell(
    market: &impl QuotedMarket,
    clock: &Clock,
    outcome: u8,
    shares: Shares,
) -> Result<Quote> {
    quote(market, clock, |copy| copy.sold(clock, outcome, shares))
}

/// Spot price of each outcome.
///
/// # Errors
/// Those of the curve, for an account that is no market.
pub fn prices(market: &impl QuotedMarket) -> Result<Vec<Price>> {
    market.spot_prices()
}

/// What `trade` would do at `clock`.
///
/// # Errors
/// Those of the program's trades.
pub(crate) fn quote<M: QuotedMarket>(
    market: &M,
    clock: &Clock,
    trade: impl FnOnce(&mut M) -> Result<Trade>,
) -> Result<Quote> {
    market.check_trading(clock)?;
    let mut copy = *market;
    let trade = trade(&mut copy)?;
    Ok(Quote {
        trade,
        prices_before: prices(market)?,
        prices_after: prices(&copy)?,
    })
}

fn prices_of<const N: usize>(pool: &Pool<N>) -> core::result::Result<Vec<Price>, MathError> {
    let outcomes = usize::from(pool.outcomes);
    Ok(pool.prices()?.into_iter().take(outcomes).collect())
}
