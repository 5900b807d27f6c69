//! `strobe quote`: what a trade on a curve costs, from the numbers alone.

use clap::{Args, Subcommand};
use math::trade::MAX_DEPTH;
use math::{
    BasisPoints, CurveKind, Fees, MathError, Money, Order, PmAmm, Pool, Price, Shares, Trade, L2,
};
use serde::Serialize;
use thiserror::Error;

use value::{ValueError, Valued};

mod value;

/// Most outcomes of a market.
const OUTCOMES: usize = math::l2::MAX_OUTCOMES;

/// How far reserves may be above the pm-AMM's curve: rounding leaves up to a unit a trade there,
/// so a market that saw many trades is above it by many units, but not by a part of its depth.
const MOST_ABOVE_CURVE: u64 = 1_000;
const DEPTH_OVER_ABOVE_CURVE: u64 = 1_000_000;

/// How far they may be below: rounding leaves less than a unit.
const MOST_BELOW_CURVE: i64 = -2;

#[derive(Subcommand)]
pub enum Quote {
    /// The logarithmic market scoring rule, 2 to 64 outcomes.
    Lmsr(LmsrQuote),
    /// The pm-AMM, 2 outcomes.
    PmAmm(PmAmmQuote),
    /// The L2 curve, 2 to 64 bins.
    ///
    /// The market is taken to have opened with equal quantities K / √N of its N bins; the shares
    /// sold come on top. Prices are marginal, a bin's quantity over the root of the sum of all
    /// squares: what the next share costs. They sum to more than 1; divided by their sum they are
    /// the chances of the bins.
    L2(L2Quote),
    /// What shares that secure a debt return now, what puts the debt under water, and how many of them
    /// restore it.
    #[command(subcommand)]
    Value(value::Value),
}

/// What a quote answers.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Answer {
    Trade(Quoted),
    Value(Valued),
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
    trade: AnyTrade,
}

#[derive(Args)]
pub struct L2Quote {
    /// Norm that the market opened with, base units.
    #[arg(long = "k", value_name = "K")]
    depth: u64,
    /// Shares sold of each bin, on top of the K / √N that it opened with.
    #[arg(long, value_delimiter = ',', required = true, value_name = "Q0,Q1,...")]
    sold: Vec<u64>,
    #[command(flatten)]
    terms: Terms,
    #[command(flatten)]
    trade: AnyTrade,
}

#[derive(Args)]
#[group(required = true, multiple = false)]
struct AnyTrade {
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
    #[command(flatten)]
    state: PmAmmState,
    #[command(flatten)]
    terms: Terms,
    #[command(flatten)]
    trade: PmAmmTrade,
}

#[derive(Args)]
struct PmAmmState {
    /// Depth of the curve, base units.
    #[arg(long = "l", value_name = "L")]
    depth: u64,
    /// Reserve of each outcome, as the market's account has them.
    #[arg(long, value_delimiter = ',', required = true, value_name = "X,Y")]
    reserves: Vec<u64>,
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
    /// Least price that the fee of a share is taken of, basis points of one.
    #[arg(long, default_value_t = 0)]
    fee_floor_bps: u16,
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
#[error("{argument}: {}", match .cause {
    // Markets open with more, but their depth may have fallen since.
    MathError::DepthOutOfRange => format!("the depth is outside 1 to {MAX_DEPTH} base units"),
    cause => cause.to_string(),
})]
pub struct QuoteError {
    argument: &'static str,
    cause: MathError,
}

impl AnyTrade {
    fn order(&self) -> Order {
        match *self {
            Self {
                buy: Some(shares), ..
            } => Order::Buy(Shares(shares)),
            Self {
                stake: Some(stake), ..
            } => Order::Stake(Money(stake)),
            Self { sell, .. } => Order::Sell(Shares(sell.unwrap_or_default())),
        }
    }
}

/// The pool to trade against, and the name its state has as an argument.
struct Market {
    pool: Pool<OUTCOMES>,
    state_argument: &'static str,
}

impl Quote {
    /// # Errors
    /// [`ValueError`].
    pub fn run(self) -> Result<Answer, ValueError> {
        Ok(match self {
            Self::Lmsr(quote) => Answer::Trade(quote.run()?),
            Self::PmAmm(quote) => Answer::Trade(quote.run()?),
            Self::L2(quote) => Answer::Trade(quote.run()?),
            Self::Value(value) => Answer::Value(value.run()?),
        })
    }
}

impl LmsrQuote {
    fn run(self) -> Result<Quoted, QuoteError> {
        let depth = depth("--b", self.depth)?;
        let state = quantities("--sold", &self.sold, math::lmsr::MAX_OUTCOMES)?;
        Market {
            pool: sold_pool(CurveKind::Lmsr, depth, &self.sold, state)?,
            state_argument: "--sold",
        }
        .quote(self.terms, self.trade.order())
    }
}

