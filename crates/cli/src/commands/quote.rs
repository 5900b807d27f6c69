//! `strobe quote`: what a trade on a curve costs, from the numbers alone.

use clap::{Args, Subcommand};
use math::{BasisPoints, CurveKind, MathError, Money, Pool, Price, Shares, Trade};
use serde::Serialize;
use thiserror::Error;

/// Most outcomes of a market.
const OUTCOMES: usize = 10;

#[derive(Subcommand)]
pub enum Quote {
    /// The logarithmic market scoring rule, 2 to 10 outcomes.
    Lmsr(LmsrQuote),
    /// The pm-AMM, 2 outcomes.
    PmAmm(PmAmmQuote),
}

#[derive(Args)]
pub struct LmsrQuote {
    /// Depth of the curve, base units.
    #[arg(long = "b", value_name = "B")]
    depth: u64,
    /// Shares sold of each outcome.
    #[arg(long, value_delimiter = ',', required = true, value_name = "Q0,Q1,...")]
    sold: Vec<u64>,
    #[command(flatten)]
    terms: Terms,
    #[command(flatten)]
    trade: LmsrTrade,
}

#[derive(Args)]
#[group(required = true, multiple = false)]
struct LmsrTrade {
    /// Shares to buy; the amount is their cost.
    #[arg(long, value_name = "SHARES")]
    buy: Option<u64>,
    /// Shares to sell; the amount is what they return.
    #[arg(long, value_name = "SHARES")]
    sell: Option<u64>,
    /// Base units to bet; the amount is the shares they buy.
    #[arg(long, value_name = "AMOUNT")]
    stake: Option<u64>,
}

#[derive(Args)]
pub struct PmAmmQuote {
    /// Depth of the curve, base units.
    #[arg(long = "l", value_name = "L")]
    depth: u64,
    /// Reserve of each outcome, as the market's account has them.
    #[arg(long, value_delimiter = ',', required = true, value_name = "X,Y")]
    reserves: Vec<u64>,
    #[command(flatten)]
    terms: Terms,
    #[command(flatten)]
    trade: PmAmmTrade,
}

#[derive(Args)]
#[group(required = true, multiple = false)]
struct PmAmmTrade {
    /// Base units to bet; the amount is the shares they buy.
    #[arg(long, value_name = "AMOUNT")]
    stake: Option<u64>,
    /// Shares to sell; the amount is what they return.
    #[arg(long, value_name = "SHARES")]
    sell: Option<u64>,
}

#[derive(Args, Clone, Copy)]
struct Terms {
    /// Which outcome, from 0.
    #[arg(long)]
    outcome: usize,
    /// Fee rate, basis points of min(p, 1 - p) a share.
    #[arg(long, default_value_t = 0)]
    fee_bps: u16,
}

/// What the trade would do.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Quoted {
    /// Base units paid or received, or shares, fee included.
    amount: u64,
    prices_before: Vec<String>,
    prices_after: Vec<String>,
}

/// A quote refused, by the argument at fault.
#[derive(Debug, PartialEq, Eq, Error)]
#[error("{argument}: {cause}")]
pub struct QuoteError {
    argument: &'static str,
    cause: MathError,
}

#[derive(Clone, Copy)]
enum Order {
    Buy(Shares),
    Stake(Money),
    Sell(Shares),
}

/// The pool to trade against, and the names its numbers have as arguments.
struct Market {
    pool: Pool<OUTCOMES>,
    depth_argument: &'static str,
    state_argument: &'static str,
}

impl Quote {
    /// # Errors
    /// [`QuoteError`].
    pub fn run(self) -> Result<Quoted, QuoteError> {
        match self {
            Self::Lmsr(quote) => quote.run(),
            Self::PmAmm(quote) => quote.run(),
        }
    }
}

impl LmsrQuote {
    fn run(self) -> Result<Quoted, QuoteError> {
        let order = match self.trade {
            LmsrTrade {
                buy: Some(shares), ..
            } => Order::Buy(Shares(shares)),
            LmsrTrade {
                stake: Some(stake), ..
            } => Order::Stake(Money(stake)),
            LmsrTrade { sell, .. } => Order::Sell(Shares(sell.unwrap_or_default())),
        };
        let mut pool = pool(CurveKind::Lmsr, self.depth, "--sold", &self.sold)?;
        for (sold, given) in pool.sold.iter_mut().zip(&self.sold) {
            *sold = *given;
        }
        // No sale returns more than the shares would win.
        pool.cash = self.sold.iter().copied().max().unwrap_or_default();
        Market {
            pool,
            depth_argument: "--b",
            state_argument: "--sold",
        }
        .quote(self.terms, order)
    }
}

