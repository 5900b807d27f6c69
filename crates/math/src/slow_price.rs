//! The slow price: an exponential moving average of the spot price with a bound on each update.
//!
//! It is updated at the first trade of a slot, from the price that stood since the last trade, so
//! a price pushed and taken back within one slot, or pushed just before the market locks, has no
//! weight.

use crate::units::Price;

/// Longest time that counts, in slots.
const MAX_ELAPSED: u64 = (1 << 31) - 1;

/// A slot and the second it fell in, unix time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    pub slot: u64,
    pub second: i64,
}

/// The slot that `second` fell in, between two moments: as many of the slots between them as of the
/// seconds, rounded down, so never after the later one.
fn slot_of(second: i64, earlier: Moment, later: Moment) -> u64 {
    let since = |until: i64| until.saturating_sub(earlier.second).max(0).unsigned_abs();
    let passed = since(later.second);
    let counted = u128::from(since(second).min(passed));
    let slots = u128::from(later.slot.saturating_sub(earlier.slot));
    let slots = (slots * counted)
        .checked_div(u128::from(passed))
        .unwrap_or(0);
    earlier
        .slot
        .saturating_add(u64::try_from(slots).unwrap_or(u64::MAX))
}

/// The slot up to which prices have weight at `now`: the present one, or the last one of trading if
/// that is earlier, so that a trade in it has no weight. Trading ends before `freeze_slot` and before
/// the second `until`, whichever comes first; the slot of that second is found between `observed`,
/// the last change of the slow prices, and now.
pub fn priced_slot(observed: Moment, now: Moment, freeze_slot: u64, until: i64) -> u64 {
    let last = now.slot.min(freeze_slot.saturating_sub(1));
    if now.second < until {
        last
    } else {
        last.min(slot_of(until, observed, now))
    }
}

/// How fast a slow price follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SlowPrice {
    /// Slots after which a constant spot price has half the weight.
    pub tau: u64,
    /// Most the slow price may move in a slot.
    pub max_step: Price,
}

impl SlowPrice {
    /// The average after `elapsed` slots at the price `spot`: it moves by `elapsed / (elapsed +
    /// tau)` of the way, with a weight rounded down to 2⁻³², and by at most `max_step · elapsed`.
    pub fn updated(self, average: Price, spot: Price, elapsed: u64) -> Price {
        self.moved(average, spot, self.weight(elapsed), self.bound(elapsed))
    }

    /// Updates several averages, each with its spot price, by the same time.
    pub(crate) fn update_all<'a>(
        self,
        prices: impl Iterator<Item = (&'a mut u64, &'a Price)>,
        elapsed: u64,
    ) {
        let (weight, bound) = (self.weight(elapsed), self.bound(elapsed));
        for (average, &spot) in prices {
            *average = self.moved(Price(*average), spot, weight, bound).0;
        }
    }

    /// Of the spot price, in 2⁻³²: at most 2³².
    fn weight(self, elapsed: u64) -> u64 {
        let elapsed = elapsed.min(MAX_ELAPSED);
        (elapsed << 32)
            .checked_div(elapsed.saturating_add(self.tau))
            .unwrap_or(0)
    }

    fn bound(self, elapsed: u64) -> u64 {
        self.max_step.0.saturating_mul(elapsed)
    }

    fn moved(self, average: Price, spot: Price, weight: u64, bound: u64) -> Price {
        let way = average.0.abs_diff(spot.0);
        // way · weight / 2³², by the halves of the way. Nothing wraps, here and below: no weight is
        // above one, so the step never leads past the spot price.
        let step = (way >> 32)
            .wrapping_mul(weight)
            .wrapping_add((way & u64::from(u32::MAX)).wrapping_mul(weight) >> 32)
            .min(bound);
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
        let moment = |slot, second| Moment { slot, second };
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
