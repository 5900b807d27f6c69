//! The logarithmic market scoring rule (Hanson, "Logarithmic Market Scoring Rules for Modular
//! Combinatorial Information Aggregation", 2002): `C(q) = b ln Σ e^(q_i / b)`.
//!
//! With `p` the price of the outcome, buying Δ shares costs `b ln(1 + p (e^(Δ/b) − 1))`, a cost c
//! buys `b ln(1 + (e^(c/b) − 1) / p)` shares, and selling Δ returns `−b ln(1 − p (1 − e^(−Δ/b)))`.
//! Prices are a softmax with the greatest quantity subtracted, so they cannot overflow and small
//! ones keep their relative accuracy.

use core::cell::Cell;

use crate::curve::{add_to, order_of, pm_amm, target_of, Curve, Limits, State, Switched};
use crate::elementary::Halvings;
use crate::error::MathError;
use crate::normal::quantile;
use crate::real::{mul_high, Real};
use crate::tables::DENSITY_AT_ZERO;
use crate::trade::{
    checked_depth, cost_below_half, fee_base, is_settled, short_step, solver_step, Fees, Order,
    Trade, MAX_DEPTH, MAX_ITERATIONS, MIN_TRADING_PRICE,
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

/// Its inverse, below e^(2¹⁶).
const GREATEST_WEIGHT: Real = Real::power_of_two(94_548);

/// 1 / `MIN_TRADING_PRICE`
const INVERSE_MINIMUM: Real = Real::from_u64(1_000_000);

/// Above any growth: `exp` gives up before.
const UNLIMITED: Real = Real::power_of_two(1 << 20);

/// Depths behind the greatest quantity, times ln 2, from which on a weight is below 2⁻⁶³.
const NEGLIGIBLE: Real = Real::from_u64(64);

/// A market at one moment.
#[derive(Clone, Copy, Debug)]
pub struct Lmsr<'a> {
    depth: Real,
    inverse_depth: Real,
    quantities: &'a [i64],
    /// The outcome of the greatest quantity, that quantity and the next.
    leader: usize,
    greatest: [i64; 2],
    /// The two outcomes of the lowest prices, the lowest first.
    lowest: [usize; 2],
    /// The greater of the depth and the spread of the quantities.
    extent: Real,
}

/// The market as seen from one outcome, whose weight is taken relative to the greatest of the
/// others. So its price p and the rest `1 − p` both keep their relative accuracy, whichever is
/// small, while the others need none and are summed in fixed point.
pub(crate) struct Side<const N: usize> {
    outcome: usize,
    outcomes: usize,
    depth: Real,
    inverse_depth: Real,
    extent: Real,
    lowest: [usize; 2],
    /// `e^((q_j − max q) / b)` of the others, with the greatest among them, in Q1.63.
    weights: [u64; N],
    /// One over the sum of all weights.
    scale: Real,
    p: Real,
    complement: Real,
    /// An amount, and what [`Side::lost`] says of it.
    last: Cell<(u64, Real)>,
}

const THIRD: Real = Real::positive(0xaaaa_aaaa_aaaa_aaab, -65);

/// What a stake buys, before rounding.
struct Bought {
    cost: Real,
    /// By how much the sum of the weights grows, as a part of it.
    growth: Real,
    shares: Real,
}

