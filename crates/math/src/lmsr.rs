//! The logarithmic market scoring rule (Hanson, "Logarithmic Market Scoring Rules for Modular
//! Combinatorial Information Aggregation", 2002): `C(q) = b ln Σ e^(q_i / b)`.
//!
//! With `p` the price of the outcome, buying Δ shares costs `b ln(1 + p (e^(Δ/b) − 1))`, a cost c
//! buys `b ln(1 + (e^(c/b) − 1) / p)` shares, and selling Δ returns `−b ln(1 − p (1 − e^(−Δ/b)))`.
//! Prices are a softmax with the greatest quantity subtracted, so they cannot overflow and small
//! ones keep their relative accuracy.

use crate::error::MathError;
use crate::real::Real;
use crate::trade::{
    ceil_amount, checked_depth, checked_rate, cost_below_half, fee_base, floor_amount, halley_step,
    is_settled, Trade, MAX_ITERATIONS, MAX_OUTCOMES, MIN_TRADING_PRICE,
};
use crate::units::{BasisPoints, Money, Price, Shares};

/// Greatest magnitude of a quantity.
const MAX_QUANTITY: u64 = 1 << 61;

/// A computed amount is within `2^ERROR` of (depth + spread of the quantities + amount).
const ERROR: i32 = -53;

/// 1 / `MIN_TRADING_PRICE`
const INVERSE_MINIMUM: Real = Real::from_u64(1_000_000);

/// A market at one moment: its depth and its prices.
#[derive(Clone, Copy, Debug)]
pub struct Lmsr<const N: usize> {
    depth: Real,
    inverse_depth: Real,
    /// Greatest less smallest quantity.
    spread: Real,
    probabilities: [Real; N],
    outcomes: usize,
}

impl<const N: usize> Lmsr<N> {
    /// From the depth b and the quantities q, both in base units. Only differences of the
    /// quantities matter.
    ///
    /// # Errors
    /// `DepthOutOfRange`, `OutcomeCountOutOfRange`; `Overflow` when a quantity's magnitude is
    /// above 2⁶¹.
    pub fn new(depth: Money, quantities: &[i64]) -> Result<Self, MathError> {
        let outcomes = quantities.len();
        if !(2..=MAX_OUTCOMES.min(N)).contains(&outcomes) {
            return Err(MathError::OutcomeCountOutOfRange);
        }
        let depth = Real::from_u64(checked_depth(depth)?);
        let inverse_depth = depth.reciprocal()?;
        let (mut greatest, mut smallest) = (i64::MIN, i64::MAX);
        for &quantity in quantities {
            if quantity.unsigned_abs() > MAX_QUANTITY {
                return Err(MathError::Overflow);
            }
            greatest = greatest.max(quantity);
            smallest = smallest.min(quantity);
        }
        let mut weights = [Real::ZERO; N];
        let mut sum = Real::ZERO;
        for (weight, &quantity) in weights.iter_mut().zip(quantities) {
            let behind = greatest.abs_diff(quantity);
            *weight = if behind == 0 {
                Real::ONE
            } else {
                (-(Real::from_u64(behind) * inverse_depth)).exp()?
            };
            sum = sum + *weight;
        }
        let scale = sum.reciprocal()?;
        for weight in weights.iter_mut().take(outcomes) {
            *weight = *weight * scale;
        }
        Ok(Self {
            depth,
            inverse_depth,
            spread: Real::from_u64(greatest.abs_diff(smallest)),
            probabilities: weights,
            outcomes,
        })
    }

    /// Spot prices, rounded down; zero beyond the outcomes.
    pub fn prices(&self) -> [Price; N] {
        self.probabilities.map(Price::from_real)
    }

