//! The pm-AMM of two outcomes (Moallemi and Robinson, "pm-AMM: A Uniform AMM for Prediction
//! Markets", Paradigm, 2024).
//!
//! Reserves x of outcome 0 and y of outcome 1 lie on `(y − x) Φ(z) + L φ(z) − y = 0` with
//! `z = (y − x) / L`, and Φ(z) is the price of outcome 0. With `G(z) = z Φ(z) + φ(z)`, the
//! integral of Φ, that is `y = L G(z)` and `x = L G(−z)`. A cost c mints c complete sets: buying
//! outcome 0 moves y to `y + c = L G(z')` and pays out `L (z' − z)` shares. Outcome 1 is the same
//! with x and y exchanged. The depth L is the caller's, so a schedule may change it between trades.

use crate::curve::{add_to, order_of, target_of, Curve, Limits, State};
use crate::error::MathError;
use crate::normal::{quantile, NormalPoint};
use crate::real::Real;
use crate::tables::{DENSITY_AT_ZERO, MAX_TRADING_Z};
use crate::trade::{
    checked_depth, cost_below_half, fee_base, is_settled, short_step, solver_step, Fees, Order,
    Trade, MAX_ITERATIONS,
};
use crate::units::{BasisPoints, Money, Price, Shares};

/// Number of outcomes.
pub const OUTCOMES: usize = 2;

/// Greatest reserve.
const MAX_RESERVE: u64 = 1 << 61;

/// A computed amount is within `2^ERROR` of the greatest of depth, difference of the reserves and
/// amount traded, and a reserve on the curve within `2^ERROR` of itself.
const ERROR: i64 = -49;

/// G(−8) is below 10⁻¹⁶, less than a base unit at any depth, so no solution lies further left.
const LEAST_Z: Real = Real::from_i64(-8);

/// Below this many depths a sale is narrow: the series of `sale_at` is then within 2⁻⁵⁰ of itself, and
/// above, cancellation leaves 2⁻⁴⁷.
const NARROW_SALE: Real = Real::power_of_two(-6);

/// The error of a root of `sale_at` is so many powers of two greater than that of an amount.
const SALE_ERROR: i64 = 3;

/// Newton's method on the logarithm of a sale takes some ten steps at most.
const MAX_SALE_ITERATIONS: usize = 40;

/// A market at one moment: its depth, its reserves and the normal distribution at its price.
#[derive(Clone, Copy, Debug)]
pub struct PmAmm {
    depth: Real,
    inverse_depth: Real,
    /// The greater of the depth and the difference of the reserves.
    extent: Real,
    reserves: [u64; OUTCOMES],
    point: NormalPoint,
}

/// The market as seen from one outcome.
struct Side {
    point: NormalPoint,
    /// Reserve of the other outcome as trades see it, in base units and over the depth.
    reference: Real,
    scaled_reference: Real,
    extent: Real,
}

impl PmAmm {
    /// From the depth L and the reserves of the two outcomes, all in base units.
    ///
    /// # Errors
    /// `DepthOutOfRange`; `Overflow` when a reserve is above 2⁶¹.
    pub fn new(depth: Money, reserves: [Shares; OUTCOMES]) -> Result<Self, MathError> {
        let depth = checked_depth(depth)?;
        let [x, y] = reserves.map(|reserve| reserve.0);
        if x.max(y) > MAX_RESERVE {
            return Err(MathError::Overflow);
        }
        let inverse_depth = Real::from_u64(depth).reciprocal()?;
        let difference = x.abs_diff(y);
        let distance = Real::from_u64(difference) * inverse_depth;
        let z = if y < x { -distance } else { distance };
        Ok(Self {
            depth: Real::from_u64(depth),
            inverse_depth,
            extent: Real::from_u64(depth.max(difference)),
            reserves: [x, y],
            point: NormalPoint::at(z)?,
        })
    }

    /// The reserves where the price of outcome 0 is Φ(z), `L G(−z)` and `L G(z)`, within 2⁻⁴⁸ of
    /// the depth and relatively.
    ///
    /// # Errors
    /// None for any finite z.
    pub(crate) fn reserves_at(depth: Real, z: Real) -> Result<[Real; OUTCOMES], MathError> {
        let point = NormalPoint::at(z)?;
        Ok([
            depth * point.integral_above(),
            depth * point.integral_below(),
        ])
    }

    /// Spot prices, rounded down.
    pub fn prices(&self) -> [Price; OUTCOMES] {
        [self.point.below(), self.point.above()].map(Price::from_real)
    }

