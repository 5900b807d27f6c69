//! What a market is created with, and what follows of it.

use anchor_lang::prelude::*;
use math::CurveKind;
use program_kit::observation_time::MarketTimes;

use crate::{
    error::FlashError,
    state::{Caps, FlashMarket, RuleKind},
};

const MINUTE: u32 = 60;
const HOUR: u32 = 60 * MINUTE;

/// Range of a market's duration, and the longest wait for its opening, in seconds.
#[constant]
pub const MIN_DURATION_SECONDS: u32 = 5;
#[constant]
pub const MAX_DURATION_SECONDS: u32 = 4 * HOUR;
#[constant]
pub const MAX_OPENS_IN_SECONDS: u32 = 4 * HOUR;
/// Longest bet delay; the least of a market that may be resolved while it trades.
#[constant]
pub const MAX_DELAY_MS: u32 = 30_000;
#[constant]
pub const MIN_DELAY_BEFORE_RESULT_MS: u32 = 1_000;
/// Longest time to execute an order after its delay.
#[constant]
pub const MAX_EXECUTION_SECONDS: u32 = MINUTE;
/// Range of the time from the later of lock and observation to the void: what a prover has.
#[constant]
pub const MIN_RESOLUTION_SECONDS: u32 = 5 * MINUTE;
#[constant]
pub const MAX_RESOLUTION_SECONDS: u32 = 24 * HOUR;
/// Highest fee rate, in basis points of `min(p, 1 − p)` per share.
#[constant]
pub const MAX_FEE_RATE: u16 = 500;
/// Part of its trading time for which an operator may suspend a market in all: one half.
const SUSPENSION_DIVISOR: u32 = 2;
/// Where depth falls with the time left, trading ends this part of the duration before the lock or
/// earlier: later the depth would fall by a tenth and more between two bets.
pub const FREEZE_DIVISOR: u32 = 64;

#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Curve {
    Lmsr,
    PmAmm,
}

impl Curve {
    pub fn kind(self) -> CurveKind {
        match self {
            Self::Lmsr => CurveKind::Lmsr,
            Self::PmAmm => CurveKind::PmAmm,
        }
    }
}

#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug, PartialEq, Eq)]
pub enum Rule {
    /// The value is the index of the outcome.
    Categorical,
    /// The outcome is the number of strikes at or below the value. Strikes rise strictly.
    Threshold { strikes: Vec<i64> },
    /// Two outcomes, below and not below the value observed at this time, unix milliseconds, within a
    /// minute of the opening. The result's time is the planned lock or later.
    ThresholdAtOpening { strike_at_ms: u64 },
}

impl Rule {
    /// `T` of the observation that sets the strike, unix milliseconds; none if strikes are fixed.
    pub fn strike_at_ms(&self) -> Option<u64> {
        match self {
            Self::ThresholdAtOpening { strike_at_ms } => Some(*strike_at_ms),
            _ => None,
        }
    }

    /// Writes the rule into a market whose pool is open.
    ///
    /// # Errors
    /// [`FlashError::StrikesInvalid`].
    pub fn write(&self, market: &mut FlashMarket) -> Result<()> {
        let outcomes = usize::from(market.pool.outcomes);
        match self {
            Self::Categorical => {
                market.rule = RuleKind::Categorical as u8;
                return Ok(());
            }
            Self::Threshold { strikes } => {
                let is_valid = strikes.len().checked_add(1) == Some(outcomes)
                    && strikes.is_sorted_by(|left, right| left < right);
                require!(is_valid, FlashError::StrikesInvalid);
                for (place, strike) in market.strikes.iter_mut().zip(strikes) {
                    *place = *strike;
                }
            }
            Self::ThresholdAtOpening { strike_at_ms } => {
                require_eq!(outcomes, 2, FlashError::StrikesInvalid);
                market.strike_pending = 1;
                market.strike_at_ms = *strike_at_ms;
            }
        }
        market.rule = RuleKind::Threshold as u8;
        market.strike_count = market.pool.outcomes.saturating_sub(1);
        Ok(())
    }
}

#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug)]
pub struct MarketTerms {
    /// Market or collection this one belongs to; 0 if none.
    pub parent: u64,
    pub rule: Rule,
    pub curve: Curve,
    /// `b` of the LMSR, `L` of the pm-AMM, base units.
    pub depth: u64,
    /// Opening price of each outcome, Q1.63, summing to one.
    pub prior: Vec<u64>,
    /// Whether depth falls with the time left.
    pub micro_tau: bool,
    /// Basis points of `min(p, 1 − p)` per share.
    pub fee_rate: u16,
    /// `T` of the observation that resolves the market, unix milliseconds: of a price feed the
    /// planned lock or later, of an event question the opening or up to a minute before.
    pub observe_at_ms: u64,
    /// From now to the opening, from there to the lock, and without trading before the lock.
    pub opens_in_seconds: u32,
    pub duration_seconds: u32,
    pub freeze_seconds: u32,
    /// Between order and execution; 0 for immediate trades.
    pub delay_ms: u32,
    /// After the delay, for the execution; 0 for immediate trades.
    pub execution_seconds: u32,
    /// From the later of lock and observation to the void.
    pub resolution_seconds: u32,
}

