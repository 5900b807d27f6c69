//! The slow price: an exponential moving average of the spot price, `w = 1 − e^(−Δ/τ)`.
//!
//! It is updated at the first trade of a slot, from the price that stood since the last trade, so
//! a price pushed and taken back within one slot, or pushed just before the market locks, has no
//! weight. The exponential composes: over any parts of a time in which the price stands still, the
//! weights left multiply to that of the whole, so that no trade of one unit and no poke changes an
//! average by more than rounding. The way is at most Δ/τ of one, so no bound on a step is needed.

use crate::error::MathError;
use crate::real::{mul_high, Real};
use crate::units::Price;
use crate::wide::divide;

/// Least time constant: a price pushed for one slot has 6 % of the weight at most.
pub const MIN_TAU_SLOTS: u64 = 16;

/// As many times its depth a pool may have sold of an outcome more than of another for its prices to
/// have their whole weight. From even prices, an LMSR sells at most ln 10⁶ = 13.8 times its depth
/// more of one, a pm-AMM 4.8 times.
const WHOLE_STANDING_DEPTHS: u64 = 16;

/// For what is far from a slow price, that counts for no less: an unlikely outcome moves by little money.
pub const FAR_FLOOR: Price = Price(922_337_203_685_477_580);

/// The greatest distance from a slow price that is not far: three eighths of the lesser of that and its complement,
/// or of `floor` where that is more, rounded down. Six tenths of the slow price, the most that is lent, are less than
/// the five eighths that are left of it at that distance below; and a price that stays that far above it for a time
/// constant lifts it to 1.455 times, e^(3/8), of which they are 0.873.
pub fn near_width(slow: Price, floor: Price) -> u64 {
    let width = slow.0.min(Price::ONE.0.saturating_sub(slow.0));
    (width.max(floor.0) >> 3).saturating_mul(3)
}

/// Whether a price is farther from the slow price than [`near_width`].
pub fn is_far(price: Price, slow: Price, floor: Price) -> bool {
    price.0.abs_diff(slow.0) > near_width(slow, floor)
}

/// A slot and the second it fell in, unix time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    pub slot: u64,
    pub seconds: i64,
}

/// The slot that the second fell in, between two moments: as many of the slots between them as of
/// the seconds, rounded down, so never after the later one.
fn slot_of(seconds: i64, earlier: Moment, later: Moment) -> u64 {
    let since = |until: i64| until.saturating_sub(earlier.seconds).max(0).unsigned_abs();
    let passed = since(later.seconds);
    let counted = u128::from(since(seconds).min(passed));
    let slots = u128::from(later.slot.saturating_sub(earlier.slot));
    let slots = divide(slots.saturating_mul(counted), passed.into()).unwrap_or(0);
    earlier
        .slot
        .saturating_add(u64::try_from(slots).unwrap_or(u64::MAX))
}

/// The slot up to which prices have weight at `now`: the present one, or, once the second
/// `until_seconds` has come at which trading ends, the slot of that second, found between
/// `observed`, the last change of the slow prices, and now.
pub fn priced_slot(observed: Moment, now: Moment, until_seconds: i64) -> u64 {
    if now.seconds < until_seconds {
        now.slot
    } else {
        slot_of(until_seconds, observed, now)
    }
}

/// What is at stake in a pool's prices, against the depth that answers for them. Once liquidity has
/// left, what is at stake in a price can be more than what it costs to move it, and more than anybody
/// earns who moves it back. So the time that a price stands counts only by the square of the part
/// `16 · depth / exposure`, if that is below one. Who leaves a depth d and pushes its price to one
/// end offers at most `d ln 10⁶` to whoever moves it back. If that is a thousandth of the exposure,
/// its price stands for 740,000 time constants until it is 63 % of the slow one.
///
/// The exposure is the open interest that stood, [`crate::StandingInterest`], but no more than is
/// outstanding. It depends on shares that are there and on how long they were, and on no way by which
/// they or the liquidity came: within a slot nothing raises it, and all that lowers it is that shares
/// are sold or merged, which only who holds them can do. It follows its own exponential, so what
/// counts of a time is an integral, which composes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Exposure {
    /// Base units.
    pub depth: u64,
    /// The interest that stood at the beginning, in shares.
    pub stood: Real,
    /// What is outstanding throughout, in shares.
    pub outstanding: u64,
}

