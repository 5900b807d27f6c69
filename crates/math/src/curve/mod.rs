//! What a curve is to a pool, and the curves there are: a file each, and a line each in the list at the
//! end of this file.

pub mod l2;
pub mod lmsr;
pub mod pm_amm;

use crate::error::MathError;
use crate::real::Real;
use crate::trade::{Fees, Order, Trade};
use crate::units::{Money, Price, Shares};

/// A curve's state as a pool stores it.
#[derive(Clone, Copy, Debug)]
pub struct State<'a> {
    /// Base units.
    pub depth: Money,
    /// One for each outcome; see [`crate::Pool::curve`].
    pub quantities: &'a [i64],
}

/// What a curve takes and offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Most outcomes; the least are two.
    pub most_outcomes: usize,
    /// Greatest magnitude of a quantity.
    pub max_quantity: u64,
    /// Whether its prices sum to one, so that complete sets are one base unit, may be split and
    /// merged, and liquidity may come and go while shares are outstanding.
    pub sets: bool,
    /// Whether its depth may follow a schedule.
    pub schedule: bool,
}

/// What a pool was when its market went void.
#[derive(Clone, Copy, Debug)]
pub struct Voided<'a> {
    pub state: State<'a>,
    /// Slow prices in Q1.63, by outcome.
    pub slow_prices: &'a [u64],
    /// Shares outstanding, by outcome.
    pub sold: &'a [u64],
    pub cash: Money,
}

/// The pm-AMM that a pool of another curve turns into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Switched {
    pub depth: Money,
    pub initial_depth: Money,
    pub reserves: [i64; pm_amm::OUTCOMES],
}

/// Everything in which curves differ. A pool asks the curve of its kind; nothing else knows kinds
/// apart.
pub trait Curve<const N: usize>: Sync {
    fn limits(&self) -> Limits;

    /// Writes the opening quantities at prior prices, which sum to one within
    /// [`crate::pool::PRIOR_TOLERANCE`], and returns the greatest loss, rounded up to within
    /// [`crate::pool::ROUNDING_RESERVE`].
    ///
    /// # Errors
    /// `Overflow`.
    fn open(
        &self,
        depth: Money,
        prior: &[Price],
        quantities: &mut [i64],
    ) -> Result<Money, MathError>;

    /// Spot prices, what the next share costs, rounded down; zero beyond the outcomes.
    ///
    /// # Errors
    /// Those of a state that is none of this curve.
    fn prices(&self, state: State) -> Result<[Price; N], MathError>;

    /// The chances that the prices stand for: the prices, divided by their sum where that is not
    /// one. Rounded down.
    ///
    /// # Errors
    /// Those of a state that is none of this curve.
    fn probabilities(&self, state: State) -> Result<[Price; N], MathError> {
        self.prices(state)
    }

    /// What the order trades, and into `probabilities` those before it, with one evaluation.
    ///
    /// # Errors
    /// Those of the curve's trades.
    fn quote(
        &self,
        state: State,
        outcome: usize,
        order: Order,
        fees: Fees,
        probabilities: Option<&mut [Price; N]>,
    ) -> Result<Trade, MathError>;

    /// The purchase or sale that moves the spot price of an outcome to the target, which must be
    /// above zero and below one. Its shares are rounded down, and lessened by the error of the
    /// computation, so that the price after it never passes the target.
    ///
    /// # Errors
    /// `OutcomeOutOfRange`, `OutsideDomain`, `Overflow`.
    fn order_until(&self, state: State, outcome: usize, target: Price) -> Result<Order, MathError>;

    /// Moves the quantities by a trade: `shares` and `cost` are negative in a sale.
    ///
    /// # Errors
    /// `Overflow`, `OutcomeOutOfRange`.
    fn apply(
        &self,
        quantities: &mut [i64],
        outcome: usize,
        shares: i64,
        cost: i64,
    ) -> Result<(), MathError>;

    /// Whether a purchase may lead to these shares, by outcome, of this cost in all.
    ///
    /// # Errors
    /// `CostAbovePayout` when they cost more than they can ever pay.
    fn check_holding(&self, _cost: Money, _shares: &[u64]) -> Result<(), MathError> {
        Ok(())
    }