    /// The depth and its inverse.
    pub(crate) fn depths(&self) -> [Real; 2] {
        [self.depth, self.inverse_depth]
    }

    /// Spot price of an outcome, rounded down; of the second one for any but the first.
    pub(crate) fn price(&self, outcome: usize) -> Price {
        Price::from_real(match outcome {
            0 => self.point.below(),
            _ => self.point.above(),
        })
    }

    /// How far the reserves lie above the curve, `y − L G(z)` in base units, rounded down. Rounding
    /// keeps a pool's between −1 and a unit for each trade; a caller who takes reserves from
    /// elsewhere checks it, since off the curve a trade has no definite price.
    ///
    /// # Errors
    /// `Overflow` when it does not fit.
    pub fn above_curve(&self) -> Result<i64, MathError> {
        let [_, y] = self.reserves;
        (Real::from_u64(y) - self.depth * self.point.integral_below()).floor()
    }

    /// What the order trades.
    ///
    /// # Errors
    /// Those of the method for it.
    pub fn quote(&self, outcome: usize, order: Order, fees: Fees) -> Result<Trade, MathError> {
        match order {
            Order::Stake(stake) => self.buy(outcome, stake, fees),
            Order::Buy(shares) => self.buy_shares(outcome, shares, fees),
            Order::Sell(shares) => self.sell(outcome, shares, fees),
        }
    }