impl Exposure {
    /// The greatest exposure at which prices have their whole weight, in shares.
    pub fn whole(depth: u64) -> u64 {
        depth.saturating_mul(WHOLE_STANDING_DEPTHS)
    }

    /// One that does not change.
    pub fn steady(depth: u64, outstanding: u64) -> Self {
        let stood = Real::from_u64(outstanding);
        Self {
            depth,
            stood,
            outstanding,
        }
    }

    /// How much of a span counts, in time constants, if the interest rose in the last part of it,
    /// `rise`. With W the exposure of whole weight, S what is outstanding and I the interest that
    /// stood, which goes from I₀ above W to I₁ in a time T, that is
    /// `∫ (W / I)² dt = (W / S)² (T + ln(I₁ / I₀)) + W² / S · (1 / I₀ − 1 / I₁)`, and up to W, which
    /// I reaches after `ln((S − I₀) / (S − W))`, all of it.
    fn counted(&self, span: Span, rise: Span) -> Result<Real, MathError> {
        let whole = Self::whole(self.depth);
        if self.outstanding <= whole {
            return Ok(span.time);
        }
        let (whole, most) = (Real::from_u64(whole), Real::from_u64(self.outstanding));
        let least_part = whole.divide(most)?;
        let least_part = least_part * least_part;
        if self.stood >= most || whole.is_zero() {
            return Ok(span.time * least_part);
        }
        let after = self.stood + (most - self.stood) * rise.grown;
        if after <= whole {
            return Ok(span.time);
        }
        let (start, start_part, at_whole) = if self.stood < whole {
            let way = (most - self.stood).divide(most - whole)?;
            (whole, Real::ONE, way.ln()?)
        } else {
            let part = whole.divide(self.stood)?;
            (self.stood, part * part, Real::ZERO)
        };
        let way = after - start;
        let growth = way.divide(start)?;
        let rising = least_part * (rise.time - at_whole + growth.ln_1p()?)
            + least_part * most * growth.divide(after)?;
        Ok((span.time - rise.time) * start_part + at_whole + rising)
    }
}

/// How fast a slow price follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SlowPrice {
    tau_slots: u64,
}

/// The weight of the spot price, in Q0.64 or all of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Weight(Option<u64>);

/// A span of time against a time constant.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Span {
    /// In time constants.
    time: Real,
    /// `1 − e^(−time)`.
    grown: Real,
}

impl SlowPrice {
    /// With a time constant in slots, but at least [`MIN_TAU_SLOTS`]: a price that stands for it has
    /// 1 − 1/e, 63 %, of the weight.
    pub const fn new(tau_slots: u64) -> Self {
        Self {
            tau_slots: if tau_slots < MIN_TAU_SLOTS {
                MIN_TAU_SLOTS
            } else {
                tau_slots
            },
        }
    }

    /// The average after `elapsed_slots` at the price `spot`. The way to it is rounded down by less
    /// than 2⁻⁶⁰, and its part by less than 2⁻⁵⁰ of itself.
    ///
    /// # Errors
    /// None.
    pub fn updated(
        self,
        average: Price,
        spot: Price,
        elapsed_slots: u64,
    ) -> Result<Price, MathError> {
        Ok(self.span(elapsed_slots)?.weight().moved(average, spot))
    }

