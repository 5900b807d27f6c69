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

/// Least time constant: a price pushed for one slot has 6 % of the weight at most.
pub const MIN_TAU_SLOTS: u64 = 16;

/// As many times its depth a pool may have sold of an outcome more than of another for its prices to
/// have their whole weight. From even prices, an LMSR sells at most ln 10⁶ = 13.8 times its depth
/// more of one, a pm-AMM 4.8 times.
const WHOLE_STANDING_DEPTHS: u64 = 16;

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
    let slots = slots
        .saturating_mul(counted)
        .checked_div(u128::from(passed))
        .unwrap_or(0);
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

/// How much of what is outstanding the liquidity could have sold itself. Once liquidity has left,
/// what is at stake in a price can be more than what it costs to move it, and more than anybody
/// earns who moves it back. So the time that a price stands counts only by the square of the part
/// `16 · depth / exposure`, if that is below one. Who leaves a depth d and pushes its price to one
/// end offers at most `d ln 10⁶` to whoever moves it back. If that is a thousandth of the exposure,
/// its price stands for 740,000 time constants until it is 63 % of the slow one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Base units.
    pub depth: u64,
    /// By how many shares the outcome most sold is ahead of the least. Neither complete sets nor
    /// liquidity that comes or goes change it: what providers take along in shares stays in it.
    pub exposure: u64,
}

impl Standing {
    /// Every price has its whole weight.
    pub const WHOLE: Self = Self {
        depth: 1,
        exposure: 0,
    };
}

/// How fast a slow price follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SlowPrice {
    tau_slots: u64,
}

/// The weight of the spot price, in Q0.64 or all of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Weight(Option<u64>);

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
        let weight = self.weight(elapsed_slots, Standing::WHOLE)?;
        Ok(weight.moved(average, spot))
    }

    /// `1 − e^(−Δ/τ)`.
    pub(crate) fn weight(
        self,
        elapsed_slots: u64,
        standing: Standing,
    ) -> Result<Weight, MathError> {
        let mut time = Real::from_u64(elapsed_slots).divide(Real::from_u64(self.tau_slots))?;
        let whole = standing.depth.saturating_mul(WHOLE_STANDING_DEPTHS);
        if whole < standing.exposure {
            let part = Real::from_u64(whole).divide(Real::from_u64(standing.exposure))?;
            time = time * part * part;
        }
        let weight = -(-time).exp_m1()?;
        Ok(Weight(if weight >= Real::ONE {
            None
        } else {
            Some(weight.fraction())
        }))
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