    /// Buys for exactly `stake`, the fee included: cost and fee sum to it. The shares are rounded
    /// down and the cost up, which leaves the fee less than two base units below exact.
    ///
    /// # Errors
    /// `OutcomeOutOfRange`, `FeeRateTooHigh`, `StakeTooSmall`, `PriceBelowMinimum`.
    pub fn buy(&self, outcome: usize, stake: Money, fees: Fees) -> Result<Trade, MathError> {
        let side = self.side(outcome)?;
        if stake == Money::ZERO {
            return Err(MathError::StakeTooSmall);
        }
        let (cost, z) = self.cost_of_stake(&side, Real::from_u64(stake.0), fees.checked()?)?;
        if z > MAX_TRADING_Z {
            return Err(MathError::PriceBelowMinimum);
        }
        let shares = self.depth * (z - side.point.z);
        let shares = (shares - side.error(shares)).floor_amount()?;
        if shares == 0 {
            return Err(MathError::StakeTooSmall);
        }
        let cost = Money(cost.ceil_amount()?.min(stake.0));
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
        fees: Fees,
    ) -> Result<Trade, MathError> {
        let fees = fees.checked()?;
        let side = self.side(outcome)?;
        if shares == Shares::ZERO {
            return Err(MathError::NoShares);
        }
        let amount = Real::from_u64(shares.0);
        let end = NormalPoint::at(side.point.z + amount * self.inverse_depth)?;
        if end.z > MAX_TRADING_Z {
            return Err(MathError::PriceBelowMinimum);
        }
        let error = side.error(amount);
        let cost = self.depth * end.integral_below() - side.reference;
        let base = fee_base(
            !end.z.is_negative(),
            amount,
            cost,
            self.depth * side.crossing(!end.z.is_negative()),
        ) + error;
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
    pub fn sell(&self, outcome: usize, shares: Shares, fees: Fees) -> Result<Trade, MathError> {
        let fees = fees.checked()?;
        let side = self.side(outcome)?;
        if shares == Shares::ZERO {
            return Err(MathError::NoShares);
        }
        let amount = Real::from_u64(shares.0);
        let end = NormalPoint::at(side.point.z - amount * self.inverse_depth)?;
        let error = side.error(amount);
        let proceeds = side.reference - self.depth * end.integral_below();
        let base = fee_base(
            !end.z.is_negative(),
            amount,
            proceeds,
            self.depth * side.crossing(!end.z.is_negative()),
        ) + error;
        let gross = (proceeds - error).floor_amount()?;
        Ok(Trade {
            shares,
            cost: Money(gross),
            fee: fees.charge(base, amount)?.min(Money(gross)),
        })
    }

    /// The trade after which the spot price is the target t: `L (Φ⁻¹(t) − z)` shares, rounded down.
    /// Prices are good to 2⁻⁵⁵, which is why the margin grows with 1 / φ.
    ///
    /// # Errors
    /// `OutcomeOutOfRange`, `OutsideDomain` when the target is zero or one.
    pub fn order_until(&self, outcome: usize, target: Price) -> Result<Order, MathError> {
        let side = self.side(outcome)?;
        let (below, above) = target_of(target)?;
        let z = if below < Real::HALF {
            quantile(below)?
        } else {
            -quantile(above)?
        };
        let way = self.depth * (z - side.point.z);
        let density = NormalPoint::at(z)?.density;
        let margin = self.depth.shifted(-55).divide(density)?;
        order_of(way, margin + side.error(way.abs()))
    }

    /// The money that buys the other outcome, fees not counted, until a sale of the shares returns no
    /// more than the debt, fees not counted either: `L [G(−z′) − G(−z)]` with
    /// `L [G(z′) − G(z′ − N/L)] = D`, rounded down. Zero when it returns no more already.
    ///
    /// # Errors
    /// `OutcomeOutOfRange`; `OutsideDomain` at a debt of zero, `NoConvergence`.
    pub fn opposing_money(
        &self,
        outcome: usize,
        shares: Shares,
        debt: Money,
    ) -> Result<Money, MathError> {
        let side = self.side(outcome)?;
        let width = Real::from_u64(shares.0) * self.inverse_depth;
        let target = Real::from_u64(debt.0) * self.inverse_depth;
        if sale_at(side.point, width)?.0 <= target {
            return Ok(Money::ZERO);
        }
        let end = NormalPoint::at(solve_sale(width, target)?)?;
        let money = self.depth * (end.integral_above() - side.point.integral_above());
        let certain = money - side.error(money).shifted(SALE_ERROR);
        certain.floor_amount().map(Money)
    }

    /// The fewest shares of an outcome whose sale returns the value, fees not counted, nothing if no sale
    /// does: `L [z − G⁻¹(G(z) − v/L)]`, rounded up, the error included, which is that of the value over
    /// the price after the sale.
    ///
    /// # Errors
    /// `OutcomeOutOfRange`, `NoConvergence`.
    pub fn shares_for(&self, outcome: usize, value: Money) -> Result<Option<Shares>, MathError> {
        let side = self.side(outcome)?;
        let amount = Real::from_u64(value.0);
        let target = side.scaled_reference - amount * self.inverse_depth;
        if target <= Real::ZERO {
            return Ok(None);
        }
        let z = solve(Real::ONE, Real::ZERO, target, side.point)?;
        let shares = self.depth * (side.point.z - z);
        let error = side.error(amount).divide(NormalPoint::at(z)?.below())?;
        Ok((shares + error).ceil_amount().ok().map(Shares))
    }

    fn side(&self, outcome: usize) -> Result<Side, MathError> {
        let [x, y] = self.reserves;
        let (point, other) = match outcome {
            0 => (self.point, y),
            1 => (self.point.mirrored(), x),
            _ => return Err(MathError::OutcomeOutOfRange),
        };
        // Rounding leaves reserves above the curve. What is a whole unit or more above stays with
        // the pool; with it, a round trip could return more than it cost.
        let on_curve = self.depth * point.integral_below();
        let on_curve = (on_curve - on_curve.shifted(ERROR)).ceil_amount()?;
        let reference = Real::from_u64(other.min(on_curve));
        Ok(Side {
            point,
            reference,
            scaled_reference: reference * self.inverse_depth,
            extent: self.extent,
        })
    }

    /// The cost in a stake, and z after it. Where the floor of the fee binds, with m the rate times it,
    /// `G(z') + m z' = stake + reference + m z` over L.
    fn cost_of_stake(
        &self,
        side: &Side,
        stake: Real,
        fees: Fees,
    ) -> Result<(Real, Real), MathError> {
        let (cost, z) = self.cost_without_floor(side, stake, fees.rate)?;
        let shares = self.depth * (z - side.point.z);
        let Some(floor) = fees.binding_floor(stake, cost, shares) else {
            return Ok((cost, z));
        };
        let target = stake * self.inverse_depth + side.scaled_reference + floor * side.point.z;
        let z = solve(Real::ONE, floor, target, NormalPoint::at(z)?)?;
        let cost = stake - floor * self.depth * (z - side.point.z);
        Ok((cost, z))
    }

    /// Below one half the cost is `stake / (1 + rate)`, and
    /// `G(z')` is the reference and the cost over L. Above, the fee depends on the shares: all over
    /// L, with shares `z' − z` and cost `G(z') − reference`, the new z' solves
    /// `(1 − rate) G(z') + rate z' = stake + (1 − rate) reference + rate (z − crossing)`.
    fn cost_without_floor(
        &self,
        side: &Side,
        stake: Real,
        rate: BasisPoints,
    ) -> Result<(Real, Real), MathError> {
        let starts_above = !side.point.z.is_negative();
        if rate.0 == 0 || !starts_above {
            let cost = cost_below_half(stake, rate)?;
            let target = side.scaled_reference + cost * self.inverse_depth;
            if rate.0 == 0 || target <= DENSITY_AT_ZERO {
                return Ok((cost, solve(Real::ONE, Real::ZERO, target, side.point)?));
            }
        }
        let keep = rate.rest();
        let rate = rate.to_real();
        let crossing = side.crossing(true);
        let target = stake * self.inverse_depth
            + keep * side.scaled_reference
            + rate * (side.point.z - crossing);
        let start = if starts_above {
            side.point
        } else {
            NormalPoint::ZERO
        };
        let z = solve(keep, rate, target, start)?;
        let fee_base = self.depth * (z - side.point.z + crossing);
        let cost = (stake - rate * fee_base).divide(keep)?;
        Ok((cost, z))
    }
}

impl Side {
    fn error(&self, amount: Real) -> Real {
        self.extent.max(amount).shifted(ERROR)
    }