    /// The average of the prices that stood for `elapsed_slots`, at the start and the end of which the slow
    /// price was `earlier` and `later`; each price counts for `e^(−t/τ)` of the time t since.
    /// That is `earlier + (later − earlier) / w`, whatever stood before: of a time much shorter than τ
    /// nearly the plain average. Rounded towards `earlier`, and less exact than the slow prices by 1 / w.
    ///
    /// # Errors
    /// `DivisionByZero` without time between them, `OutsideDomain` if no prices lead from one to the other.
    pub fn average_between(
        self,
        earlier: Price,
        later: Price,
        elapsed_slots: u64,
    ) -> Result<Price, MathError> {
        let way = Real::from_u64(later.0.abs_diff(earlier.0));
        let way = way.divide(self.span(elapsed_slots)?.grown)?;
        let way = way.floor_amount().map_err(|_| MathError::OutsideDomain)?;
        let average = if later >= earlier {
            earlier.0.checked_add(way)
        } else {
            earlier.0.checked_sub(way)
        };
        let price = average.map(Price).filter(|price| *price <= Price::ONE);
        price.ok_or(MathError::OutsideDomain)
    }

    pub(crate) const fn tau_slots(self) -> u64 {
        self.tau_slots
    }

    pub(crate) fn span(self, elapsed_slots: u64) -> Result<Span, MathError> {
        Span::of(Real::from_u64(elapsed_slots) * self.inverse()?)
    }

    /// One over the time constant, in slots.
    pub(crate) const fn inverse(self) -> Result<Real, MathError> {
        Real::from_u64(self.tau_slots).reciprocal()
    }
}

impl Span {
    /// Of a time in time constants.
    pub(crate) fn of(time: Real) -> Result<Self, MathError> {
        let grown = -(-time).exp_m1()?;
        Ok(Self { time, grown })
    }

    /// Of a price that stood for it.
    pub(crate) fn weight(self) -> Weight {
        Weight(if self.grown >= Real::ONE {
            None
        } else {
            Some(self.grown.fraction())
        })
    }

    /// Of a price that stood for it at an exposure which rose in the last part of it.
    pub(crate) fn weight_at(self, exposure: Exposure, rise: Self) -> Result<Weight, MathError> {
        let counted = exposure.counted(self, rise)?;
        let counted = if counted == self.time {
            self
        } else {
            Self::of(counted)?
        };
        Ok(counted.weight())
    }
}

impl Weight {
    /// This part of an amount, rounded down by at most two.
    pub(crate) fn of(self, amount: u128) -> u128 {
        let Self(Some(weight)) = self else {
            return amount;
        };
        // Nothing wraps: both products are at most 2¹²⁸ − 2⁶⁵, and the sum is below the amount.
        let low = (amount & u128::from(u64::MAX)).wrapping_mul(u128::from(weight)) >> 64;
        (amount >> 64)
            .wrapping_mul(u128::from(weight))
            .wrapping_add(low)
    }

    /// The average after the spot price had this weight.
    pub(crate) fn moved(self, average: Price, spot: Price) -> Price {
        let Self(Some(weight)) = self else {
            return spot;
        };
        // Nothing wraps: the weight is below one, so the step never leads past the spot price.
        let step = mul_high(average.0.abs_diff(spot.0), weight);
        Price(if spot >= average {
            average.0.wrapping_add(step)
        } else {
            average.0.wrapping_sub(step)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slot_of_a_second_is_in_proportion_and_between_the_moments() {
        let moment = |slot, seconds| Moment { slot, seconds };
        let (earlier, later) = (moment(100, 1_000), moment(400, 1_200));
        for (second, slot) in [
            (i64::MIN, 100),
            (1_000, 100),
            (1_001, 101),
            (1_100, 250),
            (1_199, 398),
            (1_200, 400),
            (i64::MAX, 400),
        ] {
            assert_eq!(slot_of(second, earlier, later), slot);
        }
        // Without time between them there are no slots.
        assert_eq!(slot_of(1_000, earlier, moment(400, 1_000)), 100);
        assert_eq!(slot_of(1_000, later, earlier), 400);
        let end = moment(u64::MAX, i64::MAX);
        assert_eq!(slot_of(i64::MAX, moment(0, i64::MIN), end), u64::MAX);
    }
}