impl PmAmmQuote {
    fn run(self) -> Result<Quoted, QuoteError> {
        let order = match self.trade {
            PmAmmTrade {
                stake: Some(stake), ..
            } => Order::Stake(Money(stake)),
            PmAmmTrade { sell, .. } => Order::Sell(Shares(sell.unwrap_or_default())),
        };
        let mut pool = pool(CurveKind::PmAmm, self.depth, "--reserves", &self.reserves)?;
        if let Order::Sell(shares) = order {
            // The reserves do not tell how many shares are out: at least those offered.
            pool.sold = [shares.0; OUTCOMES];
            pool.cash = u64::MAX;
        }
        Market {
            pool,
            depth_argument: "--l",
            state_argument: "--reserves",
        }
        .quote(self.terms, order)
    }
}

/// A pool without cash whose curve is in the state given.
fn pool(
    kind: CurveKind,
    depth: u64,
    argument: &'static str,
    state: &[u64],
) -> Result<Pool<OUTCOMES>, QuoteError> {
    let refuse = |cause| QuoteError { argument, cause };
    let most = match kind {
        CurveKind::Lmsr => OUTCOMES,
        CurveKind::PmAmm => math::pm_amm::OUTCOMES,
    };
    if !(2..=most).contains(&state.len()) {
        return Err(refuse(MathError::OutcomeCountOutOfRange));
    }
    let mut curve = [0; OUTCOMES];
    for (place, quantity) in curve.iter_mut().zip(state) {
        *place = i64::try_from(*quantity).map_err(|_| refuse(MathError::Overflow))?;
    }
    Ok(Pool {
        cash: 0,
        fees: 0,
        depth,
        initial_depth: depth,
        observed_slot: 0,
        step: 0,
        kind: kind as u8,
        outcomes: u8::try_from(state.len())
            .map_err(|_| refuse(MathError::OutcomeCountOutOfRange))?,
        reserved: [0; 4],
        sold: [0; OUTCOMES],
        curve,
        slow_prices: [0; OUTCOMES],
    })
}

impl Market {
    fn quote(mut self, terms: Terms, order: Order) -> Result<Quoted, QuoteError> {
        let rate = BasisPoints(terms.fee_bps);
        let prices_before = self.prices().map_err(|cause| QuoteError {
            argument: match cause {
                MathError::DepthOutOfRange => self.depth_argument,
                _ => self.state_argument,
            },
            cause,
        })?;
        let (trade, argument) = match order {
            Order::Buy(shares) => (self.pool.buy_shares(terms.outcome, shares, rate), "--buy"),
            Order::Stake(stake) => (self.pool.buy(terms.outcome, stake, rate), "--stake"),
            Order::Sell(shares) => (self.pool.sell(terms.outcome, shares, rate), "--sell"),
        };
        let refuse = |cause| QuoteError {
            argument: match cause {
                MathError::OutcomeOutOfRange => "--outcome",
                MathError::FeeRateTooHigh => "--fee-bps",
                _ => argument,
            },
            cause,
        };
        let Trade { shares, cost, fee } = trade.map_err(refuse)?;
        let amount = match order {
            Order::Buy(_) => cost.checked_add(fee).map_err(refuse)?.0,
            Order::Stake(_) => shares.0,
            Order::Sell(_) => cost.checked_sub(fee).map_err(refuse)?.0,
        };
        Ok(Quoted {
            amount,
            prices_before,
            prices_after: self.prices().map_err(refuse)?,
        })
    }

    /// Spot prices with twelve digits.
    fn prices(&self) -> Result<Vec<String>, MathError> {
        Ok(self
            .pool
            .prices()?
            .iter()
            .take(usize::from(self.pool.outcomes))
            .map(Price::to_string)
            .collect())
    }
}

#[cfg(test)]
mod tests;
