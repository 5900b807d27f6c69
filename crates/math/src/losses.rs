//! Losses of a rolling day.

use bytemuck::{Pod, Zeroable};

use crate::error::MathError;
use crate::units::Money;

/// A day's hours and the one that is not over.
pub const LOSS_BUCKETS: usize = 25;

const HOUR_SECONDS: u64 = 60 * 60;

/// What was lost in the last 24 hours, booked by the hour. An hour counts until the last second of
/// it is a day old, so the sum is never less than the losses of the last 24 hours, and never more
/// than those of the last 25. A profit takes nothing off: who loses and wins in turns is bounded by
/// what was lost.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Pod, Zeroable)]
pub struct DailyLosses {
    /// Base units lost in an hour, by the number of the hour modulo [`LOSS_BUCKETS`].
    pub hours: [u64; LOSS_BUCKETS],
    /// The last hour that something was booked in, counted from the start of unix time.
    pub last_hour: u64,
}

impl DailyLosses {
    /// Books a loss. A clock behind the last booking counts as that.
    ///
    /// # Errors
    /// `Overflow` when an hour's losses exceed `u64`.
    pub fn record(&mut self, loss: Money, now_seconds: i64) -> Result<(), MathError> {
        let hour = hour_of(now_seconds).max(self.last_hour);
        let last_hour = self.last_hour;
        let mut index = 0u64;
        for bucket in &mut self.hours {
            // The hour that this bucket is of now: the last one of its number up to `hour`.
            let behind = distance(index, hour);
            if hour.saturating_sub(behind) > last_hour {
                *bucket = 0;
            }
            if behind == 0 {
                *bucket = bucket.checked_add(loss.0).ok_or(MathError::Overflow)?;
            }
            index = index.saturating_add(1);
        }
        self.last_hour = hour;
        Ok(())
    }

    /// At least what was lost in the 24 hours up to now, in base units.
    ///
    /// # Errors
    /// `Overflow` when that exceeds `u64`.
    pub fn lost(&self, now_seconds: i64) -> Result<Money, MathError> {
        let gone = hour_of(now_seconds).saturating_sub(self.last_hour);
        let mut sum = 0u64;
        let mut index = 0u64;
        for bucket in &self.hours {
            let age = distance(index, self.last_hour).saturating_add(gone);
            if age < BUCKETS {
                sum = sum.checked_add(*bucket).ok_or(MathError::Overflow)?;
            }
            index = index.saturating_add(1);
        }
        Ok(Money(sum))
    }
}

const BUCKETS: u64 = LOSS_BUCKETS as u64;

fn hour_of(seconds: i64) -> u64 {
    u64::try_from(seconds)
        .unwrap_or(0)
        .checked_div(HOUR_SECONDS)
        .unwrap_or(0)
}

/// How many hours before `hour` the last one lies whose number is `index` modulo the buckets.
fn distance(index: u64, hour: u64) -> u64 {
    // Both are below the number of buckets, and so is the result.
    let number = hour % BUCKETS;
    match number.checked_sub(index) {
        Some(behind) => behind,
        None => BUCKETS.saturating_sub(index.saturating_sub(number)),
    }
}