    /// Buys for exactly `stake`, the fee included: cost and fee sum to it. The shares are rounded
    /// down and the cost up, which leaves the fee less than two base units below exact.
    ///
    /// # Errors
    /// `OutcomeOutOfRange`, `FeeRateTooHigh`, `StakeTooSmall`, `PriceBelowMinimum`.
    pub fn buy(&self, outcome: usize, stake: Money, rate: BasisPoints) -> Result<Trade, MathError> {
        let p = self.probability(outcome)?;
        if stake == Money::ZERO {
            return Err(MathError::StakeTooSmall);
        }
        let (cost, growth) =
            self.cost_of_stake(outcome, Real::from_u64(stake.0), checked_rate(rate)?)?;
        if growth > self.growth_limit(outcome)? {
            return Err(MathError::PriceBelowMinimum);
        }
        let shares = self.depth * growth.divide(p)?.ln_1p()?;
        let shares = floor_amount(shares, self.error(shares))?;
        if shares == 0 {
            return Err(MathError::StakeTooSmall);
        }
        let cost = Money(ceil_amount(cost, Real::ZERO)?);
        Ok(Trade {
            shares: Shares(shares),
            cost,
            fee: stake.checked_sub(cost)?,
        })
    }

    /// Buys exactly `shares`. Cost and fee are rounded up.
    ///
    /// # Errors
    /// `OutcomeOutOfRange`, `FeeRateTooHigh`, `NoShares`, `PriceBelowMinimum`.
    pub fn buy_shares(
        &self,
        outcome: usize,
        shares: Shares,
        rate: BasisPoints,
    ) -> Result<Trade, MathError> {
        let rate = checked_rate(rate)?;
        let p = self.probability(outcome)?;
        if shares == Shares::ZERO {
            return Err(MathError::NoShares);
        }
        let amount = Real::from_u64(shares.0);
        let share_growth = (amount * self.inverse_depth)
            .exp_m1()
            .map_err(|_| MathError::PriceBelowMinimum)?;
        // The sum of the weights grows by the factor 1 + growth.
        let growth = p * share_growth;
        if growth > self.growth_limit(outcome)? {
            return Err(MathError::PriceBelowMinimum);
        }
        let cost = self.depth * growth.ln_1p()?;
        let starts_above = p >= Real::HALF;
        let ends_above = p + growth >= self.complement(outcome);
        let crossing = self.crossing(starts_above, ends_above, outcome)?;
        let base = ceil_amount(
            fee_base(ends_above, amount, cost, crossing),
            self.error(amount),
        )?;
        Ok(Trade {
            shares,
            cost: Money(ceil_amount(cost, self.error(amount))?),
            fee: Money(rate.of_ceil(base)?),
        })
    }

    /// Sells exactly `shares`. The proceeds are rounded down, the fee up.
    ///
    /// # Errors
    /// `OutcomeOutOfRange`, `FeeRateTooHigh`, `NoShares`.
    pub fn sell(
        &self,
        outcome: usize,
        shares: Shares,
        rate: BasisPoints,
    ) -> Result<Trade, MathError> {
        let rate = checked_rate(rate)?;
        let p = self.probability(outcome)?;
        let complement = self.complement(outcome);
        if shares == Shares::ZERO {
            return Err(MathError::NoShares);
        }
        let amount = Real::from_u64(shares.0);
        let distance = amount * self.inverse_depth;
        // `remaining` is the weight left of the outcome, as a part of the sum before.
        let (remaining, proceeds) = if distance < Real::HALF {
            let sold = p * -(-distance).exp_m1()?;
            (p - sold, -(-sold).ln_1p()?)
        } else {
            let remaining = p * (-distance).exp()?;
            (remaining, -(complement + remaining).ln()?)
        };
        let proceeds = self.depth * proceeds;
        let starts_above = p >= Real::HALF;
        let ends_above = remaining >= complement;
        let crossing = self.crossing(starts_above, ends_above, outcome)?;
        let base = ceil_amount(
            fee_base(ends_above, amount, proceeds, crossing),
            self.error(amount),
        )?;
        let gross = floor_amount(proceeds, self.error(amount))?;
        Ok(Trade {
            shares,
            cost: Money(gross),
            fee: Money(rate.of_ceil(base)?.min(gross)),
        })
    }

    fn probability(&self, outcome: usize) -> Result<Real, MathError> {
        self.probabilities
            .get(..self.outcomes)
            .and_then(|probabilities| probabilities.get(outcome))
            .copied()
            .ok_or(MathError::OutcomeOutOfRange)
    }

