//! Opening a pool.

use super::Pool;
use crate::curve::CurveKind;
use crate::error::MathError;
use crate::real::Real;
use crate::trade::{MAX_DEPTH, MIN_DEPTH};
use crate::units::{Money, Price};

/// Least price of an outcome when a pool opens: 10⁻⁴.
pub const MIN_PRIOR_PRICE: Price = Price(922_337_203_685_477);

/// How far the opening prices may sum to other than one: 10⁻⁹.
pub const PRIOR_TOLERANCE: Price = Price(9_223_372_036);

/// Base units of the opening funding that pay for the rounding of the opening.
pub const ROUNDING_RESERVE: u64 = 16;

impl<const N: usize> Pool<N> {
    /// Opens a pool at prior prices and the active slot, in place of whatever was there. Returns the funding it needs,
    /// which is its `cash`: the curve's greatest loss rounded up, and [`ROUNDING_RESERVE`]. As many
    /// shares of the pool are its first supply.
    ///
    /// The greatest loss is `b ln(1 / p_min)` of the LMSR, the greater reserve of the pm-AMM, and
    /// `k − k p_min / ‖p‖` of L2, whose opening quantities are `k p_i / ‖p‖`: its marginal prices
    /// are the prior divided by the root of the sum of its squares.
    ///
    /// # Errors
    /// `OutcomeCountOutOfRange`, `DepthOutOfRange`, `PriorPriceTooLow`, `PriorSumNotOne`.
    pub fn open(
        &mut self,
        kind: CurveKind,
        depth: Money,
        prior: &[Price],
        now_slot: u64,
    ) -> Result<Money, MathError> {
        let curve = kind.curve::<N>();
        let most = curve.limits().most_outcomes.min(N);
        if !(2..=most).contains(&prior.len()) {
            return Err(MathError::OutcomeCountOutOfRange);
        }
        if !(MIN_DEPTH..=MAX_DEPTH).contains(&depth.0) {
            return Err(MathError::DepthOutOfRange);
        }
        let outcomes = u8::try_from(prior.len()).map_err(|_| MathError::OutcomeCountOutOfRange)?;
        check_prior(prior)?;
        *self = Self::EMPTY;
        self.depth = depth.0;
        self.initial_depth = depth.0;
        self.observed_slot = now_slot;
        self.kind = kind as u8;
        self.outcomes = outcomes;
        let quantities = self
            .curve
            .get_mut(..prior.len())
            .ok_or(MathError::OutcomeCountOutOfRange)?;
        let worst_loss = curve.open(depth, prior, quantities)?;
        self.cash = worst_loss.checked_add(Money(ROUNDING_RESERVE))?.0;
        self.slow_prices = self.probabilities()?.map(|price| price.0);
        Ok(Money(self.cash))
    }
}

/// Whether these prices may open a pool.
fn check_prior(prior: &[Price]) -> Result<(), MathError> {
    let mut sum = Real::ZERO;
    for price in prior {
        if *price < MIN_PRIOR_PRICE {
            return Err(MathError::PriorPriceTooLow);
        }
        sum = sum + price.to_real();
    }
    if (sum - Real::ONE).abs() > PRIOR_TOLERANCE.to_real() {
        return Err(MathError::PriorSumNotOne);
    }
    Ok(())
}