    /// The fee correction over L of a path across one half, `2 φ(0) − 2 G(z) + z`; zero of one
    /// that ends where it starts.
    fn crossing(&self, ends_above: bool) -> Real {
        if self.point.z.is_negative() != ends_above {
            return Real::ZERO;
        }
        (DENSITY_AT_ZERO - self.scaled_reference).shifted(1) + self.point.z
    }
}

/// Solves `scale · G(z) + slope · z = target` for z. The left side is convex and increasing.
fn solve(scale: Real, slope: Real, target: Real, start: NormalPoint) -> Result<Real, MathError> {
    let mut point = if start.z < LEAST_Z {
        NormalPoint::at(LEAST_Z)?
    } else {
        start
    };
    for _ in 0..MAX_ITERATIONS {
        let integral = point.integral_below();
        let below = point.below();
        let step = if slope.is_zero() {
            if target > integral.shifted(1) {
                // Far below: Newton's method on the logarithm of G, which is concave.
                target.divide(integral)?.ln()? * integral.divide(below)?
            } else {
                let residual = target - integral;
                curve_step(&point, residual, below.reciprocal()?, point.density)?
            }
        } else {
            let inverse = (scale * below + slope).reciprocal()?;
            let residual = target - scale * integral - slope * point.z;
            curve_step(&point, residual, inverse, scale * point.density)?
        };
        let z = point.z + step;
        if is_settled(step) {
            return Ok(z);
        }
        point = NormalPoint::at(z)?;
    }
    Err(MathError::NoConvergence)
}

/// A step where the function's second derivative is a multiple of φ, whose own is −z φ.
fn curve_step(
    point: &NormalPoint,
    residual: Real,
    inverse: Real,
    second: Real,
) -> Result<Real, MathError> {
    match short_step(residual, inverse, second) {
        Some(step) => Ok(step),
        None => solver_step(residual, inverse, second, -(point.z * second)),
    }
}

/// What a sale returns at z and its derivative there, `G(z) − G(z − n)` and `Φ(z) − Φ(z − n)` for n
/// shares, all over L. A narrow sale would cancel: it is the series about its middle c, of the even
/// derivatives of Φ, `Φ⁗ = −He₃ φ`, and so on, times `n^(2k+1) / (4^k (2k + 1)!)`.
fn sale_at(point: NormalPoint, width: Real) -> Result<(Real, Real), MathError> {
    /// 1/24, 1/1920 and 1/322560.
    const PARTS: [Real; 3] = [
        Real::positive(0xaaaa_aaaa_aaaa_aaab, -68),
        Real::positive(0x8888_8888_8888_8889, -74),
        Real::positive(0xd00d_00d0_0d00_d00d, -82),
    ];
    if width >= NARROW_SALE {
        let end = NormalPoint::at(point.z - width)?;
        return Ok((
            point.integral_below() - end.integral_below(),
            point.below() - end.below(),
        ));
    }
    let middle = NormalPoint::at(point.z - width.shifted(-1))?;
    let (c, square) = (middle.z, width * width);
    let c_square = c * c;
    let hermite = [
        -c,
        -(c * (c_square - Real::from_u64(3))),
        -(c * (c_square * (c_square - Real::from_u64(10)) + Real::from_u64(15))),
    ];
    let mut power = Real::ONE;
    let mut sum = Real::ZERO;
    for (part, factor) in PARTS.into_iter().zip(hermite) {
        power = power * square;
        sum = sum + power * part * factor;
    }
    let slope = Real::ONE + square * PARTS[0] * (c_square - Real::ONE);
    Ok((
        width * (middle.below() + middle.density * sum),
        width * middle.density * slope,
    ))
}

/// The z at which a sale returns the target, all over L, by Newton's method on the logarithm. What a
/// sale returns is Φ, which is log-concave, averaged over an interval, so log-concave too; and no more
/// than n Φ(z), which starts left of the solution. So no step passes it.
fn solve_sale(width: Real, target: Real) -> Result<Real, MathError> {
    let mut z = quantile(target.divide(width)?)?;
    if z < LEAST_Z {
        z = LEAST_Z;
    }
    for _ in 0..MAX_SALE_ITERATIONS {
        let (value, slope) = sale_at(NormalPoint::at(z)?, width)?;
        let step = target.divide(value)?.ln()? * value.divide(slope)?;
        z = z + step;
        if step.abs() < Real::power_of_two(-28) {
            return Ok(z);
        }
    }
    Err(MathError::NoConvergence)
}

/// The pm-AMM to a pool. Its quantities are reserves in shares.
pub(crate) struct Rule;

impl Rule {
    pub(crate) fn evaluated(state: State) -> Result<PmAmm, MathError> {
        let &[x, y] = state.quantities else {
            return Err(MathError::OutcomeCountOutOfRange);
        };
        let reserve = |quantity: i64| {
            u64::try_from(quantity)
                .map(Shares)
                .map_err(|_| MathError::Insolvent)
        };
        PmAmm::new(state.depth, [reserve(x)?, reserve(y)?])
    }
}

impl<const N: usize> Curve<N> for Rule {
    fn limits(&self) -> Limits {
        Limits {
            most_outcomes: OUTCOMES,
            max_quantity: MAX_RESERVE,
            sets: true,
            schedule: true,
        }
    }