impl MarketTerms {
    /// Writes times and deadlines into a market that is created at `clock`.
    ///
    /// # Errors
    /// [`FlashError::DurationOutOfRange`], [`FlashError::OpensTooSoon`],
    /// [`FlashError::ResolutionTimeOutOfRange`], [`FlashError::FreezeOutOfRange`],
    /// [`FlashError::DelayOutOfRange`], [`FlashError::DelayNeeded`],
    /// [`FlashError::ObservationTimeOutOfRange`].
    pub fn write_times(&self, market: &mut FlashMarket, caps: &Caps, clock: &Clock) -> Result<()> {
        require!(
            (MIN_DURATION_SECONDS..=MAX_DURATION_SECONDS).contains(&self.duration_seconds)
                && self.opens_in_seconds <= MAX_OPENS_IN_SECONDS,
            FlashError::DurationOutOfRange
        );
        require_gte!(
            self.opens_in_seconds,
            caps.opening_lead_seconds,
            FlashError::OpensTooSoon
        );
        let traded_seconds = self.traded_seconds()?;
        market.opens_at = later(clock.unix_timestamp, self.opens_in_seconds)?;
        market.locks_at = later(market.opens_at, self.duration_seconds)?;
        market.trading_until = later(market.opens_at, traded_seconds)?;
        market.observed_at = market.opens_at;
        market.observe_at_ms = self.observe_at_ms;
        market.suspension_left_seconds = traded_seconds / SUSPENSION_DIVISOR;
        self.write_deadline(market)?;
        self.write_delay(market, caps, traded_seconds)
    }

    /// Seconds from the opening to the end of trading.
    fn traded_seconds(&self) -> Result<u32> {
        let traded = self
            .duration_seconds
            .checked_sub(self.freeze_seconds)
            .filter(|traded| *traded > 0)
            .ok_or(FlashError::FreezeOutOfRange)?;
        let least_freeze = (self.duration_seconds / FREEZE_DIVISOR).max(1);
        require!(
            !self.micro_tau || self.freeze_seconds >= least_freeze,
            FlashError::FreezeOutOfRange
        );
        Ok(traded)
    }

    fn write_deadline(&self, market: &mut FlashMarket) -> Result<()> {
        require!(
            (MIN_RESOLUTION_SECONDS..=MAX_RESOLUTION_SECONDS).contains(&self.resolution_seconds),
            FlashError::ResolutionTimeOutOfRange
        );
        let observed_at = i64::try_from(self.observe_at_ms.div_ceil(1_000))
            .map_err(|_| FlashError::ObservationTimeOutOfRange)?;
        let latest = later(market.locks_at, MAX_RESOLUTION_SECONDS)?;
        let times = MarketTimes {
            trading_from: market.opens_at,
            trading_until: market.locks_at,
            latest,
        };
        require!(
            times.admit(self.observe_at_ms, self.rule.strike_at_ms()),
            FlashError::ObservationTimeOutOfRange
        );
        let known_at = market.locks_at.max(observed_at);
        market.void_from = later(known_at, self.resolution_seconds)?;
        Ok(())
    }

    fn write_delay(&self, market: &mut FlashMarket, caps: &Caps, traded: u32) -> Result<()> {
        if self.delay_ms == 0 {
            require_eq!(self.execution_seconds, 0, FlashError::DelayOutOfRange);
        } else {
            let is_in_range = self.delay_ms <= MAX_DELAY_MS
                && (1..=MAX_EXECUTION_SECONDS).contains(&self.execution_seconds);
            require!(is_in_range, FlashError::DelayOutOfRange);
        }
        require!(
            !market.may_resolve_early() || self.delay_ms >= MIN_DELAY_BEFORE_RESULT_MS,
            FlashError::DelayNeeded
        );
        market.delay_slots = caps.slots(self.delay_ms);
        market.delay_seconds = self.delay_ms.div_ceil(1_000);
        market.execution_seconds = self.execution_seconds;
        let waited = market
            .delay_seconds
            .saturating_add(market.execution_seconds);
        require_gt!(traded, waited, FlashError::DelayOutOfRange);
        let duration_ms = self.duration_seconds.saturating_mul(1_000);
        market.tau_slots = FlashMarket::tau_slots(caps.slots(duration_ms));
        Ok(())
    }
}

/// # Errors
/// [`FlashError::Overflow`].
fn later(second: i64, seconds: u32) -> Result<i64> {
    second
        .checked_add(i64::from(seconds))
        .ok_or_else(|| error!(FlashError::Overflow))
}