impl L2Quote {
    fn run(self) -> Result<Quoted, QuoteError> {
        let refuse = |argument| move |cause| QuoteError { argument, cause };
        let depth = depth("--k", self.depth)?;
        let sold = quantities("--sold", &self.sold, math::l2::MAX_OUTCOMES)?;
        let uniform = [Price::ONE; OUTCOMES];
        let prior = &uniform[..self.sold.len()];
        let mut state = [0; OUTCOMES];
        L2::write_opening(depth, prior, &mut state).map_err(refuse("--k"))?;
        for (quantity, sold) in state.iter_mut().zip(sold) {
            *quantity = L2::parts(sold)
                .and_then(|sold| quantity.checked_add(sold).ok_or(MathError::Overflow))
                .map_err(refuse("--sold"))?;
        }
        Market {
            pool: sold_pool(CurveKind::L2, depth, &self.sold, state)?,
            state_argument: "--sold",
        }
        .quote(self.terms, self.trade.order())
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
        let mut pool = self.state.pool()?;
        if let Order::Sell(shares) = order {
            // The reserves do not tell how many shares are out: at least those offered.
            pool.sold = [shares.0; OUTCOMES];
            pool.cash = u64::MAX;
        }
        Market {
            pool,
            state_argument: "--reserves",
        }
        .quote(self.terms, order)
    }
}

impl PmAmmState {
    /// A pool without cash or shares outstanding, on the curve.
    fn pool(&self) -> Result<Pool<OUTCOMES>, QuoteError> {
        let depth = depth("--l", self.depth)?;
        let state = quantities("--reserves", &self.reserves, math::pm_amm::OUTCOMES)?;
        let pool = pool(CurveKind::PmAmm, depth, self.reserves.len(), state)?;
        self.check_on_curve()?;
        Ok(pool)
    }

    /// Off the curve a trade has no definite price.
    fn check_on_curve(&self) -> Result<(), QuoteError> {
        let refuse = |cause| QuoteError {
            argument: "--reserves",
            cause,
        };
        let [x, y] = self.reserves[..] else {
            return Err(refuse(MathError::OutcomeCountOutOfRange));
        };
        let above = PmAmm::new(Money(self.depth), [Shares(x), Shares(y)])
            .and_then(|curve| curve.above_curve())
            .map_err(refuse)?;
        let most = MOST_ABOVE_CURVE + self.depth / DEPTH_OVER_ABOVE_CURVE;
        if above < MOST_BELOW_CURVE || above > most.cast_signed() {
            return Err(refuse(MathError::ReservesOffCurve));
        }
        Ok(())
    }
}

/// The depth, if a curve may have it.
fn depth(argument: &'static str, depth: u64) -> Result<Money, QuoteError> {
    if !(1..=MAX_DEPTH).contains(&depth) {
        return Err(QuoteError {
            argument,
            cause: MathError::DepthOutOfRange,
        });
    }
    Ok(Money(depth))
}

/// The numbers of a curve's state, one for each outcome.
fn quantities(
    argument: &'static str,
    given: &[u64],
    most: usize,
) -> Result<[i64; OUTCOMES], QuoteError> {
    let refuse = |cause| QuoteError { argument, cause };
    if !(2..=most).contains(&given.len()) {
        return Err(refuse(MathError::OutcomeCountOutOfRange));
    }
    let mut quantities = [0; OUTCOMES];
    for (place, quantity) in quantities.iter_mut().zip(given) {
        *place = i64::try_from(*quantity).map_err(|_| refuse(MathError::Overflow))?;
    }
    Ok(quantities)
}

/// A pool whose curve is in the state given, with cash for any sale.
fn sold_pool(
    kind: CurveKind,
    depth: Money,
    sold: &[u64],
    state: [i64; OUTCOMES],
) -> Result<Pool<OUTCOMES>, QuoteError> {
    let mut pool = pool(kind, depth, sold.len(), state)?;
    for (place, given) in pool.sold.iter_mut().zip(sold) {
        *place = *given;
    }
    // No sale returns more than the shares would win.
    pool.cash = sold.iter().copied().max().unwrap_or_default();
    Ok(pool)
}

/// A pool without cash whose curve is in the state given.
fn pool(
    kind: CurveKind,
    depth: Money,
    outcomes: usize,
    state: [i64; OUTCOMES],
) -> Result<Pool<OUTCOMES>, QuoteError> {
    let outcomes = u8::try_from(outcomes).map_err(|_| QuoteError {
        argument: "--sold",
        cause: MathError::OutcomeCountOutOfRange,
    })?;
    let mut pool = Pool::EMPTY;
    pool.kind = kind as u8;
    pool.outcomes = outcomes;
    pool.depth = depth.0;
    pool.initial_depth = depth.0;
    pool.curve = state;
    Ok(pool)
}

impl Market {
    fn quote(mut self, terms: Terms, order: Order) -> Result<Quoted, QuoteError> {
        let fees = Fees {
            rate: BasisPoints(terms.fee_bps),
            floor: BasisPoints(terms.fee_floor_bps),
        };
        let prices_before = self.prices().map_err(|cause| QuoteError {
            argument: self.state_argument,
            cause,
        })?;
        let argument = match order {
            Order::Buy(_) => "--buy",
            Order::Stake(_) => "--stake",
            Order::Sell(_) => "--sell",
        };
        let trade = self.pool.execute(terms.outcome, order, fees);
        let refuse = |cause| QuoteError {
            argument: match cause {
                MathError::OutcomeOutOfRange => "--outcome",
                MathError::FeeRateTooHigh => "--fee-bps",
                MathError::FeeFloorTooHigh => "--fee-floor-bps",
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