impl<'a> Lmsr<'a> {
    /// From the depth b and the quantities q, both in base units. Only differences of the
    /// quantities matter.
    ///
    /// # Errors
    /// `DepthOutOfRange`, `OutcomeCountOutOfRange`; `Overflow` when a quantity's magnitude is
    /// above 2⁶¹.
    pub fn new(depth: Money, quantities: &'a [i64]) -> Result<Self, MathError> {
        if !(2..=MAX_OUTCOMES).contains(&quantities.len()) {
            return Err(MathError::OutcomeCountOutOfRange);
        }
        let depth = checked_depth(depth)?;
        let mut leader = 0;
        let mut greatest = [i64::MIN; 2];
        let mut smallest = [i64::MAX; 2];
        let mut lowest = [0; 2];
        for (outcome, &quantity) in quantities.iter().enumerate() {
            if quantity.unsigned_abs() > MAX_QUANTITY {
                return Err(MathError::Overflow);
            }
            if quantity > greatest[0] {
                greatest = [quantity, greatest[0]];
                leader = outcome;
            } else if quantity > greatest[1] {
                greatest[1] = quantity;
            }
            if quantity < smallest[0] {
                smallest = [quantity, smallest[0]];
                lowest = [outcome, lowest[0]];
            } else if quantity < smallest[1] {
                smallest[1] = quantity;
                lowest[1] = outcome;
            }
        }
        let spread = greatest[0].wrapping_sub(smallest[0]).cast_unsigned();
        let wide = Real::from_u64(depth);
        Ok(Self {
            depth: wide,
            inverse_depth: wide.reciprocal()?,
            quantities,
            leader,
            greatest,
            lowest,
            extent: if spread > depth {
                Real::from_u64(spread)
            } else {
                wide
            },
        })
    }

    /// Spot prices, rounded down by at most 2⁻⁶¹ beside 2⁻⁵⁴ of themselves; zero beyond the outcomes.
    ///
    /// # Errors
    /// `OutcomeCountOutOfRange` when there are more than `N`.
    pub fn prices<const N: usize>(&self) -> Result<[Price; N], MathError> {
        Ok(self.side(self.leader)?.prices())
    }

    /// What the order trades.
    ///
    /// # Errors
    /// `OutcomeOutOfRange`, `FeeRateTooHigh`; of purchases `StakeTooSmall` or `NoShares` and
    /// `PriceBelowMinimum`; of sales `NoShares`.
    pub fn quote(&self, outcome: usize, order: Order, fees: Fees) -> Result<Trade, MathError> {
        self.side::<MAX_OUTCOMES>(outcome)?.quote(order, fees)
    }

    /// Φ⁻¹ of the price of the first of two outcomes.
    ///
    /// # Errors
    /// `OutsideDomain` at a price of zero.
    fn score(&self) -> Result<Real, MathError> {
        let first = self.side::<{ pm_amm::OUTCOMES }>(0)?;
        if first.p < Real::HALF {
            quantile(first.p)
        } else {
            Ok(-quantile(first.complement)?)
        }
    }

    pub(crate) fn side<const N: usize>(&self, outcome: usize) -> Result<Side<N>, MathError> {
        let outcomes = self.quantities.len();
        if outcomes > N {
            return Err(MathError::OutcomeCountOutOfRange);
        }
        let own = *self
            .quantities
            .get(outcome)
            .ok_or(MathError::OutcomeOutOfRange)?;
        let [first, second] = self.greatest;
        let reference = if outcome == self.leader {
            second
        } else {
            first
        };
        let mut weights = [0; N];
        let others = self.write_weights(outcome, reference, &mut weights)?;
        let ahead = Real::from_i64(own.wrapping_sub(reference)) * self.inverse_depth;
        let weight = match ahead.exp() {
            Ok(Real::ZERO) => LEAST_WEIGHT,
            Ok(weight) => weight,
            Err(_) => GREATEST_WEIGHT,
        };
        let scale = (weight + others).reciprocal()?;
        Ok(Side {
            outcome,
            outcomes,
            depth: self.depth,
            inverse_depth: self.inverse_depth,
            extent: self.extent,
            lowest: self.lowest,
            weights,
            scale,
            p: weight * scale,
            complement: others * scale,
            last: Cell::new((0, Real::ZERO)),
        })
    }

