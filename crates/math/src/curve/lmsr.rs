//! The logarithmic market scoring rule (Hanson, "Logarithmic Market Scoring Rules for Modular
//! Combinatorial Information Aggregation", 2002): `C(q) = b ln Σ e^(q_i / b)`.
//!
//! With `p` the price of the outcome, buying Δ shares costs `b ln(1 + p (e^(Δ/b) − 1))`, a cost c
//! buys `b ln(1 + (e^(c/b) − 1) / p)` shares, and selling Δ returns `−b ln(1 − p (1 − e^(−Δ/b)))`.
//! Prices are a softmax with the greatest quantity subtracted, so they cannot overflow and small
//! ones keep their relative accuracy.

use crate::curve::{add_to, order_of, pm_amm, target_of, Curve, Limits, State, Switched};
use crate::error::MathError;
use crate::normal::quantile;
use crate::real::Real;
use crate::tables::DENSITY_AT_ZERO;
use crate::trade::{
    checked_depth, checked_rate, cost_below_half, fee_base, halley_step, is_settled, Order, Trade,
    MAX_DEPTH, MAX_ITERATIONS, MIN_TRADING_PRICE,
};
use crate::units::{BasisPoints, Money, Price, Shares};

/// Most outcomes.
pub const MAX_OUTCOMES: usize = 64;

/// Greatest magnitude of a quantity.
const MAX_QUANTITY: u64 = 1 << 61;

/// A computed amount is within `2^ERROR` of the greatest of depth, spread of the quantities and
/// amount traded.
const ERROR: i64 = -51;

/// Above e^(−2¹⁶), at which `exp` gives up. Even an outcome so far behind has a price, or no stake
/// could buy it.
const LEAST_WEIGHT: Real = Real::power_of_two(-94_548);

/// 1 / `MIN_TRADING_PRICE`
const INVERSE_MINIMUM: Real = Real::from_u64(1_000_000);

/// Above any growth: `exp` gives up before.
const UNLIMITED: Real = Real::power_of_two(1 << 20);

/// A market at one moment: its depth and its prices.
#[derive(Clone, Copy, Debug)]
pub struct Lmsr<const N: usize> {
    depth: Real,
    inverse_depth: Real,
    /// The greater of the depth and the spread of the quantities.
    extent: Real,
    /// The two outcomes of the lowest prices, the lowest first.
    lowest: [usize; 2],
    /// `e^((q_i − max q) / b)`
    weights: [Real; N],
    /// One over the sum of the weights.
    scale: Real,
    outcomes: usize,
}

