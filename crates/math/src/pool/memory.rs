//! What a pool remembers of its prices.

use super::Pool;
use crate::error::MathError;
use crate::micro_tau::MicroTau;
use crate::slow_price::{SlowPrice, Standing};
use crate::twap::PriceAccumulator;
use crate::units::Price;

/// What the clock and the market's parameters say about a trade, beside its own arguments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Conditions {
    /// Slot up to which prices have weight; see [`crate::slow_price::priced_slot`].
    pub now_slot: u64,
    /// The clock's second, unix time, for the schedule.
    pub now_seconds: i64,
    /// None: the depth stays what it is.
    pub schedule: Option<MicroTau>,
    pub smoothing: SlowPrice,
}

impl<const N: usize> Pool<N> {
    /// Moves the slow prices, and the sums of `averages`, to a slot, at the spot prices that
    /// stood since the last time; when trading has ended for want of liquidity, at the slow prices.
    /// Call it before a trade, and at settlement with the slot of the lock. Nothing happens when the
    /// slow prices are current. How often it is called at the same prices changes nothing but
    /// rounding, below 2⁻⁴⁰ of one.
    ///
    /// A price has the less weight the less of what is outstanding the liquidity could have sold:
    /// see [`Standing`].
    ///
    /// # Errors
    /// Those of [`Pool::prices`].
    pub fn observe(
        &mut self,
        now_slot: u64,
        smoothing: SlowPrice,
        averages: Option<&mut PriceAccumulator<N>>,
    ) -> Result<(), MathError> {
        if now_slot > self.observed_slot {
            let prices = if self.depth == 0 {
                self.slow_prices.map(Price)
            } else {
                self.probabilities()?
            };
            self.record(&prices, now_slot, smoothing, averages)?;
        }
        Ok(())
    }

    /// Lets the time up to a slot pass without weight.
    pub fn skip(&mut self, now_slot: u64) {
        self.observed_slot = self.observed_slot.max(now_slot);
    }

    pub(super) fn record(
        &mut self,
        prices: &[Price; N],
        now_slot: u64,
        smoothing: SlowPrice,
        averages: Option<&mut PriceAccumulator<N>>,
    ) -> Result<(), MathError> {
        let elapsed = now_slot.saturating_sub(self.observed_slot);
        let weight = smoothing.weight(elapsed, self.standing()?)?;
        let prices = prices.iter().take(usize::from(self.outcomes));
        for (slow, &spot) in self.slow_prices.iter_mut().zip(prices.clone()) {
            *slow = weight.moved(Price(*slow), spot).0;
        }
        if let Some(averages) = averages {
            averages.add(prices, elapsed);
        }
        self.observed_slot = now_slot;
        Ok(())
    }

    fn standing(&self) -> Result<Standing, MathError> {
        if !self.limits()?.sets {
            // No liquidity has left that sold what is outstanding.
            return Ok(Standing::WHOLE);
        }
        let (mut least, mut most) = (u64::MAX, 0);
        for &sold in self.of_outcomes(&self.sold)? {
            least = least.min(sold);
            most = most.max(sold);
        }
        Ok(Standing {
            depth: self.depth,
            exposure: most
                .saturating_sub(least)
                .saturating_add_signed(self.exposure_left),
        })
    }
}