    /// Writes the weights of the other outcomes, and returns their sum. It is within 2⁻⁵⁴ of itself:
    /// each weight within 2⁻⁵⁵, and cut to Q1.63.
    fn write_weights<const N: usize>(
        &self,
        outcome: usize,
        reference: i64,
        weights: &mut [u64; N],
    ) -> Result<Real, MathError> {
        if self.quantities.len() == 2 {
            // The other one is the reference.
            return Ok(Real::ONE);
        }
        let limit = (NEGLIGIBLE * self.depth).ceil_amount()?;
        let halvings = Halvings::of(limit, self.inverse_depth);
        let mut sum = 0u128;
        for (other, (weight, &quantity)) in weights.iter_mut().zip(self.quantities).enumerate() {
            let behind = reference.wrapping_sub(quantity).cast_unsigned();
            if other != outcome && behind < limit {
                *weight = halvings.weight(behind);
                // No overflow: at most 64 weights of at most 2⁶³.
                sum = sum.wrapping_add(u128::from(*weight));
            }
        }
        Ok(Real::from_u128(sum).shifted(-63))
    }
}

impl<const N: usize> Side<N> {
    pub(crate) fn depth(&self) -> Real {
        self.depth
    }

    /// `1 − e^(−x/b)` for an amount x in base units, by `distance`, its x/b. That of the last amount is kept: what shares
    /// return is asked at several prices.
    fn lost(&self, amount: u64, distance: impl FnOnce() -> Real) -> Result<Real, MathError> {
        let (last, lost) = self.last.get();
        if last == amount {
            return Ok(lost);
        }
        let lost = -(-distance()).exp_m1()?;
        self.last.set((amount, lost));
        Ok(lost)
    }

    /// The same.
    pub(crate) fn lost_by(&self, amount: u64) -> Result<Real, MathError> {
        self.lost(amount, || Real::from_u64(amount) * self.inverse_depth)
    }

    /// Spot price of the outcome, rounded down.
    pub(crate) fn price(&self) -> Price {
        Price::from_real(self.p)
    }

    /// Spot prices, rounded down; zero beyond the outcomes.
    fn prices(&self) -> [Price; N] {
        let mut prices = [Price::ZERO; N];
        if self.outcomes == 2 {
            // The weight of the other one is not written.
            let other = Price::from_real(self.complement);
            for price in prices.iter_mut().take(2) {
                *price = other;
            }
        } else {
            self.write_other_prices(&mut prices);
        }
        if let Some(price) = prices.get_mut(self.outcome) {
            *price = self.price();
        }
        prices
    }

    /// By their weights.
    fn write_other_prices(&self, prices: &mut [Price; N]) {
        let factor = if self.scale >= Real::ONE {
            u64::MAX
        } else {
            self.scale.fraction()
        };
        let weights = self.weights.iter().take(self.outcomes);
        for (price, &weight) in prices.iter_mut().zip(weights) {
            *price = Price(mul_high(weight, factor));
        }
    }

    pub(crate) fn quote(&self, order: Order, fees: Fees) -> Result<Trade, MathError> {
        match order {
            Order::Stake(stake) => self.buy(stake, fees),
            Order::Buy(shares) => self.buy_shares(shares, fees),
            Order::Sell(shares) => self.sell(shares, fees),
        }
    }

