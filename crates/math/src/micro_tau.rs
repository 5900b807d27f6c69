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

/// From when to when the depth falls, unix seconds: a market thins by the clock, however fast slots
/// come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MicroTau {
    pub opens_at: i64,
    pub locks_at: i64,
}

impl MicroTau {
    /// The step at a second, from 0 to `MICRO_TAU_STEPS − 1`.
    ///
    /// # Errors
    /// `EmptySchedule` when it does not end after it begins; `Overflow` above 2⁵³ seconds.
    pub fn step(self, now_seconds: i64) -> Result<u16, MathError> {
        let duration = self
            .locks_at
            .checked_sub(self.opens_at)
            .filter(|&duration| duration > 0)
            .ok_or(MathError::EmptySchedule)?;
        let elapsed = now_seconds.saturating_sub(self.opens_at).clamp(0, duration);
        let step = elapsed
            .checked_mul(i64::from(MICRO_TAU_STEPS))
            .and_then(|scaled| scaled.checked_div(duration))
            .and_then(|step| u16::try_from(step).ok())
            .ok_or(MathError::Overflow)?;
        Ok(step.min(MICRO_TAU_STEPS.saturating_sub(1)))
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