    /// The cost in a stake, not above exact, and by how much it makes the sum of the weights grow.
    /// Below one half the cost is `stake / (1 + rate)`. Above, the fee depends on the shares: with
    /// D the shares and u the cost, both over b, `(1 − rate) u + rate (D(u) + crossing)` is the
    /// stake over b, which is nearly linear in u.
    fn cost_of_stake(
        &self,
        outcome: usize,
        stake: Real,
        rate: BasisPoints,
    ) -> Result<(Real, Real), MathError> {
        let p = self.probability(outcome)?;
        let complement = self.complement(outcome);
        let mut start = None;
        if rate.0 == 0 || p < Real::HALF {
            let cost = cost_below_half(stake, rate)?;
            let growth = self.growth(cost)?;
            if rate.0 == 0 || p + growth <= complement {
                return Ok((cost, growth));
            }
            start = Some(cost * self.inverse_depth);
        }
        let inverse_p = p.reciprocal()?;
        let rate = rate.to_real();
        let keep = Real::ONE - rate;
        let target = stake * self.inverse_depth;
        let (mut u, offset) = match start {
            Some(u) => (u, rate * (p * complement).shifted(2).ln()?),
            None => (target.divide(keep + rate * inverse_p)?, Real::ZERO),
        };
        for _ in 0..MAX_ITERATIONS {
            let growth = u.exp_m1().map_err(|_| MathError::PriceBelowMinimum)?;
            let inverse = (p + growth).reciprocal()?;
            let shares = (growth * inverse_p).ln_1p()?;
            let residual = target - keep * u - rate * shares - offset;
            let shares_slope = (Real::ONE + growth) * inverse;
            let first = keep + rate * shares_slope;
            let second = -(rate * shares_slope * complement * inverse);
            let step = halley_step(residual, first, second)?;
            u = u + step;
            if is_settled(step) {
                let cost = self.depth * u - self.error(Real::ZERO);
                return Ok((cost, self.growth(cost)?));
            }
        }
        Err(MathError::NoConvergence)
    }

    /// By how much a cost makes the sum of the weights grow: `e^(cost / b) − 1`.
    fn growth(&self, cost: Real) -> Result<Real, MathError> {
        (cost * self.inverse_depth)
            .exp_m1()
            .map_err(|_| MathError::PriceBelowMinimum)
    }

    /// The probability of all other outcomes, without the cancellation of `1 − p`.
    fn complement(&self, outcome: usize) -> Real {
        if let Some(&p) = self.probabilities.get(outcome).filter(|&&p| p < Real::HALF) {
            return Real::ONE - p;
        }
        let mut sum = Real::ZERO;
        for (other, &probability) in self.probabilities.iter().enumerate() {
            if other != outcome {
                sum = sum + probability;
            }
        }
        sum
    }

    /// The greatest growth of the sum of weights that buying the outcome may cause: it divides
    /// the prices of the others by one plus it.
    fn growth_limit(&self, outcome: usize) -> Result<Real, MathError> {
        let minimum = MIN_TRADING_PRICE.to_real();
        let own_below = self.probability(outcome)? < minimum;
        // Outcomes already below the minimum block no buy of another such outcome: else, with two
        // of them, neither could be bought again.
        let lowest = self
            .probabilities
            .iter()
            .take(self.outcomes)
            .enumerate()
            .filter(|&(other, p)| other != outcome && !(own_below && *p < minimum))
            .map(|(_, &p)| p)
            .min()
            .ok_or(MathError::OutcomeOutOfRange)?;
        Ok(lowest * INVERSE_MINIMUM - Real::ONE)
    }

    fn error(&self, amount: Real) -> Real {
        (self.depth + self.spread + amount).shifted(ERROR)
    }

    /// The fee correction of a path across one half, `b ln(4 p (1 − p))`.
    fn crossing(
        &self,
        starts_above: bool,
        ends_above: bool,
        outcome: usize,
    ) -> Result<Real, MathError> {
        if starts_above == ends_above {
            return Ok(Real::ZERO);
        }
        let product = self.probability(outcome)? * self.complement(outcome);
        Ok(self.depth * product.shifted(2).ln()?)
    }
}
