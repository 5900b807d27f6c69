use anchor_lang::prelude::*;
use bytemuck::{Pod, Zeroable};

const HOUR: i64 = 60 * 60;

/// Parts that losses are counted by: the present hour and the 24 before it, so that every loss counts
/// for at least a day and for less than 25 hours.
const PARTS: usize = 25;

/// What a vault has lost within a day. Gains are not set off.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub struct DailyLoss {
    /// Hour since 1970 of the last loss.
    pub hour: i64,
    /// Base units lost in an hour, at its number modulo 25.
    pub losses: [u64; 25],
}

impl DailyLoss {
    /// Counts a loss of base units at `now`, unix seconds.
    pub fn book(&mut self, loss: u64, now: i64) {
        let hour = now.div_euclid(HOUR).max(self.hour);
        for (part, passed) in self.losses.iter_mut().zip(Self::hours_of_parts(hour)) {
            if passed > self.hour {
                *part = 0;
            }
        }
        self.hour = hour;
        let present = usize::try_from(hour.rem_euclid(PARTS as i64)).unwrap_or_default();
        if let Some(part) = self.losses.get_mut(present) {
            *part = part.saturating_add(loss);
        }
    }

    /// Base units lost within the day before `now`, unix seconds; up to an hour more is counted.
    pub fn within_day(&self, now: i64) -> u64 {
        let hour = now.div_euclid(HOUR).max(self.hour);
        self.losses
            .iter()
            .zip(Self::hours_of_parts(hour))
            .filter(|(_, of_part)| *of_part <= self.hour)
            .fold(0, |sum: u64, (loss, _)| sum.saturating_add(*loss))
    }

    /// Which of the hours up to `hour` each part is of.
    #[expect(
        clippy::arithmetic_side_effects,
        reason = "an hour of the clock is far from both ends of the type"
    )]
    fn hours_of_parts(hour: i64) -> impl Iterator<Item = i64> {
        let parts = PARTS as i64;
        (0..parts).map(move |part| hour.saturating_sub((hour - part).rem_euclid(parts)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loss_counts_for_a_day_and_less_than_an_hour_more() {
        let mut losses = DailyLoss::zeroed();
        let start = 1_000 * HOUR + 1_800;
        losses.book(5, start);
        losses.book(7, start + HOUR);
        assert_eq!(losses.within_day(start + HOUR), 12);
        assert_eq!(losses.within_day(start + 24 * HOUR), 12);
        assert_eq!(losses.within_day(start + 24 * HOUR + 1_799), 12);
        assert_eq!(losses.within_day(start + 24 * HOUR + 1_800), 7);
        losses.book(1, start + 24 * HOUR + 1_800);
        assert_eq!(losses.within_day(start + 24 * HOUR + 1_800), 8);
        assert_eq!(losses.within_day(start + 100 * HOUR), 0);
        losses.book(2, start + 100 * HOUR);
        assert_eq!(losses.within_day(start + 100 * HOUR), 2);
    }

    #[test]
    fn losses_beyond_the_range_stay_at_its_end() {
        let mut losses = DailyLoss::zeroed();
        losses.book(u64::MAX, 0);
        losses.book(1, HOUR);
        assert_eq!(losses.within_day(HOUR), u64::MAX);
    }
}