    /// What fractions of liquidity are of: the depth, or what stands for it, rounded down.
    ///
    /// # Errors
    /// Those of a state that is none of this curve.
    fn scale(&self, state: State) -> Result<u64, MathError> {
        Ok(state.depth.0)
    }

    /// What the curve itself must keep of an outcome beyond the shares outstanding, in base units.
    ///
    /// # Errors
    /// `Insolvent` when it is less than nothing.
    fn reserve(&self, _quantity: i64) -> Result<u64, MathError> {
        Ok(0)
    }

    /// What each share of a void market is paid, rounded down: its slow price, divided by the sum
    /// of all.
    ///
    /// # Errors
    /// `DivisionByZero` when all slow prices are zero.
    fn void_payouts(&self, voided: Voided) -> Result<[Price; N], MathError> {
        normalized(voided.slow_prices)
    }

    /// The pm-AMM at the same price that the pool may become.
    ///
    /// # Errors
    /// `SwitchNotOffered` if it may not.
    fn switched(&self, _state: State, _initial_depth: Money) -> Result<Switched, MathError> {
        Err(MathError::SwitchNotOffered)
    }
}

/// The order for so many shares, a sale if they are negative, less the margin, rounded down.
fn order_of(shares: Real, margin: Real) -> Result<Order, MathError> {
    let certain = shares.abs() - margin;
    let amount = if certain.is_negative() {
        Shares::ZERO
    } else {
        Shares(certain.floor_amount()?)
    };
    Ok(if shares.is_negative() {
        Order::Sell(amount)
    } else {
        Order::Buy(amount)
    })
}

/// A price that a trade may lead to, and one less it, both exactly.
fn target_of(price: Price) -> Result<(Real, Real), MathError> {
    let rest = Price::ONE.0.saturating_sub(price.0);
    if price == Price::ZERO || rest == 0 {
        return Err(MathError::OutsideDomain);
    }
    Ok((price.to_real(), Price(rest).to_real()))
}

/// Lists the curves: the kind, its number in accounts, and what implements [`Curve`].
macro_rules! curves {
    ($($kind:ident = $number:literal => $curve:expr,)+) => {
        /// The curve of a pool.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u8)]
        pub enum CurveKind {
            $($kind = $number,)+
        }

        impl TryFrom<u8> for CurveKind {
            type Error = MathError;

            fn try_from(kind: u8) -> Result<Self, MathError> {
                match kind {
                    $($number => Ok(Self::$kind),)+
                    _ => Err(MathError::UnknownCurve),
                }
            }
        }

        impl CurveKind {
            /// What is particular to the curve, for pools of up to `N` outcomes.
            pub fn curve<const N: usize>(self) -> &'static dyn Curve<N> {
                match self {
                    $(Self::$kind => &$curve,)+
                }
            }
        }
    };
}

/// Prices divided by their sum, rounded down; the results sum to at most one.
fn normalized<const N: usize>(prices: &[u64]) -> Result<[Price; N], MathError> {
    let sum = prices
        .iter()
        .fold(Real::ZERO, |sum, &price| sum + Price(price).to_real());
    let scale = sum.reciprocal()?;
    // Room for the error of sum and product, so that the results cannot sum above one.
    let scale = scale - scale.shifted(-56);
    let mut normalized = [Price::ZERO; N];
    for (normalized, &price) in normalized.iter_mut().zip(prices) {
        *normalized = Price::from_real(Price(price).to_real() * scale);
    }
    Ok(normalized)
}

/// Adds to the quantity of an outcome, up to `max_quantity`: a state that the curve cannot be
/// evaluated at could not even be voided.
fn add_to(
    quantities: &mut [i64],
    outcome: usize,
    amount: i64,
    max_quantity: u64,
) -> Result<(), MathError> {
    let quantity = quantities
        .get_mut(outcome)
        .ok_or(MathError::OutcomeOutOfRange)?;
    *quantity = quantity
        .checked_add(amount)
        .filter(|quantity| quantity.unsigned_abs() <= max_quantity)
        .ok_or(MathError::Overflow)?;
    Ok(())
}

curves! {
    Lmsr = 1 => lmsr::Rule,
    PmAmm = 2 => pm_amm::Rule,
    L2 = 3 => l2::Rule,
}