/// What a stake buys, before rounding.
struct Bought {
    cost: Real,
    /// By how much the sum of the weights grows, as a part of it.
    growth: Real,
    shares: Real,
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
        let depth = checked_depth(depth)?;
        let inverse_depth = Real::from_u64(depth).reciprocal()?;
        let mut greatest = i64::MIN;
        let mut smallest = [i64::MAX; 2];
        let mut lowest = [0; 2];
        for (outcome, &quantity) in quantities.iter().enumerate() {
            if quantity.unsigned_abs() > MAX_QUANTITY {
                return Err(MathError::Overflow);
            }
            greatest = greatest.max(quantity);
            if quantity < smallest[0] {
                smallest = [quantity, smallest[0]];
                lowest = [outcome, lowest[0]];
            } else if quantity < smallest[1] {
                smallest[1] = quantity;
                lowest[1] = outcome;
            }
        }
        let mut weights = [Real::ZERO; N];
        let mut sum = Real::ZERO;
        for (weight, &quantity) in weights.iter_mut().zip(quantities) {
            let behind = greatest.wrapping_sub(quantity).cast_unsigned();
            *weight = if behind == 0 {
                Real::ONE
            } else {
                match (-(Real::from_u64(behind) * inverse_depth)).exp()? {
                    Real::ZERO => LEAST_WEIGHT,
                    weight => weight,
                }
            };
            sum = sum + *weight;
        }
        let spread = greatest.wrapping_sub(smallest[0]).cast_unsigned();
        Ok(Self {
            depth: Real::from_u64(depth),
            inverse_depth,
            extent: Real::from_u64(depth.max(spread)),
            lowest,
            weights,
            scale: sum.reciprocal()?,
            outcomes,
        })
    }

    /// Spot prices, rounded down; zero beyond the outcomes.
    pub fn prices(&self) -> [Price; N] {
        let mut prices = [Price::ZERO; N];
        let weights = self.weights.iter().take(self.outcomes);
        for (price, &weight) in prices.iter_mut().zip(weights) {
            *price = Price::from_real(weight * self.scale);
        }
        prices
    }

    /// Φ⁻¹ of the price of the first of two outcomes.
    ///
    /// # Errors
    /// `OutcomeOutOfRange`, `OutsideDomain` at a price of zero, `NoConvergence` at one so near to
    /// zero that Φ⁻¹ has no digits there.
    pub(crate) fn score(&self) -> Result<Real, MathError> {
        let first = self.probability(0)?;
        if first < Real::HALF {
            quantile(first)
        } else {
            Ok(-quantile(self.probability(1)?)?)
        }
    }

    /// What the order trades.
    ///
    /// # Errors
    /// Those of the method for it.
    pub fn quote(
        &self,
        outcome: usize,
        order: Order,
        rate: BasisPoints,
    ) -> Result<Trade, MathError> {
        match order {
            Order::Stake(stake) => self.buy(outcome, stake, rate),
            Order::Buy(shares) => self.buy_shares(outcome, shares, rate),
            Order::Sell(shares) => self.sell(outcome, shares, rate),
        }
    }

    /// Buys for exactly `stake`, the fee included: cost and fee sum to it. The shares are rounded
    /// down and the cost up, which leaves the fee less than two base units below exact.
    ///
    /// # Errors
    /// `OutcomeOutOfRange`, `FeeRateTooHigh`, `StakeTooSmall`, `PriceBelowMinimum`.
    pub fn buy(&self, outcome: usize, stake: Money, rate: BasisPoints) -> Result<Trade, MathError> {
        if stake == Money::ZERO {
            return Err(MathError::StakeTooSmall);
        }
        let bought = self.solve(outcome, Real::from_u64(stake.0), checked_rate(rate)?)?;
        if bought.growth > self.growth_limit(outcome)? {
            return Err(MathError::PriceBelowMinimum);
        }
        let shares = (bought.shares - self.error(bought.shares)).floor_amount()?;
        if shares == 0 {
            return Err(MathError::StakeTooSmall);
        }
        let cost = Money(bought.cost.ceil_amount()?.min(stake.0));
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
        let ends_above = p + growth >= self.complement(outcome, p);
        let crossing = self.crossing(starts_above, ends_above, outcome)?;
        let error = self.error(amount);
        let base = fee_base(ends_above, amount, cost, crossing) + error;
        Ok(Trade {
            shares,
            cost: Money((cost + error).ceil_amount()?),
            fee: Money(rate.of_ceil(base.ceil_amount()?)?),
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
        let complement = self.complement(outcome, p);
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
        let error = self.error(amount);
        let base = fee_base(ends_above, amount, proceeds, crossing) + error;
        let gross = (proceeds - error).floor_amount()?;
        Ok(Trade {
            shares,
            cost: Money(gross),
            fee: Money(rate.of_ceil(base.ceil_amount()?)?.min(gross)),
        })
    }

    /// The trade after which the spot price is the target t: `b ln(t (1 − p) / (p (1 − t)))` shares,
    /// rounded down. Prices are good to 2⁻⁵⁵ of themselves and of one less them, which is why the
    /// margin grows towards both ends.
    ///
    /// # Errors
    /// `OutcomeOutOfRange`, `OutsideDomain` when the target is zero or one.
    pub fn order_until(&self, outcome: usize, target: Price) -> Result<Order, MathError> {
        let (target, rest) = target_of(target)?;
        let p = self.probability(outcome)?;
        let ahead = target * self.complement(outcome, p);
        let behind = p * rest;
        let way = self.depth * ahead.divide(behind)?.ln()?;
        let margin = self.depth.shifted(-54).divide(target * rest)?;
        order_of(
            way,
            margin + self.error(way.abs()) + self.depth.shifted(-47),
        )
    }

    fn probability(&self, outcome: usize) -> Result<Real, MathError> {
        self.weights
            .get(..self.outcomes)
            .and_then(|weights| weights.get(outcome))
            .map(|&weight| weight * self.scale)
            .ok_or(MathError::OutcomeOutOfRange)
    }

    /// What a stake buys. Below one half the cost is `stake / (1 + rate)`. Above, the fee depends
    /// on the shares: with D the shares and u the cost, both over b,
    /// `(1 − rate) u + rate (D(u) + crossing)` is the stake over b, nearly linear in u.
    fn solve(&self, outcome: usize, stake: Real, rate: BasisPoints) -> Result<Bought, MathError> {
        let p = self.probability(outcome)?;
        let complement = self.complement(outcome, p);
        let inverse_p = p.reciprocal()?;
        let starts_above = p >= Real::HALF;
        let grown = |u: Real| u.exp_m1().map_err(|_| MathError::PriceBelowMinimum);
        let mut start = None;
        if rate.0 == 0 || !starts_above {
            let cost = cost_below_half(stake, rate)?;
            let u = cost * self.inverse_depth;
            let growth = grown(u)?;
            if rate.0 == 0 || p + growth <= complement {
                return Ok(Bought {
                    cost,
                    growth,
                    shares: self.depth * (growth * inverse_p).ln_1p()?,
                });
            }
            start = Some((u, growth));
        }
        let keep = rate.rest();
        let rate = rate.to_real();
        let mut target = stake * self.inverse_depth;
        let (mut u, mut growth) = match start {
            Some(start) => {
                target = target - rate * (p * complement).shifted(2).ln()?;
                start
            }
            // One step from zero, where D and its derivatives need no evaluation.
            None => {
                let slope = rate * inverse_p;
                let u = halley_step(target, keep + slope, -(slope * complement * inverse_p))?;
                (u, grown(u)?)
            }
        };
        for _ in 0..MAX_ITERATIONS {
            let shares = (growth * inverse_p).ln_1p()?;
            let total = Real::ONE + growth;
            let inverse = (p + growth).reciprocal()?;
            let slope = total * inverse;
            let curvature = -(slope * complement * inverse);
            let step = halley_step(
                target - keep * u - rate * shares,
                keep + rate * slope,
                rate * curvature,
            )?;
            if is_settled(step) {
                return Ok(Bought {
                    cost: self.depth * (u + step),
                    growth: growth + total * step,
                    shares: self.depth * (shares + step * (slope + (curvature * step).shifted(-1))),
                });
            }
            u = u + step;
            growth = grown(u)?;
        }
        Err(MathError::NoConvergence)
    }

    /// The probability of all other outcomes than one of probability p, without the cancellation
    /// of `1 − p`.
    fn complement(&self, outcome: usize, p: Real) -> Real {
        if p < Real::HALF {
            return Real::ONE - p;
        }
        let mut sum = Real::ZERO;
        let weights = self.weights.iter().take(self.outcomes);
        for (other, &weight) in weights.enumerate() {
            if other != outcome {
                sum = sum + weight;
            }
        }
        sum * self.scale
    }

    /// The greatest growth of the sum of weights that buying the outcome may cause: it divides
    /// the prices of the others by one plus it. Outcomes below the minimum already do not count:
    /// sales alone bring them there, and one that nobody believes in must not block the others.
    fn growth_limit(&self, outcome: usize) -> Result<Real, MathError> {
        const MINIMUM: Real = MIN_TRADING_PRICE.to_real();
        let [first, second] = self.lowest;
        let mut rarest = self.probability(if outcome == first { second } else { first })?;
        if rarest < MINIMUM {
            rarest = Real::ONE;
            for (other, &weight) in self.weights.iter().take(self.outcomes).enumerate() {
                let p = weight * self.scale;
                if other != outcome && p >= MINIMUM && p < rarest {
                    rarest = p;
                }
            }
            if rarest == Real::ONE {
                return Ok(UNLIMITED);
            }
        }
        Ok(rarest * INVERSE_MINIMUM - Real::ONE)
    }

    fn error(&self, amount: Real) -> Real {
        self.extent.max(amount).shifted(ERROR)
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
        let p = self.probability(outcome)?;
        let product = p * self.complement(outcome, p);
        Ok(self.depth * product.shifted(2).ln()?)
    }
}

/// The LMSR to a pool. Its quantities are in shares.
pub(crate) struct Rule;

impl<const N: usize> Curve<N> for Rule {
    fn limits(&self) -> Limits {
        Limits {
            most_outcomes: MAX_OUTCOMES,
            max_quantity: MAX_QUANTITY,
            sets: true,
            schedule: true,
        }
    }

    /// Quantities `b ln(p_i / p_min)`, rounded down; the loss is `b ln(Σ p / p_min)`.
    fn open(
        &self,
        depth: Money,
        prior: &[Price],
        quantities: &mut [i64],
    ) -> Result<Money, MathError> {
        let depth = Real::from_u64(depth.0);
        let lowest = prior.iter().min().copied();
        let lowest = lowest.ok_or(MathError::OutcomeCountOutOfRange)?.to_real();
        let mut sum = Real::ZERO;
        for (quantity, price) in quantities.iter_mut().zip(prior) {
            let price = price.to_real();
            sum = sum + price;
            let ahead = depth * price.divide(lowest)?.ln()?;
            *quantity = ahead.floor()?.max(0);
        }
        (depth * sum.divide(lowest)?.ln()?).ceil_amount().map(Money)
    }

    fn prices(&self, state: State) -> Result<[Price; N], MathError> {
        Ok(Lmsr::new(state.depth, state.quantities)?.prices())
    }

    #[inline(never)]
    fn quote(
        &self,
        state: State,
        outcome: usize,
        order: Order,
        rate: BasisPoints,
        probabilities: Option<&mut [Price; N]>,
    ) -> Result<Trade, MathError> {
        let curve = Lmsr::<N>::new(state.depth, state.quantities)?;
        if let Some(probabilities) = probabilities {
            *probabilities = curve.prices();
        }
        curve.quote(outcome, order, rate)
    }

    fn order_until(&self, state: State, outcome: usize, target: Price) -> Result<Order, MathError> {
        Lmsr::<N>::new(state.depth, state.quantities)?.order_until(outcome, target)
    }

    fn apply(
        &self,
        quantities: &mut [i64],
        outcome: usize,
        shares: i64,
        _cost: i64,
    ) -> Result<(), MathError> {
        add_to(quantities, outcome, shares, MAX_QUANTITY)
    }

    /// Of depth `4 φ(0) b`, about 1.596 b. More could be backed, but then shares bought before the
    /// switch could be sold after it for more than they cost, where the price falls more slowly. A
    /// share moves `Φ⁻¹(p)` by at most `1 / (4 φ(0) b)` on the LMSR, at one half, and by
    /// `1 / (4 φ(0) b)` on this pm-AMM at any price. So from the price of the switch on, both ways,
    /// a trade pays no more than the LMSR would have. This is also why the LMSR's reserves suffice.
    fn switched(&self, state: State, initial_depth: Money) -> Result<Switched, MathError> {
        if state.quantities.len() != pm_amm::OUTCOMES {
            return Err(MathError::SwitchNotOffered);
        }
        let score = Lmsr::<{ pm_amm::OUTCOMES }>::new(state.depth, state.quantities)?.score()?;
        let depth = switched_depth(state.depth)?;
        let initial_depth = switched_depth(initial_depth)?;
        if initial_depth.0 > MAX_DEPTH {
            return Err(MathError::DepthOutOfRange);
        }
        // A reserve below the curve by a fraction of a unit is the next trader's loss.
        let [x, y] = pm_amm::PmAmm::reserves_at(Real::from_u64(depth.0), score)?;
        Ok(Switched {
            depth,
            initial_depth,
            reserves: [x.lowered().floor()?, y.lowered().floor()?],
        })
    }
}

/// The depth of the pm-AMM that a pool turns into, `4 φ(0) b` rounded down.
fn switched_depth(depth: Money) -> Result<Money, MathError> {
    let depth = Real::from_u64(depth.0) * DENSITY_AT_ZERO.shifted(2);
    depth.lowered().floor_amount().map(Money)
}
