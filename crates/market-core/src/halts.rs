//! Halts of trading: pauses of all markets of a vault or venue, and the suspension of one. Prices
//! have no weight in them, since not everybody could answer those that stood.
//!
//! Whoever needs to know whether a second was in a halt asks for that second: what a market
//! remembers does not depend on who looked at it meanwhile.

use borsh::BorshDeserialize;
use bytemuck::{Pod, Zeroable};

use crate::{error::CoreError, hours::Moment};

/// A time in which trading was halted, unix seconds; empty unless it begins before it ends.
#[cfg_attr(feature = "idl-build", derive(anchor_lang::AnchorSerialize))]
#[cfg_attr(not(feature = "idl-build"), derive(borsh::BorshSerialize))]
#[derive(BorshDeserialize, Clone, Copy, Debug, Default, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub struct Halt {
    /// First second of it.
    pub from: i64,
    /// First second after it; the greatest number while its end is not set.
    pub until: i64,
}

impl Halt {
    /// What [`Halt::until`] is while the end is not set.
    pub const OPEN_END: i64 = i64::MAX;

    /// Whether trading is halted at `second`.
    pub fn contains(self, second: i64) -> bool {
        self.from <= second && second < self.until
    }

    /// Seconds that it lasts.
    pub fn seconds(self) -> u64 {
        self.until.saturating_sub(self.from).max(0).unsigned_abs()
    }

    /// The part that both have.
    fn within(self, other: Self) -> Self {
        Self {
            from: self.from.max(other.from),
            until: self.until.min(other.until),
        }
    }

    /// From the start of `earlier`, if it is not empty, to the end of this one.
    fn joined(self, earlier: Self) -> Self {
        let from = if earlier.seconds() == 0 {
            self.from
        } else {
            earlier.from
        };
        Self { from, ..self }
    }
}

/// The pauses of a vault or venue, in which nothing can be bought.
#[cfg_attr(feature = "idl-build", derive(anchor_lang::AnchorSerialize))]
#[cfg_attr(not(feature = "idl-build"), derive(borsh::BorshSerialize))]
#[derive(BorshDeserialize, Clone, Copy, Debug, Default, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub struct Pauses {
    /// Latest first. The last one reaches from the start of the first pause ever to the end of the
    /// fourth from last: a market that nobody has looked at since takes what was between for paused
    /// too, rather than a pause for none.
    pub latest: [Halt; 4],
}

impl Pauses {
    /// Whether new risk is stopped at `now`, unix seconds.
    pub fn is_paused(&self, now: i64) -> bool {
        let [latest, ..] = self.latest;
        latest.contains(now)
    }

    /// # Errors
    /// `Paused` at `now`, unix seconds.
    pub fn require_not_paused(&self, now: i64) -> Result<(), CoreError> {
        if self.is_paused(now) {
            return Err(CoreError::Paused);
        }
        Ok(())
    }

    /// Stops new risk at `now`, unix seconds. An end that was set and has not come is taken back.
    pub fn pause(&mut self, now: i64) {
        let [first, second, third, fourth] = self.latest;
        if self.is_paused(now) {
            let until = Halt::OPEN_END;
            self.latest = [Halt { until, ..first }, second, third, fourth];
            return;
        }
        let begun = Halt {
            from: now,
            until: Halt::OPEN_END,
        };
        self.latest = [begun, first, second, third.joined(fourth)];
    }

    /// Ends the pause from `until` on, unix seconds. An end that is set already stays.
    ///
    /// # Errors
    /// `NotPaused` if nothing is stopped, or its end is set already.
    pub fn propose_unpause(&mut self, now: i64, until: i64) -> Result<(), CoreError> {
        let [first, ..] = &mut self.latest;
        if !first.contains(now) || first.until != Halt::OPEN_END {
            return Err(CoreError::NotPaused);
        }
        first.until = until;
        Ok(())
    }
}

/// The present moment, as far as it concerns a market, and when the market was halted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Now {
    pub slot: u64,
    /// Unix seconds.
    pub seconds: i64,
    /// Of the market's vault or venue.
    pub pauses: Pauses,
    /// The last one of the market alone. Slow prices were current when it began.
    pub suspension: Halt,
}

impl Now {
    /// Of a market that is not suspended by itself; the second is of unix time.
    pub fn new(slot: u64, seconds: i64, pauses: Pauses) -> Self {
        Self {
            slot,
            seconds,
            pauses,
            suspension: Halt::default(),
        }
    }

    /// As if there had never been a halt: for what a trade comes to, into which no slow price enters.
    pub fn without_halts(slot: u64, seconds: i64) -> Self {
        Self::new(slot, seconds, Pauses::default())
    }

    /// Of a market whose last suspension is this one.
    pub fn suspended(self, suspension: Halt) -> Self {
        Self { suspension, ..self }
    }

    pub fn moment(self) -> Moment {
        Moment {
            slot: self.slot,
            seconds: self.seconds,
        }
    }

    /// Whether new risk is stopped.
    pub fn is_paused(&self) -> bool {
        self.pauses.is_paused(self.seconds)
    }

    /// # Errors
    /// `Paused`.
    pub fn require_not_paused(&self) -> Result<(), CoreError> {
        self.pauses.require_not_paused(self.seconds)
    }

