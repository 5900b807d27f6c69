//! The open interest that stood: what a dispute's bond is a share of, and what is at stake in a price.

use bytemuck::{Pod, Zeroable};

use crate::error::MathError;
use crate::real::Real;
use crate::slow_price::{SlowPrice, Weight};
use crate::units::Money;
use crate::wide::words;

/// An exponential average over slots of the open interest, with the time constant of the slow
/// price. Sets made and merged within a slot leave no trace in it.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Pod, Zeroable)]
pub struct StandingInterest {
    /// Base units, rounded down.
    pub average: u64,
    /// What the average is more, in Q0.64 of a base unit.
    pub fraction: u64,
    /// Slot up to which it is current.
    pub observed_slot: u64,
}

impl StandingInterest {
    /// Counts the open interest that stood since the last time. Call it before every change of it.
    /// How often it is called besides changes nothing but rounding, below 2⁻⁴⁰ of the interest.
    ///
    /// # Errors
    /// None.
    pub fn observe(
        &mut self,
        stood: Money,
        now_slot: u64,
        smoothing: SlowPrice,
    ) -> Result<(), MathError> {
        let elapsed_slots = now_slot.saturating_sub(self.observed_slot);
        if elapsed_slots == 0 {
            return Ok(());
        }
        let weight = smoothing.span(elapsed_slots)?.weight();
        self.pass(stood, now_slot, weight);
        Ok(())
    }

    /// Counts what stood up to a slot, with its weight.
    pub(crate) fn pass(&mut self, stood: Money, now_slot: u64, weight: Weight) {
        let average = join(self.average, self.fraction);
        let stood = join(stood.0, 0);
        let step = weight.of(average.abs_diff(stood));
        let average = if stood >= average {
            average.saturating_add(step)
        } else {
            average.saturating_sub(step)
        };
        (self.average, self.fraction) = words(average);
        self.observed_slot = self.observed_slot.max(now_slot);
    }

    /// The average, in base units.
    pub(crate) fn exact(&self) -> Real {
        Real::from_u128(join(self.average, self.fraction)).shifted(-64)
    }

    /// The average, rounded up.
    pub fn value(&self) -> Money {
        Money(self.average.saturating_add(u64::from(self.fraction != 0)))
    }
}

fn join(whole: u64, fraction: u64) -> u128 {
    (u128::from(whole) << 64) | u128::from(fraction)
}
