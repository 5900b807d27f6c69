//! When a market trades. Seconds of the clock open and end it; slots only measure for how long a
//! price stood, which is shorter than the clock resolves.

use borsh::BorshDeserialize;
pub use math::slow_price::Moment;
use math::{slow_price::priced_slot, MicroTau};

use crate::error::CoreError;

/// How far the cluster's clock may be from a feed's, in milliseconds.
pub const CLOCK_TOLERANCE_MS: u64 = 60_000;

const SECOND_MS: u64 = 1_000;

/// Hours of a market, unix seconds.
#[cfg_attr(feature = "idl-build", derive(anchor_lang::AnchorSerialize))]
#[cfg_attr(not(feature = "idl-build"), derive(borsh::BorshSerialize))]
#[derive(
    BorshDeserialize, Clone, Copy, Debug, PartialEq, Eq, bytemuck::Pod, bytemuck::Zeroable,
)]
#[repr(C)]
pub struct TradingHours {
    /// First second of trading.
    pub opens_at: i64,
    /// First second after trading: the lock less the frozen time, or when trading ended early.
    pub trading_until: i64,
    /// Planned end, which the schedule of the depth runs to.
    pub locks_at: i64,
    /// Second up to which the slow prices are current, as the pool's `observed_slot` is their slot.
    pub observed_at: i64,
}

impl TradingHours {
    /// Hours that end `frozen_seconds` before the lock.
    ///
    /// # Errors
    /// `HoursInvalid` unless trading opens before it ends.
    pub fn new(opens_at: i64, locks_at: i64, frozen_seconds: u32) -> Result<Self, CoreError> {
        let trading_until = locks_at
            .checked_sub(i64::from(frozen_seconds))
            .filter(|until| opens_at >= 0 && opens_at < *until)
            .ok_or(CoreError::HoursInvalid)?;
        Ok(Self {
            opens_at,
            trading_until,
            locks_at,
            observed_at: opens_at,
        })
    }

    /// Planned seconds from the opening to the lock.
    pub fn duration_seconds(&self) -> u64 {
        self.locks_at
            .saturating_sub(self.opens_at)
            .max(0)
            .unsigned_abs()
    }

    /// # Errors
    /// `TradingNotStarted`, `TradingOver`.
    pub fn require_trading(&self, now_seconds: i64) -> Result<(), CoreError> {
        if now_seconds < self.opens_at {
            return Err(CoreError::TradingNotStarted);
        }
        if self.is_over(now_seconds) {
            return Err(CoreError::TradingOver);
        }
        Ok(())
    }

    /// Whether trading has ended for good: the clock does not go back.
    pub fn is_over(&self, now_seconds: i64) -> bool {
        now_seconds >= self.trading_until
    }

    /// Ends trading now, unless it is over already: no price has weight from here on.
    pub fn end(&mut self, now_seconds: i64) {
        self.trading_until = self.trading_until.min(now_seconds);
    }

    /// Slot up to which prices have weight at `now`, where the slow prices are current up to
    /// `observed_slot`; and marks them current. What a trade in the last second makes of the price
    /// has none.
    pub fn observe(&mut self, now: Moment, observed_slot: u64) -> u64 {
        let observed = Moment {
            slot: observed_slot,
            seconds: self.observed_at,
        };
        let last = self.trading_until.saturating_sub(1);
        self.observed_at = self.observed_at.max(now.seconds.min(last));
        priced_slot(observed, now, last).max(observed_slot)
    }

    /// From when to when a depth falls that falls with the time left.
    pub(crate) fn schedule(&self) -> MicroTau {
        MicroTau {
            opens_at: self.opens_at,
            locks_at: self.locks_at,
        }
    }

    /// Whether a market with these hours may wait for the observation at `observe_at_ms`, and take
    /// its strike from the one at `strike_at_ms`, both unix milliseconds. `provable_until` is the
    /// last second whose observation can be proven in time.
    ///
    /// What is observed before trading ends may be known while the curve trades. Only an event
    /// question names the opening instead, or up to [`CLOCK_TOLERANCE_MS`] before: its feed has a
    /// single observation, whenever that is made. A little after the opening would admit the price
    /// at the end of a short market. A strike is no result: it may be known, or not be yet, when
    /// trading starts.
    ///
    /// # Errors
    /// `ObservationTimeOutOfRange`.
    pub fn admit(
        &self,
        observe_at_ms: u64,
        strike_at_ms: Option<u64>,
        provable_until: i64,
    ) -> Result<(), CoreError> {
        let ms = |second: i64| u64::try_from(second).ok()?.checked_mul(SECOND_MS);
        let (Some(opening), Some(lock), Some(latest)) =
            (ms(self.opens_at), ms(self.locks_at), ms(provable_until))
        else {
            return Err(CoreError::ObservationTimeOutOfRange);
        };
        let is_after_trading = (lock..=latest).contains(&observe_at_ms);
        let earliest = opening.saturating_sub(CLOCK_TOLERANCE_MS);
        let is_at_opening = (earliest..opening.saturating_add(SECOND_MS)).contains(&observe_at_ms);
        let is_admitted = match strike_at_ms {
            Some(strike) => {
                let is_near = strike.abs_diff(opening) <= CLOCK_TOLERANCE_MS;
                is_near && strike < observe_at_ms && is_after_trading
            }
            None => is_at_opening || is_after_trading,
        };
        is_admitted
            .then_some(())
            .ok_or(CoreError::ObservationTimeOutOfRange)
    }

