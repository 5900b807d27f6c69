//! The micro-tau schedule: depth falls as `√(time left / duration)`, in steps.
//!
//! The pm-AMM's loss per unit of time to better-informed traders is then constant (Moallemi and
//! Robinson, 2024). The depth is constant between steps, so most trades do not rescale the curve
//! and the rounding of all rescalings together is bounded.

use crate::error::MathError;
use crate::real::Real;
use crate::units::Money;

/// Steps of a market's life. The last one never comes: the depth stays at 1/32 of the first.
pub const MICRO_TAU_STEPS: u16 = 1_024;

/// From when to when the depth falls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MicroTau {
    pub open_slot: u64,
    pub lock_slot: u64,
}

impl MicroTau {
    /// The step at a slot, from 0 to `MICRO_TAU_STEPS − 1`.
    ///
    /// # Errors
    /// `EmptySchedule` when it does not end after it begins; `Overflow` above 2⁵⁴ slots.
    pub fn step(self, now: u64) -> Result<u16, MathError> {
        let duration = self
            .lock_slot
            .checked_sub(self.open_slot)
            .filter(|&duration| duration > 0)
            .ok_or(MathError::EmptySchedule)?;
        let elapsed = now.saturating_sub(self.open_slot).min(duration);
        let scaled = elapsed
            .checked_mul(u64::from(MICRO_TAU_STEPS))
            .ok_or(MathError::Overflow)?;
        let step = u16::try_from(scaled / duration).map_err(|_| MathError::Overflow)?;
        Ok(step.min(MICRO_TAU_STEPS - 1))
    }
}

/// The depth in a step, rounded down but at least 1.
///
/// # Errors
/// `OutsideDomain` when the step is `MICRO_TAU_STEPS` or more.
pub fn depth_at_step(initial_depth: Money, step: u16) -> Result<Money, MathError> {
    let left = MICRO_TAU_STEPS
        .checked_sub(step)
        .filter(|&left| left > 0)
        .ok_or(MathError::OutsideDomain)?;
    if left == MICRO_TAU_STEPS {
        return Ok(initial_depth);
    }
    // √(left / 1024) = √left / 32
    let fraction = Real::from_u64(u64::from(left)).sqrt()?.shifted(-5);
    let depth = (Real::from_u64(initial_depth.0) * fraction).floor()?;
    let depth = u64::try_from(depth).map_err(|_| MathError::Overflow)?;
    Ok(Money(depth.max(1)))
}