    /// Reserves at the price; the loss is the greater of them.
    fn open(
        &self,
        depth: Money,
        prior: &[Price],
        quantities: &mut [i64],
    ) -> Result<Money, MathError> {
        let &[first, second] = prior else {
            return Err(MathError::OutcomeCountOutOfRange);
        };
        let sum = first.to_real() + second.to_real();
        let price = first.to_real().divide(sum)?;
        let depth = Real::from_u64(depth.0);
        let reserves = PmAmm::reserves_at(depth, quantile(price)?)?;
        let error = depth.shifted(-45);
        let mut greatest = 0;
        for (quantity, reserve) in quantities.iter_mut().zip(reserves) {
            let reserve = (reserve + error).ceil_amount()?;
            *quantity = i64::try_from(reserve).map_err(|_| MathError::Overflow)?;
            greatest = reserve.max(greatest);
        }
        Ok(Money(greatest))
    }

    fn prices(&self, state: State) -> Result<[Price; N], MathError> {
        Ok(spread_out(Self::evaluated(state)?.prices()))
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
        let curve = Self::evaluated(state)?;
        if let Some(probabilities) = probabilities {
            *probabilities = spread_out(curve.prices());
        }
        curve.quote(outcome, order, fees)
    }

    fn order_until(&self, state: State, outcome: usize, target: Price) -> Result<Order, MathError> {
        Self::evaluated(state)?.order_until(outcome, target)
    }

    /// The money becomes complete sets in the reserves, from which the shares are paid out.
    fn apply(
        &self,
        quantities: &mut [i64],
        outcome: usize,
        shares: i64,
        cost: i64,
    ) -> Result<(), MathError> {
        for reserve in quantities.iter_mut() {
            *reserve = reserve.checked_add(cost).ok_or(MathError::Overflow)?;
        }
        let paid_out = shares.checked_neg().ok_or(MathError::Overflow)?;
        add_to(quantities, outcome, paid_out, MAX_RESERVE)
    }

    fn reserve(&self, quantity: i64) -> Result<u64, MathError> {
        u64::try_from(quantity).map_err(|_| MathError::Insolvent)
    }
}

fn spread_out<const N: usize>(spot: [Price; OUTCOMES]) -> [Price; N] {
    let mut prices = [Price::ZERO; N];
    for (price, spot) in prices.iter_mut().zip(spot) {
        *price = spot;
    }
    prices
}
