//! What a market is created with, and what follows of it.

use anchor_lang::prelude::*;
use market_core::{
    Price, PriceTerms, PricedMarket, Rule, RuleKind, RuleTerms, Settlement, TradingHours,
};
use math::{CurveKind, Money};

use crate::{
    error::FlashError,
    state::{Caps, FlashMarket, MAX_STRIKES},
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
/// Highest floor of the fee, in basis points of one.
#[constant]
pub const MAX_FEE_FLOOR_BPS: u16 = 1_000;
/// Part of its trading time for which an operator may suspend a market in all: one half.
const SUSPENSION_DIVISOR: u32 = 2;
/// Where depth falls with the time left, trading ends this part of the duration before the lock or
/// earlier: later the depth would fall by a tenth and more between two bets.
pub const FREEZE_DIVISOR: u32 = 64;

#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub enum FlashCurve {
    Lmsr,
    PmAmm,
}

impl FlashCurve {
    pub fn kind(self) -> CurveKind {
        match self {
            Self::Lmsr => CurveKind::Lmsr,
            Self::PmAmm => CurveKind::PmAmm,
        }
    }
}

/// Rules that flash markets offer.
const RULES: [RuleKind; 2] = [RuleKind::Categorical, RuleKind::Threshold];

#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug)]
pub struct FlashMarketTerms {
    /// Market or collection this one belongs to; 0 if none.
    pub parent: u64,
    pub rule: RuleTerms,
    /// Of a market on a price, whose close and strike are medians of a window.
    pub price: Option<PriceTerms>,
    pub curve: FlashCurve,
    /// `b` of the LMSR, `L` of the pm-AMM, base units.
    pub depth: u64,
    /// Opening price of each outcome, Q1.63, summing to one.
    pub prior: Vec<u64>,
    /// Whether depth falls with the time left.
    pub micro_tau: bool,
    /// Basis points of `max(min(p, 1 − p), floor)` per share.
    pub fee_rate: u16,
    /// That floor, basis points of one: the least price that the fee of a share is taken of.
    pub fee_floor_bps: u16,
    /// `T` of the observation that resolves the market, unix milliseconds: of a price the planned
    /// lock or later, of an event question the opening or up to a minute before.
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

impl FlashMarketTerms {
    /// Writes what the terms say of a market that is created at `clock`.
    ///
    /// # Errors
    /// A variant for whatever is out of range.
    pub fn write(&self, market: &mut FlashMarket, caps: &Caps, clock: &Clock) -> Result<()> {
        require_gte!(MAX_FEE_RATE, self.fee_rate, FlashError::FeeRateOutOfRange);
        require_gte!(
            MAX_FEE_FLOOR_BPS,
            self.fee_floor_bps,
            FlashError::FeeFloorOutOfRange
        );
        market.fee_rate = self.fee_rate;
        market.fee_floor_bps = self.fee_floor_bps;
        market.micro_tau = u8::from(self.micro_tau);
        market.parent = self.parent;
        market.settlement = Settlement::OPEN.into();
        self.write_hours(market, caps, clock)?;
        self.write_deadline(market)?;
        self.write_delay(market, caps)?;
        self.open_pool(market, caps, clock)
    }

    /// Writes where the market's price comes from, if it is one on a price. `base_feed` is whose
    /// samples count, `proves_medians_of_ticks` is of the key. Comes after [`Self::write`].
    ///
    /// # Errors
    /// Those of [`PriceTerms::admit`].
    pub fn write_price(
        &self,
        market: &mut FlashMarket,
        base_feed: [u8; 32],
        proves_medians_of_ticks: bool,
    ) -> Result<()> {
        let Some(price) = self.price else {
            return Ok(());
        };
        let priced = PricedMarket {
            rule: &self.rule,
            hours: &market.hours,
            observe_at_ms: self.observe_at_ms,
            fee_rate: self.fee_rate,
            proves_medians_of_ticks,
        };
        let source = price.admit(base_feed, &priced);
        market.price = source.map_err(FlashError::from)?;
        market.rule.tick = price.tick;
        Ok(())
    }

