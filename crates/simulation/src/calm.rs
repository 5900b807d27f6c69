//! How far above the slow price one may stand that does not keep loans from being opened, and how far one that stays
//! there lifts it.

use math::{is_far, slow_price::FAR_FLOOR};

use crate::arbitrage::SLOW_PRICE_SLOTS;
use crate::market::{fraction, number};

/// When the price that stands is recorded, and so compared to the slow price after that moved, where nobody answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recorded {
    /// By whoever moves it alone, each time that he does.
    AtMoves,
    /// By somebody in each slot.
    EverySlot,
}

/// For how long prices have to stand near the slow one yet, along a path.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Waiting {
    slow: f64,
    time_constant: f64,
    left: f64,
}

impl Waiting {
    /// The time constant is in units of what passes.
    pub fn from(price: f64, time_constant: f64) -> Self {
        Self {
            slow: price,
            time_constant,
            left: 0.0,
        }
    }

    /// A price has stood for one unit, and is recorded.
    pub fn pass(&mut self, price: f64) {
        self.slow = price + (self.slow - price) * (-1.0 / self.time_constant).exp();
        self.left = if is_price_far(price, self.slow) {
            self.time_constant
        } else {
            (self.left - 1.0).max(0.0)
        };
    }

    pub fn is_over(self) -> bool {
        self.left == 0.0
    }
}

/// A price that stays as far above the slow price as it may.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Near {
    /// The slow price at the end.
    pub slow: f64,
    /// Where the price stands half way, and at the end.
    pub middle: f64,
    pub end: f64,
}

/// Steps of a price that is moved in every slot.
const STEPS: u32 = 48;

/// Of a distance, so that rounding leaves it near.
const ROUNDING: f64 = 1e-9;

const MOST: f64 = 0.999;

pub(crate) fn is_price_far(price: f64, slow: f64) -> bool {
    is_far(fraction(price), fraction(slow), FAR_FLOOR)
}

/// The greatest distance that is not far.
fn width(slow: f64) -> f64 {
    slow.min(1.0 - slow).max(number(FAR_FLOOR)) / 4.0 * (1.0 - ROUNDING)
}

impl Recorded {
    /// Stays so many times the greatest distance above the slow price (below it, if less than nothing) for some slots,
    /// but not below the fair price.
    pub(crate) fn near(self, slow: f64, fair: f64, part: f64, slots: u64) -> Near {
        let time = slots as f64 / SLOW_PRICE_SLOTS as f64;
        match self {
            Self::AtMoves => {
                let price = standing(slow, part, time).clamp(fair, MOST.max(fair));
                Near {
                    slow: price + (slow - price) * (-time).exp(),
                    middle: price,
                    end: price,
                }
            }
            Self::EverySlot => moving(slow, fair, part, time),
        }
    }
}

/// The one price that is as far as it may be once it has moved the slow price.
fn standing(slow: f64, part: f64, time: f64) -> f64 {
    let grown = time.exp_m1();
    // How much farther than to `end` that price moves the slow one.
    let beyond = |end: f64| slow + part * width(end) * grown - end;
    let (mut low, mut high) = if part < 0.0 {
        (0.0, slow)
    } else if beyond(0.5) > 0.0 && slow < 0.5 {
        (0.5, 1.0)
    } else {
        (slow, slow.max(0.5))
    };
    if beyond(high) > 0.0 {
        high = 1.0;
    }
    for _ in 0..50 {
        let middle = f64::midpoint(low, high);
        if beyond(middle) > 0.0 {
            low = middle;
        } else {
            high = middle;
        }
    }
    low + part * width(low)
}

fn moving(mut slow: f64, fair: f64, part: f64, time: f64) -> Near {
    let price = |slow: f64| (slow + part * width(slow)).clamp(fair, MOST.max(fair));
    let step = time / f64::from(STEPS);
    let mut middle = price(slow);
    for number in 0..STEPS {
        if number == STEPS / 2 {
            middle = price(slow);
        }
        let half = slow + (price(slow) - slow) * step / 2.0;
        slow += (price(half) - half) * step;
    }
    let end = price(slow);
    Near { slow, middle, end }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One that stands until it is recorded is just not far then, and lifts the slow price farther than one that
    /// somebody records in each slot.
    #[test]
    fn stands_as_far_as_it_may() {
        for slow in [0.02, 0.1, 0.3, 0.5, 0.7] {
            for slots in [100, 2_250, 9_000, 36_000] {
                let often = Recorded::EverySlot.near(slow, 0.01, 1.0, slots);
                let once = Recorded::AtMoves.near(slow, 0.01, 1.0, slots);
                for near in [often, once] {
                    assert!(!is_price_far(near.end, near.slow), "{near:?}");
                    let is_at_most = near.end > MOST - 1e-9;
                    assert!(is_at_most || is_price_far(near.end + 1e-6, near.slow));
                }
                assert!(
                    often.slow > slow && often.slow < once.slow + 1e-4,
                    "{slow} {slots} {often:?} {once:?}"
                );
            }
        }
        // A tenth of the way in the time constant, from a price where it is all that counts.
        let unlikely = Recorded::EverySlot.near(0.02, 0.01, 1.0, SLOW_PRICE_SLOTS);
        assert!((unlikely.slow - 0.045).abs() < 1e-6, "{unlikely:?}");
    }
}
