//! The accounting of a market's pool: money in, shares out, and the promise that the money covers
//! whatever outcome wins. Programs embed it in their accounts.
//!
//! Why the cash always suffices. Write `R_i = cash − sold_i` for the reserve of an outcome, C for
//! the curve's cost function of its quantities q, and b for its depth. Every pool keeps
//! `R_i ≥ C(q) − q_i ≥ 0`, and with it an outcome's slack, the difference:
//! - A trade moves cash by at least the change of C, and sold and q by the same number.
//! - Splitting and merging sets does not touch R.
//! - Rescaling depth and quantities by λ < 1 takes `(1 − λ)(C − q_i)` from the right side. Rounding
//!   the quantities down takes from the slack of an outcome at most `1 − p_i` units of a quantity,
//!   which is no more than `(C − q_i) / b` of the LMSR and `(C − q_i) / k` of L2. So a depth that
//!   falls by two units or more pays for the rounding, and lesser falls are not made.
//! - Adding and removing liquidity scales R, and the curve by two units of depth less or more. What is removed after trading takes from R alone, and gives up the curve.
//! - The pm-AMM has reserves `x_i ≤ R_i` of its own instead, never below zero. They shrink with R.

use bytemuck::{Pod, Zeroable};

use crate::curve::{Curve, CurveKind, Limits, State};
use crate::error::MathError;
use crate::units::{BasisPoints, Money, Price};

mod liquidity;
mod memory;
mod open;
mod secured;
mod solvency;
mod switch;
mod trade;

pub use memory::{Conditions, History};
pub use open::{MIN_PRIOR_PRICE, PRIOR_TOLERANCE, ROUNDING_RESERVE};
pub use secured::Secured;

/// Units of depth by which a pool's curve stays behind its reserves whenever it is rescaled. They
/// pay for the rounding of its quantities.
const RESCALING_UNITS: u64 = 2;

/// A pool of up to `N` outcomes. Every field is 8-byte aligned and there is no padding, so it may
/// be cast from and to bytes.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pool<const N: usize> {
    /// Base units backing outstanding shares, idle money included; fees are not in it.
    pub cash: u64,
    /// Trading fees collected, in base units. They never back a share.
    pub fees: u64,
    /// Depth of the curve now, in base units: LMSR b, pm-AMM L, and of L2 the k it opened with,
    /// which liquidity scales and trades do not move. Zero when all liquidity was removed, or some
    /// after trading: then nothing is traded any more.
    pub depth: u64,
    /// Depth at opening, scaled with the liquidity added and removed since.
    pub initial_depth: u64,
    /// Slot up to which the slow prices are current.
    pub observed_slot: u64,
    /// Step of the micro-tau schedule that `depth` is of.
    pub step: u16,
    /// A [`CurveKind`].
    pub kind: u8,
    /// Number of outcomes.
    pub outcomes: u8,
    /// Zero.
    pub reserved: [u8; 4],
    /// Shares outstanding, by outcome, those returned to providers included.
    pub sold: [u64; N],
    /// By outcome. LMSR: quantities in shares. pm-AMM: reserves in shares. L2: quantities in 64ths
    /// of a share, those that the market opened with included.
    pub curve: [i64; N],
    /// Slow prices in Q1.63, by outcome.
    pub slow_prices: [u64; N],
}

// SAFETY: `repr(C)`, 48 bytes of integers in an order without gaps and then arrays of 8-byte
// integers: no padding, no invalid bit pattern, for every N. bytemuck's derive cannot show this
// for a const parameter.
#[allow(unsafe_code)]
unsafe impl<const N: usize> Zeroable for Pool<N> {}
#[allow(unsafe_code)]
unsafe impl<const N: usize> Pod for Pool<N> {}

impl<const N: usize> Pool<N> {
    /// Nothing, to open a pool in.
    pub const EMPTY: Self = Self {
        cash: 0,
        fees: 0,
        depth: 0,
        initial_depth: 0,
        observed_slot: 0,
        step: 0,
        kind: 0,
        outcomes: 0,
        reserved: [0; 4],
        sold: [0; N],
        curve: [0; N],
        slow_prices: [0; N],
    };

    /// Spot prices, rounded down; zero beyond the outcomes. They are what the next share costs, and
    /// sum to one but for L2, where they sum to one or more.
    ///
    /// # Errors
    /// `NoLiquidity`, and those of a pool whose fields are not a pool's.
    pub fn prices(&self) -> Result<[Price; N], MathError> {
        self.trading_curve()?.prices(self.state()?)
    }

    /// The chances that the spot prices stand for, rounded down: the prices, divided by their sum
    /// for L2. Slow prices and averages over time are of these.
    ///
    /// # Errors
    /// Those of [`Pool::prices`].
    pub fn probabilities(&self) -> Result<[Price; N], MathError> {
        self.trading_curve()?.probabilities(self.state()?)
    }

    /// Spot prices as they would be after purchases, in shares of each outcome. For what is promised on the curve's prices and not traded on it.
    ///
    /// # Errors
    /// Those of [`Pool::prices`], and `Overflow` beyond what the curve can hold.
    pub fn prices_after(&self, bought: &[u64; N]) -> Result<[Price; N], MathError> {
        let bought = self.of_outcomes(bought)?;
        let curve = self.trading_curve()?;
        let sets = if curve.limits().sets {
            bought.iter().copied().min().unwrap_or(0)
        } else {
            0
        };
        let mut after = *self;
        for (outcome, shares) in bought.iter().enumerate() {
            let shares = shares.saturating_sub(sets);
            if shares == 0 {
                continue;
            }
            // Of more than two outcomes no curve asks what the purchase costs.
            let cost = if bought.len() == 2 {
                let order = crate::trade::Order::Buy(crate::units::Shares(shares));
                after.quote(outcome, order, BasisPoints(0))?.cost.0
            } else {
                0
            };
            let signed = |amount| i64::try_from(amount).map_err(|_| MathError::Overflow);
            let quantities = after.curve.get_mut(..usize::from(self.outcomes));
            let quantities = quantities.ok_or(MathError::OutcomeCountOutOfRange)?;
            curve.apply(quantities, outcome, signed(shares)?, signed(cost)?)?;
        }
        after.prices()
    }

    /// What the pool's curve takes and offers.
    ///
    /// # Errors
    /// `UnknownCurve`.
    pub fn limits(&self) -> Result<Limits, MathError> {
        Ok(self.curve_rule()?.limits())
    }

    fn curve_rule(&self) -> Result<&'static dyn Curve<N>, MathError> {
        CurveKind::try_from(self.kind).map(CurveKind::curve)
    }

    /// The curve that trades, if any does.
    fn trading_curve(&self) -> Result<&'static dyn Curve<N>, MathError> {
        if self.depth == 0 {
            return Err(MathError::NoLiquidity);
        }
        self.curve_rule()
    }

    fn state(&self) -> Result<State<'_>, MathError> {
        Ok(State {
            depth: Money(self.depth),
            quantities: self.of_outcomes(&self.curve)?,
        })
    }

    /// The part of a list that is of outcomes of this pool.
    fn of_outcomes<'a, T>(&self, list: &'a [T; N]) -> Result<&'a [T], MathError> {
        list.get(..usize::from(self.outcomes))
            .ok_or(MathError::OutcomeCountOutOfRange)
    }
}
