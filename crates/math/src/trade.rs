//! What a trade moves, and what the curves share.

use crate::error::MathError;
use crate::real::Real;
use crate::units::{BasisPoints, Money, Price, Shares};

/// Least and greatest depth a market may open with, in base units.
pub const MIN_DEPTH: u64 = 1_000;
pub const MAX_DEPTH: u64 = 1_000_000_000_000_000;

/// Highest fee rate.
pub const MAX_FEE_RATE: BasisPoints = BasisPoints(1_000);

/// Highest floor of the fee, a tenth.
pub const MAX_FEE_FLOOR: BasisPoints = BasisPoints(1_000);

/// 10⁻⁶: no buy may push another outcome's price below this.
pub const MIN_TRADING_PRICE: Price = Price(9_223_372_036_854);

/// A solver stops after a step below this power of two. Its steps converge with the fourth power
/// and a factor below 32, so what is left is below 2⁻⁵¹ of the depth.
const SETTLED: i64 = -14;
pub(crate) const MAX_ITERATIONS: usize = 20;

/// What somebody wants to trade of an outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Buy for exactly so much, the fee included.
    Stake(Money),
    /// Buy exactly so many shares.
    Buy(Shares),
    /// Sell exactly so many shares.
    Sell(Shares),
}

/// The amounts of one trade.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trade {
    /// Bought or sold.
    pub shares: Shares,
    /// Buy: moved into the pool's cash. Sell: taken from it, the fee included.
    pub cost: Money,
    /// Buy: paid on top of the cost. Sell: kept back from it.
    pub fee: Money,
}

/// The terms of a trade's fee: `rate · max(∫ min(p, 1 − p), floor · shares)`, the integral over the
/// shares. The floor is what late trades near zero and one pay, at which the informed bet. Cutting a
/// trade into parts never makes its fee less. A sale never pays more than its proceeds, so what trades
/// below `rate · floor` is sold for nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fees {
    pub rate: BasisPoints,
    /// Least price that the rate is taken of, in basis points of one.
    pub floor: BasisPoints,
}

impl From<BasisPoints> for Fees {
    /// Without a floor.
    fn from(rate: BasisPoints) -> Self {
        Self {
            rate,
            floor: BasisPoints(0),
        }
    }
}

impl Fees {
    /// These terms, if they are admitted.
    pub(crate) fn checked(self) -> Result<Self, MathError> {
        if self.rate > MAX_FEE_RATE {
            return Err(MathError::FeeRateTooHigh);
        }
        if self.floor > MAX_FEE_FLOOR {
            return Err(MathError::FeeFloorTooHigh);
        }
        Ok(self)
    }

    /// Of a trade, rounded up: `base` is the integral, with its error, as is the amount of shares.
    pub(crate) fn charge(self, base: Real, shares: Real) -> Result<Money, MathError> {
        let base = if self.floor.0 == 0 {
            base
        } else {
            base.max(self.floor.to_real() * shares)
        };
        self.rate.of_ceil(base.ceil_amount()?).map(Money)
    }

    /// What a share pays at least: `rate · floor`; nothing if the floor does not bind what a stake
    /// buys without it, at a cost and with the shares, in any one unit.
    pub(crate) fn binding_floor(self, stake: Real, cost: Real, shares: Real) -> Option<Real> {
        if self.floor.0 == 0 || self.rate.0 == 0 {
            return None;
        }
        let floor = self.rate.to_real() * self.floor.to_real();
        (cost + floor * shares > stake).then_some(floor)
    }
}

/// What the fee rate is applied to: the integral of `min(p, 1 − p)` over the shares of a trade,
/// that is the money moved at prices below one half, and the shares less the money above. So
/// cutting a trade into parts does not change its fee.
///
/// `crossing` is zero when the price stays on one side of one half, else
/// `−|2 · money − shares|` of the path from the start to one half.
pub(crate) fn fee_base(ends_above_half: bool, shares: Real, money: Real, crossing: Real) -> Real {
    let base = if ends_above_half {
        shares - money
    } else {
        money
    };
    base + crossing
}

/// The stake without its fee when the whole path lies below one half: `stake / (1 + rate)`, less
/// the error of computing it.
pub(crate) fn cost_below_half(stake: Real, rate: BasisPoints) -> Result<Real, MathError> {
    const WHOLE: Real = Real::from_u64(10_000);
    if rate.0 == 0 {
        return Ok(stake);
    }
    let gross = Real::from_u64(u64::from(BasisPoints::ONE).wrapping_add(u64::from(rate.0)));
    Ok((stake * WHOLE).divide(gross)?.lowered())
}

/// The step towards a root `residual` away, from the inverse of the function's derivative and from the
/// next two: the inverse of its series, `t − w t + 2 w² t − f‴ t³ / (6 f′)` with Newton's step t and
/// `w = f″ t / (2 f′)`. Where one of its terms is large the series says nothing: then Halley's step
/// `t / (1 + w)`, and Newton's where that would lead too far.
pub(crate) fn solver_step(
    residual: Real,
    inverse: Real,
    second: Real,
    third: Real,
) -> Result<Real, MathError> {
    const SIXTH: Real = Real::positive(0xaaaa_aaaa_aaaa_aaab, -66);
    const SMALL: Real = Real::power_of_two(-3);
    let newton = residual * inverse;
    let bend = (second * inverse * newton).shifted(-1);
    let twist = third * inverse * newton * newton * SIXTH;
    if bend.abs() < SMALL && twist.abs() < SMALL {
        return Ok(newton - newton * (bend - (bend * bend).shifted(1) + twist));
    }
    let denominator = Real::ONE + bend;
    if denominator < Real::HALF {
        Ok(newton)
    } else {
        newton.divide(denominator)
    }
}

/// The first two terms of [`solver_step`], if it is below 2⁻²⁰: where `f″ / f′` is at most 8, and
/// `f‴ / f′` at most 64, the others are below 2⁻⁵³.
pub(crate) fn short_step(residual: Real, inverse: Real, second: Real) -> Option<Real> {
    let newton = residual * inverse;
    let bend = (second * inverse * newton).shifted(-1);
    (newton.abs() < Real::power_of_two(-20)).then(|| newton - newton * bend)
}

/// Whether a step of this size ends an iteration.
pub(crate) fn is_settled(step: Real) -> bool {
    step.abs() < Real::power_of_two(SETTLED)
}

/// The depth, if it is admitted for a curve.
pub(crate) fn checked_depth(depth: Money) -> Result<u64, MathError> {
    if depth.0 == 0 || depth.0 > MAX_DEPTH {
        return Err(MathError::DepthOutOfRange);
    }
    Ok(depth.0)
}