    /// Buys for exactly `stake`, the fee included: cost and fee sum to it. The shares are rounded
    /// down and the cost up, which leaves the fee less than two base units below exact.
    ///
    /// # Errors
    /// `OutcomeOutOfRange`, `FeeRateTooHigh`, `StakeTooSmall`, `PriceBelowMinimum`.
    fn buy(&self, stake: Money, fees: Fees) -> Result<Trade, MathError> {
        if stake == Money::ZERO {
            return Err(MathError::StakeTooSmall);
        }
        let bought = self.solve(Real::from_u64(stake.0), fees.checked()?)?;
        if bought.growth > self.growth_limit()? {
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
    fn buy_shares(&self, shares: Shares, fees: Fees) -> Result<Trade, MathError> {
        let fees = fees.checked()?;
        let p = self.p;
        if shares == Shares::ZERO {
            return Err(MathError::NoShares);
        }
        let amount = Real::from_u64(shares.0);
        let share_growth = (amount * self.inverse_depth)
            .exp_m1()
            .map_err(|_| MathError::PriceBelowMinimum)?;
        // The sum of the weights grows by the factor 1 + growth.
        let growth = p * share_growth;
        if growth > self.growth_limit()? {
            return Err(MathError::PriceBelowMinimum);
        }
        let cost = self.depth * growth.ln_1p()?;
        let starts_above = p >= Real::HALF;
        let ends_above = p + growth >= self.complement;
        let crossing = self.crossing(starts_above, ends_above)?;
        let error = self.error(amount);
        let base = fee_base(ends_above, amount, cost, crossing) + error;
        Ok(Trade {
            shares,
            cost: Money((cost + error).ceil_amount()?),
            fee: fees.charge(base, amount)?,
        })
    }

    /// Sells exactly `shares`. The proceeds are rounded down, the fee up.
    ///
    /// # Errors
    /// `OutcomeOutOfRange`, `FeeRateTooHigh`, `NoShares`.
    fn sell(&self, shares: Shares, fees: Fees) -> Result<Trade, MathError> {
        let fees = fees.checked()?;
        let (p, complement) = (self.p, self.complement);
        if shares == Shares::ZERO {
            return Err(MathError::NoShares);
        }
        let amount = Real::from_u64(shares.0);
        let distance = amount * self.inverse_depth;
        // `remaining` is the weight left of the outcome, as a part of the sum before.
        let (remaining, proceeds) = if distance < Real::HALF {
            let sold = p * self.lost(shares.0, || distance)?;
            (p - sold, -(-sold).ln_1p()?)
        } else {
            let remaining = p * (-distance).exp()?;
            (remaining, -(complement + remaining).ln()?)
        };
        let proceeds = self.depth * proceeds;
        let starts_above = p >= Real::HALF;
        let ends_above = remaining >= complement;
        let crossing = self.crossing(starts_above, ends_above)?;
        let error = self.error(amount);
        let base = fee_base(ends_above, amount, proceeds, crossing) + error;
        let gross = (proceeds - error).floor_amount()?;
        Ok(Trade {
            shares,
            cost: Money(gross),
            fee: fees.charge(base, amount)?.min(Money(gross)),
        })
    }

    /// The trade after which the spot price is the target t: `b ln(t (1 − p) / (p (1 − t)))` shares,
    /// rounded down. Prices are good to 2⁻⁵⁵ of themselves and of one less them, which is why the
    /// margin grows towards both ends.
    ///
    /// # Errors
    /// `OutcomeOutOfRange`, `OutsideDomain` when the target is zero or one.
    fn order_until(&self, target: Price) -> Result<Order, MathError> {
        let (target, rest) = target_of(target)?;
        let ahead = target * self.complement;
        let behind = self.p * rest;
        let way = self.depth * ahead.divide(behind)?.ln()?;
        let margin = self.depth.shifted(-54).divide(target * rest)?;
        order_of(
            way,
            margin + self.error(way.abs()) + self.depth.shifted(-47),
        )
    }

    /// `b ln[p (1 − e^(−N/b)) / (1 − e^(−D/b))]`, rounded down: the money that buys the other outcomes
    /// until N shares return no more than D. Zero when they return no more already.
    pub(crate) fn opposing_money(&self, shares: Shares, debt: Money) -> Result<Money, MathError> {
        let ratio = (self.p * self.lost_by(shares.0)?).divide(self.lost_by(debt.0)?)?;
        if ratio <= Real::ONE {
            return Ok(Money::ZERO);
        }
        let money = self.depth * ratio.ln()?;
        let certain = money - self.error(money);
        certain.floor_amount().map(Money)
    }

    /// `−b ln(1 − (1 − e^(−v/b)) / p)`, rounded up, the error included, which is that of the value over
    /// the price after the sale, and is taken up to twice as high, which costs no division.
    pub(crate) fn shares_for(&self, value: Money) -> Result<Option<Shares>, MathError> {
        let amount = Real::from_u64(value.0);
        let lost = -(-(amount * self.inverse_depth)).exp_m1()?;
        let left = self.p - lost;
        if left <= Real::ZERO {
            return Ok(None);
        }
        let shares = -(self.depth * (-lost.divide(self.p)?).ln_1p()?);
        let error = self.error(amount).shifted(left.inverse_below());
        Ok((shares + error).ceil_amount().ok().map(Shares))
    }

    /// What a stake buys. Where the floor of the fee binds, `u + rate · floor · D(u)` is the stake over
    /// b, with D the shares and u the cost, both over b.
    fn solve(&self, stake: Real, fees: Fees) -> Result<Bought, MathError> {
        let bought = self.solve_without_floor(stake, fees.rate)?;
        let Some(floor) = fees.binding_floor(stake, bought.cost, bought.shares) else {
            return Ok(bought);
        };
        let target = stake * self.inverse_depth;
        // D is concave: from below, no step leads far past the root, however low the price.
        let u = target.divide(Real::ONE + floor.divide(self.p)?)?;
        self.solve_from((u, grown(u)?), target, Real::ONE, floor)
    }

    /// Below one half the cost is `stake / (1 + rate)`. Above, the fee depends on the shares:
    /// `(1 − rate) u + rate (D(u) + crossing)` is the stake over b, nearly linear in u.
    fn solve_without_floor(&self, stake: Real, rate: BasisPoints) -> Result<Bought, MathError> {
        let (p, complement) = (self.p, self.complement);
        let starts_above = p >= Real::HALF;
        let mut start = None;
        if rate.0 == 0 || !starts_above {
            let cost = cost_below_half(stake, rate)?;
            let u = cost * self.inverse_depth;
            let growth = grown(u)?;
            if rate.0 == 0 || p + growth <= complement {
                return Ok(Bought {
                    cost,
                    growth,
                    shares: self.depth * growth.divide(p)?.ln_1p()?,
                });
            }
            start = Some((u, growth));
        }
        let keep = rate.rest();
        let rate = rate.to_real();
        let mut target = stake * self.inverse_depth;
        let start = match start {
            Some(start) => {
                target = target - rate * (p * complement).shifted(2).ln()?;
                start
            }
            None => {
                let u = self.first_step(target, keep, rate)?;
                (u, grown(u)?)
            }
        };
        self.solve_from(start, target, keep, rate)
    }

    /// A step from zero towards `keep · u + rate · D(u) = target`, where D and its derivatives need no
    /// evaluation, for a price of one half or more. What bends the sum is only the rate's part of it.
    fn first_step(&self, target: Real, keep: Real, rate: Real) -> Result<Real, MathError> {
        let inverse_p = self.p.reciprocal()?;
        let slope = rate * inverse_p;
        let curvature = -(slope * self.complement * inverse_p);
        let inverse = (keep + slope).reciprocal()?;
        let newton = target * inverse;
        let bend = (curvature * inverse * newton).shifted(-1);
        if bend.abs() < Real::power_of_two(-3) {
            Ok(newton - newton * bend)
        } else {
            Ok(newton)
        }
    }

    /// Solves `keep · u + rate · D(u) = target` from a u and its growth.
    fn solve_from(
        &self,
        (mut u, mut growth): (Real, Real),
        target: Real,
        keep: Real,
        rate: Real,
    ) -> Result<Bought, MathError> {
        let (p, complement) = (self.p, self.complement);
        let inverse_p = p.reciprocal()?;
        let starts_above = p >= Real::HALF;
        for _ in 0..MAX_ITERATIONS {
            let shares = (growth * inverse_p).ln_1p()?;
            let total = Real::ONE + growth;
            let inverse = (p + growth).reciprocal()?;
            let slope = total * inverse;
            let curvature = -(slope * complement * inverse);
            let residual = target - keep * u - rate * shares;
            let inverse_first = (keep + rate * slope).reciprocal()?;
            let second = rate * curvature;
            if starts_above {
                if let Some(step) = short_step(residual, inverse_first, second) {
                    let bend = curvature * step;
                    return Ok(Bought {
                        cost: self.depth * (u + step),
                        growth: growth + total * step,
                        shares: self.depth * (shares + step * (slope + bend.shifted(-1))),
                    });
                }
            }
            let twist = twist(slope, curvature);
            let step = solver_step(residual, inverse_first, second, rate * twist)?;
            // Against the price, where that is low.
            if is_settled(step) && (starts_above || is_settled(step * slope.shifted(-1))) {
                let bend = (curvature + twist * step * THIRD) * step;
                return Ok(Bought {
                    cost: self.depth * (u + step),
                    growth: growth + total * step,
                    shares: self.depth * (shares + step * (slope + bend.shifted(-1))),
                });
            }
            u = u + step;
            growth = grown(u)?;
        }
        Err(MathError::NoConvergence)
    }

    /// The greatest growth of the sum of weights that buying the outcome may cause: it divides
    /// the prices of the others by one plus it. Outcomes below the minimum already do not count:
    /// sales alone bring them there, and one that nobody believes in must not block the others.
    fn growth_limit(&self) -> Result<Real, MathError> {
        const MINIMUM: Real = MIN_TRADING_PRICE.to_real();
        let price = |weight: u64| Real::scaled(weight, -63) * self.scale;
        let [first, second] = self.lowest;
        let lowest = if first == self.outcome { second } else { first };
        let mut rarest = if self.outcomes == 2 {
            self.complement
        } else {
            let weight = self.weights.get(lowest).copied();
            price(weight.ok_or(MathError::OutcomeOutOfRange)?)
        };
        if rarest < MINIMUM {
            rarest = Real::ONE;
            // That of the outcome itself is zero.
            for &weight in self.weights.iter().take(self.outcomes) {
                let p = price(weight);
                if p >= MINIMUM && p < rarest {
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
    fn crossing(&self, starts_above: bool, ends_above: bool) -> Result<Real, MathError> {
        if starts_above == ends_above {
            return Ok(Real::ZERO);
        }
        let product = self.p * self.complement;
        Ok(self.depth * product.shifted(2).ln()?)
    }
}

/// By how much the sum of the weights grows for a cost over b, as a part of it.
fn grown(u: Real) -> Result<Real, MathError> {
    u.exp_m1().map_err(|_| MathError::PriceBelowMinimum)
}

/// The third derivative of the shares D(u), from the first and the second: with P the price,
/// `D′ = 1 / P`, `D″ = −(1 − P) / P²` and `D‴ = −D″ (2 / P − 1)`.
fn twist(slope: Real, curvature: Real) -> Real {
    -(curvature * (slope.shifted(1) - Real::ONE))
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
        Lmsr::new(state.depth, state.quantities)?.prices()
    }

    #[inline(never)]
    fn quote(
        &self,
        state: State,
        outcome: usize,
        order: Order,
        fees: Fees,
        probabilities: Option<&mut [Price; N]>,
    ) -> Result<Trade, MathError> {
        let side = Lmsr::new(state.depth, state.quantities)?.side::<N>(outcome)?;
        if let Some(probabilities) = probabilities {
            *probabilities = side.prices();
        }
        side.quote(order, fees)
    }

    fn order_until(&self, state: State, outcome: usize, target: Price) -> Result<Order, MathError> {
        Lmsr::new(state.depth, state.quantities)?
            .side::<N>(outcome)?
            .order_until(target)
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
        let score = Lmsr::new(state.depth, state.quantities)?.score()?;
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