    /// The slots between two moments that have weight: as many as of the seconds between them in
    /// which trading was not halted, rounded down. Within one second all of them, or none if it is
    /// one of a halt.
    pub fn weighed_slots(&self, since: Moment, until: Moment) -> u64 {
        let slots = until.slot.saturating_sub(since.slot);
        let [latest, ..] = self.pauses.latest;
        // No other pause ends later.
        if latest.until.max(self.suspension.until) <= since.seconds {
            return slots;
        }
        let span = Halt {
            from: since.seconds,
            until: until.seconds,
        };
        let halted = self.halted_seconds(span);
        let open = u128::from(span.seconds().saturating_sub(halted));
        match u128::from(slots)
            .saturating_mul(open)
            .checked_div(span.seconds().into())
        {
            Some(weighed) => u64::try_from(weighed).unwrap_or(slots),
            None if self.is_halted(until.seconds) => 0,
            None => slots,
        }
    }

    fn is_halted(&self, second: i64) -> bool {
        let mut halts = self.pauses.latest.iter().chain([&self.suspension]);
        halts.any(|halt| halt.contains(second))
    }

    /// Seconds of `span` in which trading was halted. Pauses do not overlap each other.
    fn halted_seconds(&self, span: Halt) -> u64 {
        let suspension = self.suspension.within(span);
        let pauses = self.pauses.latest.iter().map(|pause| {
            let pause = pause.within(span);
            let both = pause.within(suspension);
            pause.seconds().saturating_sub(both.seconds())
        });
        pauses.fold(suspension.seconds(), u64::saturating_add)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn halt(from: i64, until: i64) -> Halt {
        Halt { from, until }
    }

    /// Pauses of these times, each unpaused as soon as it began.
    fn pauses(times: &[(i64, i64)]) -> Pauses {
        let mut pauses = Pauses::default();
        for &(from, until) in times {
            pauses.pause(from);
            pauses.propose_unpause(from, until).unwrap();
        }
        pauses
    }

    fn at(seconds: i64) -> Moment {
        Moment {
            slot: 3 * seconds.unsigned_abs(),
            seconds,
        }
    }

    #[test]
    fn pause_ends_when_its_timelock_has_passed() {
        let mut pauses = Pauses::default();
        assert!(!pauses.is_paused(0) && !pauses.is_paused(i64::MAX));
        assert_eq!(pauses.propose_unpause(10, 20), Err(CoreError::NotPaused));
        pauses.pause(10);
        assert_eq!(pauses.require_not_paused(9), Ok(()));
        assert_eq!(pauses.require_not_paused(10), Err(CoreError::Paused));
        assert_eq!(pauses.propose_unpause(10, 20), Ok(()));
        assert_eq!(pauses.propose_unpause(11, 21), Err(CoreError::NotPaused));
        assert_eq!((pauses.is_paused(19), pauses.is_paused(20)), (true, false));
        pauses.pause(15);
        assert!(pauses.is_paused(i64::MAX - 1));
        assert_eq!(pauses.latest[0], halt(10, Halt::OPEN_END));
        assert_eq!(pauses.latest[1], Halt::default());
        assert_eq!(pauses.propose_unpause(15, 25), Ok(()));
        pauses.pause(25);
        assert_eq!(pauses.latest[1], halt(10, 25));
    }

    #[test]
    fn pauses_beyond_the_third_from_last_are_taken_together() {
        let pauses = pauses(&[
            (10, 20),
            (30, 40),
            (50, 60),
            (70, 80),
            (90, 100),
            (110, 120),
        ]);
        let latest = [halt(110, 120), halt(90, 100), halt(70, 80), halt(10, 60)];
        assert_eq!(pauses.latest, latest);
        // What is after them is counted to the second.
        let now = Now::new(600, 200, pauses);
        assert_eq!(now.weighed_slots(at(60), at(120)), 3 * 30);
        assert_eq!(now.weighed_slots(at(0), at(60)), 3 * 10);
    }

    #[test]
    fn seconds_of_a_halt_count_once_and_only_those_of_the_span() {
        let times = [(10, 20), (35, 50), (60, 70)];
        for suspension in [
            (0, 0),
            (12, 18),
            (15, 40),
            (5, 100),
            (45, 65),
            (20, 35),
            (90, 80),
        ] {
            let suspension = halt(suspension.0, suspension.1);
            let now = Now::new(300, 100, pauses(&times)).suspended(suspension);
            for since in 0..100 {
                for until in since + 1..=100 {
                    let open = (since..until).filter(|second| {
                        let is_paused = times
                            .iter()
                            .any(|&(from, until)| halt(from, until).contains(*second));
                        !is_paused && !suspension.contains(*second)
                    });
                    let open = u64::try_from(open.count()).unwrap();
                    assert_eq!(now.weighed_slots(at(since), at(until)), 3 * open);
                }
            }
        }
    }

    #[test]
    fn pause_that_has_not_ended_counts_up_to_the_span() {
        let mut pauses = Pauses::default();
        pauses.pause(50);
        let now = Now::new(3_000, 1_000, pauses);
        assert_eq!(now.weighed_slots(at(0), at(60)), 150);
        assert_eq!(now.weighed_slots(at(0), at(50)), 150);
        assert_eq!(now.weighed_slots(at(60), at(1_000)), 0);
    }

    #[test]
    fn slots_within_a_second_have_weight_unless_it_is_one_of_a_halt() {
        let later = Moment {
            slot: at(50).slot + 2,
            ..at(50)
        };
        for (paused, suspended, slots) in [
            ((0, 0), (0, 0), 2),
            ((50, 51), (0, 0), 0),
            ((0, 0), (50, 51), 0),
            ((40, 50), (30, 50), 2),
        ] {
            let now = Now::new(later.slot, later.seconds, pauses(&[paused]));
            let now = now.suspended(halt(suspended.0, suspended.1));
            assert_eq!(now.weighed_slots(at(50), later), slots);
        }
    }
}