    /// The feed whose observations settle the market: of a market on a price the medians of
    /// `feed_id`, of any other that itself.
    pub fn observed_feed(&self, feed_id: [u8; 32]) -> [u8; 32] {
        let medians = |price: PriceTerms| price.median_feed_id(&feed_id);
        self.price.map_or(feed_id, medians)
    }

    fn write_hours(&self, market: &mut FlashMarket, caps: &Caps, clock: &Clock) -> Result<()> {
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
        #[expect(
            clippy::integer_division,
            reason = "a fraction, rounded down to whole seconds"
        )]
        let least_freeze = (self.duration_seconds / FREEZE_DIVISOR).max(1);
        require!(
            self.freeze_seconds < self.duration_seconds
                && (!self.micro_tau || self.freeze_seconds >= least_freeze),
            FlashError::FreezeOutOfRange
        );
        let opens_at = later(clock.unix_timestamp, self.opens_in_seconds)?;
        let locks_at = later(opens_at, self.duration_seconds)?;
        market.hours =
            TradingHours::new(opens_at, locks_at, self.freeze_seconds).map_err(FlashError::from)?;
        #[expect(
            clippy::integer_division,
            reason = "a fraction, rounded down to whole seconds"
        )]
        let suspension_seconds = self.traded_seconds() / SUSPENSION_DIVISOR;
        market.suspension_left_seconds = suspension_seconds;
        Ok(())
    }

    /// Seconds from the opening to the end of trading.
    fn traded_seconds(&self) -> u32 {
        self.duration_seconds.saturating_sub(self.freeze_seconds)
    }

    fn write_deadline(&self, market: &mut FlashMarket) -> Result<()> {
        require!(
            (MIN_RESOLUTION_SECONDS..=MAX_RESOLUTION_SECONDS).contains(&self.resolution_seconds),
            FlashError::ResolutionTimeOutOfRange
        );
        let locks_at = market.hours.locks_at;
        market
            .hours
            .admit(
                self.observe_at_ms,
                self.rule.strike_at_ms(),
                later(locks_at, MAX_RESOLUTION_SECONDS)?,
            )
            .map_err(FlashError::from)?;
        let deadline = market
            .hours
            .deadline(self.observe_at_ms, self.resolution_seconds);
        market.void_from = deadline.map_err(FlashError::from)?;
        Ok(())
    }

    fn write_delay(&self, market: &mut FlashMarket, caps: &Caps) -> Result<()> {
        let is_in_range = if self.delay_ms == 0 {
            self.execution_seconds == 0
        } else {
            self.delay_ms <= MAX_DELAY_MS
                && (1..=MAX_EXECUTION_SECONDS).contains(&self.execution_seconds)
        };
        require!(is_in_range, FlashError::DelayOutOfRange);
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
        require_gt!(self.traded_seconds(), waited, FlashError::DelayOutOfRange);
        Ok(())
    }

    fn open_pool(&self, market: &mut FlashMarket, caps: &Caps, clock: &Clock) -> Result<()> {
        self.rule
            .require_offered(&RULES)
            .map_err(FlashError::from)?;
        let until_opening = caps.slots(self.opens_in_seconds.saturating_mul(1_000));
        let opening_slot = clock
            .slot
            .checked_add(until_opening)
            .ok_or(FlashError::Overflow)?;
        let duration_slots = caps.slots(self.duration_seconds.saturating_mul(1_000));
        market.slow_price_slots = FlashMarket::slow_price_slots_of(duration_slots);
        let prior: Vec<Price> = self.prior.iter().map(|price| Price(*price)).collect();
        market.funding = market
            .pool
            .open_at(self.curve.kind(), Money(self.depth), &prior, opening_slot)
            .map_err(FlashError::from)?;
        let rule = Rule::<MAX_STRIKES>::new(&self.rule, market.pool.outcomes);
        market.rule = rule.map_err(FlashError::from)?.into();
        Ok(())
    }
}

/// # Errors
/// `Overflow`.
fn later(second: i64, seconds: u32) -> Result<i64> {
    second
        .checked_add(i64::from(seconds))
        .ok_or_else(|| error!(FlashError::Overflow))
}