    /// So many seconds after the market's question can have its answer: after the planned lock, or the
    /// observation if that is later; unix seconds.
    ///
    /// # Errors
    /// `ObservationTimeOutOfRange`.
    pub fn deadline(&self, observe_at_ms: u64, seconds: u32) -> Result<i64, CoreError> {
        i64::try_from(observe_at_ms.div_ceil(SECOND_MS))
            .ok()
            .and_then(|observed_at| self.locks_at.max(observed_at).checked_add(seconds.into()))
            .ok_or(CoreError::ObservationTimeOutOfRange)
    }

    /// Whether the observation at `observe_at_ms` may be known while the curve trades.
    pub fn may_resolve_early(&self, observe_at_ms: u64) -> bool {
        let lock = u64::try_from(self.locks_at).ok();
        lock.and_then(|lock| lock.checked_mul(SECOND_MS))
            .is_none_or(|lock_ms| observe_at_ms < lock_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Opens at second 1,000, trades for 10 s, and could be proven for an hour more.
    const UNTIL: i64 = 4_610;

    fn hours() -> TradingHours {
        TradingHours::new(1_000, 1_010, 0).unwrap()
    }

    #[test]
    fn nothing_is_observed_while_the_curve_trades() {
        for time in [940_000, 1_000_000, 1_000_999, 1_010_000, 4_610_000] {
            assert_eq!(hours().admit(time, None, UNTIL), Ok(()), "{time}");
        }
        for time in [0, 939_999, 1_001_000, 1_009_999, 4_610_001, u64::MAX] {
            let refused = Err(CoreError::ObservationTimeOutOfRange);
            assert_eq!(hours().admit(time, None, UNTIL), refused, "{time}");
        }
    }

    #[test]
    fn strike_is_near_the_opening_and_before_the_result() {
        for (time, strike) in [
            (1_010_000, 940_000),
            (1_010_000, 1_009_999),
            (1_060_001, 1_060_000),
        ] {
            let admitted = hours().admit(time, Some(strike), UNTIL);
            assert_eq!(admitted, Ok(()), "{time}, {strike}");
        }
        for (time, strike) in [
            (1_010_000, 939_999),
            (1_010_000, 1_010_000),
            (2_000_000, 1_060_001),
            (1_000_000, 999_999),
            (1_009_999, 1_000_000),
            (4_610_001, 1_000_000),
        ] {
            let refused = Err(CoreError::ObservationTimeOutOfRange);
            assert_eq!(
                hours().admit(time, Some(strike), UNTIL),
                refused,
                "{time}, {strike}"
            );
        }
    }

    #[test]
    fn hours_open_before_they_end() {
        for (opens, locks, frozen) in [(1_000, 1_000, 0), (1_000, 1_010, 10), (-1, 10, 0)] {
            let hours = TradingHours::new(opens, locks, frozen);
            assert_eq!(hours, Err(CoreError::HoursInvalid));
        }
    }

    #[test]
    fn trading_is_from_the_opening_to_the_second_before_its_end() {
        let mut hours = TradingHours::new(1_000, 1_010, 2).unwrap();
        let refused = Err(CoreError::TradingNotStarted);
        assert_eq!(hours.require_trading(999), refused);
        assert_eq!(hours.require_trading(1_000), Ok(()));
        assert_eq!(hours.require_trading(1_007), Ok(()));
        assert_eq!(hours.require_trading(1_008), Err(CoreError::TradingOver));
        hours.end(1_004);
        assert_eq!(hours.require_trading(1_004), Err(CoreError::TradingOver));
        hours.end(1_006);
        assert_eq!(hours.trading_until, 1_004);
    }

    #[test]
    fn prices_have_weight_until_the_last_second_of_trading() {
        let mut hours = hours();
        let at = |slot, seconds| Moment { slot, seconds };
        assert_eq!(hours.observe(at(110, 1_004), 100), 110);
        assert_eq!(hours.observe(at(125, 1_009), 110), 125);
        assert_eq!(hours.observe(at(400, 1_100), 125), 125);
        assert_eq!(hours.observed_at, 1_009);
    }
}
