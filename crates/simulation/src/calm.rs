//! How far above the slow price one may stand that does not keep loans from being opened, and how far one that stays
//! there lifts it.

use math::slow_price::{is_far, near_width, FAR_FLOOR};
use math::Price;

use crate::arbitrage::SLOW_PRICE_SLOTS;
use crate::market::{fraction, number};

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
        self.left = if is_price_far(price, self.slow) {
            self.time_constant
        } else {
            (self.left - 1.0).max(0.0)
        };
        self.slow = price + (self.slow - price) * (-1.0 / self.time_constant).exp();
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
    number(Price(near_width(fraction(slow), FAR_FLOOR))) * (1.0 - ROUNDING)
}

/// Stays so many times the greatest distance above the slow price (below it, if less than nothing) for some slots, moved
/// in each, but not below the fair price.
pub(crate) fn near(mut slow: f64, fair: f64, part: f64, slots: u64) -> Near {
    let price = |slow: f64| (slow + part * width(slow)).clamp(fair, MOST.max(fair));
    let step = slots as f64 / SLOW_PRICE_SLOTS as f64 / f64::from(STEPS);
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

    /// It is just not far all of the time, and lifts the slow price by as much as that says.
    #[test]
    fn stays_as_far_as_it_may() {
        for slow in [0.02, 0.1, 0.3, 0.5, 0.7] {
            for slots in [100, 2_250, 9_000, 36_000] {
                let near = near(slow, 0.01, 1.0, slots);
                assert!(!is_price_far(near.end, near.slow), "{near:?}");
                let is_at_most = near.end > MOST - 1e-9;
                assert!(is_at_most || is_price_far(near.end + 1e-6, near.slow));
                assert!(near.slow > slow);
            }
        }
        // Three eighths of a tenth in the time constant, from a price where that is all that counts.
        let unlikely = near(0.02, 0.01, 1.0, SLOW_PRICE_SLOTS);
        assert!((unlikely.slow - 0.0575).abs() < 1e-6, "{unlikely:?}");
        let likelier = near(0.2, 0.01, 1.0, SLOW_PRICE_SLOTS);
        assert!(
            (likelier.slow - 0.2 * 0.375f64.exp()).abs() < 1e-5,
            "{likelier:?}"
        );
    }
}
