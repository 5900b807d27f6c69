//! Markets on a price. Strike and close are medians of a window of samples, which providers sign as a
//! feed of its own; what is at stake is bounded by what it costs to move the price for half a window.

use borsh::BorshDeserialize;
use solana_sha256_hasher::hashv;

use crate::{
    error::CoreError,
    evidence::Evidence,
    hours::{TradingHours, CLOCK_TOLERANCE_MS},
    rule::RuleTerms,
    Key,
};

/// Separates derived feeds from every other use of SHA-256.
const MEDIAN_DOMAIN: &[u8] = b"strobe/window-median/v1";

/// Range of the number of samples, which is odd, and of the milliseconds between two.
pub const SAMPLES: core::ops::RangeInclusive<u16> = 11..=1_001;
pub const STEP_MS: core::ops::RangeInclusive<u32> = 100..=3_600_000;

/// With so many samples and more one of them moves the result less.
pub const MANY_SAMPLES: u16 = 31;
/// Least fee rate, in basis points of `min(p, 1 − p)` per share, with fewer and with as many: at one
/// half it takes what one sample gains who moves it.
pub const FEE_RATE_OF_FEW: u16 = 160;
pub const FEE_RATE_OF_MANY: u16 = 100;

/// Most open interest that a market reserves, in parts of its funding: nobody reserves a window with an
/// empty market.
pub const INTEREST_PER_FUNDING: u64 = 100;

/// Most windows of one feed that are not over.
pub const MAX_WINDOWS: usize = 64;

const SECOND_MS: u64 = 1_000;

/// The feed of medians of so many samples of a base feed, one step apart, as big-endian field
/// elements: SHA-256 of `"strobe/window-median/v1" ‖ base feed ‖ step ‖ samples`, numbers big-endian, with
/// the first byte cleared.
///
/// It has an observation at each multiple of the step, so that the one before that at `T` is at
/// `T − step`.
pub fn median_feed_id(base_feed: &Key, step_ms: u32, samples: u16) -> Key {
    let mut hash = hashv(&[
        MEDIAN_DOMAIN,
        base_feed,
        &step_ms.to_be_bytes(),
        &samples.to_be_bytes(),
    ])
    .to_bytes();
    hash[0] = 0;
    hash
}

/// What makes a market one on a price, as who creates it says it.
#[cfg_attr(feature = "idl-build", derive(anchor_lang::AnchorSerialize))]
#[cfg_attr(not(feature = "idl-build"), derive(borsh::BorshSerialize))]
#[derive(BorshDeserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub struct PriceTerms {
    /// Milliseconds between two samples.
    pub step_ms: u32,
    /// Samples of a window.
    pub samples: u16,
    /// A close within this of a strike is a tie: the market is void. In units of the feed.
    pub tick: u32,
    /// Most shares of one outcome that may be outstanding after a purchase, base units: what the
    /// market reserves of its feed's cap.
    pub max_interest: u64,
}

/// What a market on a price keeps of its terms; all zero in any other market.
#[cfg_attr(feature = "idl-build", derive(anchor_lang::AnchorSerialize))]
#[cfg_attr(not(feature = "idl-build"), derive(borsh::BorshSerialize))]
#[derive(
    BorshDeserialize, Clone, Copy, Debug, PartialEq, Eq, bytemuck::Pod, bytemuck::Zeroable,
)]
#[repr(C)]
pub struct PriceSource {
    /// Whose samples they are; a field element, big-endian.
    pub base_feed: [u8; 32],
    /// Most shares of one outcome that may be outstanding after a purchase, base units.
    pub max_interest: u64,
    /// Milliseconds between two samples.
    pub step_ms: u32,
    /// Samples of a window; 0 in a market that is not on a price.
    pub samples: u16,
    pub padding: [u8; 2],
}

impl PriceTerms {
    /// The feed whose observations settle a market with these terms.
    pub fn median_feed_id(&self, base_feed: &Key) -> Key {
        median_feed_id(base_feed, self.step_ms, self.samples)
    }

    /// What the terms make of a market with this rule, these hours, this fee and this `T`, if they are
    /// sound together.
    ///
    /// # Errors
    /// `PriceRule`, `PriceKey`, `PriceSamples`, `PriceTick`, `PriceTime`, `PriceFee`.
    pub fn admit(&self, base_feed: Key, market: &PricedMarket) -> Result<PriceSource, CoreError> {
        if !market.proves_medians_of_ticks {
            return Err(CoreError::PriceKey);
        }
        let are_sampled = STEP_MS.contains(&self.step_ms) && SAMPLES.contains(&self.samples);
        if !are_sampled || self.samples.is_multiple_of(2) {
            return Err(CoreError::PriceSamples);
        }
        self.check_strikes(market.rule)?;
        self.check_times(market)?;
        let least_fee_rate = if self.samples < MANY_SAMPLES {
            FEE_RATE_OF_FEW
        } else {
            FEE_RATE_OF_MANY
        };
        if market.fee_rate < least_fee_rate {
            return Err(CoreError::PriceFee);
        }
        Ok(PriceSource {
            base_feed,
            max_interest: self.max_interest,
            step_ms: self.step_ms,
            samples: self.samples,
            padding: [0; 2],
        })
    }

    /// Ties of two strikes must leave values between them.
    fn check_strikes(&self, rule: &RuleTerms) -> Result<(), CoreError> {
        let ties = u64::from(self.tick).saturating_mul(2);
        let are_apart = match rule {
            RuleTerms::Threshold { strikes } => strikes
                .iter()
                .zip(strikes.iter().skip(1))
                .all(|(low, high)| high.abs_diff(*low) > ties),
            RuleTerms::ThresholdAtOpening { .. } => true,
            _ => return Err(CoreError::PriceRule),
        };
        (self.tick > 0 && are_apart)
            .then_some(())
            .ok_or(CoreError::PriceTick)
    }

    fn check_times(&self, market: &PricedMarket) -> Result<(), CoreError> {
        let ms = |second: i64| u64::try_from(second).ok()?.checked_mul(SECOND_MS);
        let hours = market.hours;
        let (Some(opening), Some(end)) = (ms(hours.opens_at), ms(hours.trading_until)) else {
            return Err(CoreError::PriceTime);
        };
        let step = u64::from(self.step_ms);
        let window = step.saturating_mul(self.samples.into());
        let strike = market.rule.strike_at_ms();
        let is_strike_known =
            strike.is_none_or(|at| at <= opening && at.is_multiple_of(step) && at > window);
        let is_after_trading = end
            .checked_add(window)
            .is_some_and(|earliest| earliest <= market.observe_at_ms);
        let is_in_time =
            is_strike_known && is_after_trading && market.observe_at_ms.is_multiple_of(step);
        is_in_time.then_some(()).ok_or(CoreError::PriceTime)
    }
}

/// What of a market its price has to fit.
#[derive(Clone, Copy, Debug)]
pub struct PricedMarket<'a> {
    pub rule: &'a RuleTerms,
    pub hours: &'a TradingHours,
    /// `T` of the close, unix milliseconds.
    pub observe_at_ms: u64,
    /// Basis points of `min(p, 1 − p)` per share.
    pub fee_rate: u16,
    /// Of the verifying key.
    pub proves_medians_of_ticks: bool,
}

impl PriceSource {
    /// Whether the market is one on a price.
    pub fn is_priced(&self) -> bool {
        self.samples != 0
    }

    /// The feed that what is at risk is counted under: the base feed of a market on a price, `feed_id`
    /// of any other.
    pub fn booked_feed(&self, feed_id: Key) -> Key {
        if self.is_priced() {
            self.base_feed
        } else {
            feed_id
        }
    }

    /// Milliseconds of a window.
    pub fn window_ms(&self) -> u64 {
        u64::from(self.step_ms).saturating_mul(self.samples.into())
    }

    /// Whether so many shares of an outcome may be outstanding after a purchase.
    ///
    /// # Errors
    /// `InterestCapExceeded`.
    pub fn require_room(&self, interest: u64) -> Result<(), CoreError> {
        if self.is_priced() && interest > self.max_interest {
            return Err(CoreError::InterestCapExceeded);
        }
        Ok(())
    }

    /// Reserves the market's interest in its closing window and that of its strike, among the windows
    /// of its feed, whose price costs so many base units to move for a second: who moves the strike of
    /// a market that opens at prices fixed before gains as much. Windows that are over make place. After
    /// it, for every window: half of it costs at least what all windows have reserved that overlap it,
    /// it included.
    ///
    /// # Errors
    /// `PriceInterest` if it reserves nothing, or too much for its funding; `PriceWindowFull`,
    /// `PriceWindowsFull`, `Overflow`.
    pub fn reserve(
        &self,
        evidence: &Evidence,
        funding: u64,
        windows: &mut [PriceWindow],
        cost_per_second: u64,
        now_seconds: i64,
    ) -> Result<(), CoreError> {
        let most = funding.saturating_mul(INTEREST_PER_FUNDING);
        if !(1..=most).contains(&self.max_interest) {
            return Err(CoreError::PriceInterest);
        }
        let now_ms = u64::try_from(now_seconds)
            .ok()
            .and_then(|now| now.checked_mul(SECOND_MS))
            .ok_or(CoreError::Overflow)?;
        let ends = [Some(evidence.observe_at_ms), evidence.strike_at_ms()];
        for ends_at_ms in ends.into_iter().flatten() {
            self.reserve_window(ends_at_ms, windows, cost_per_second, now_ms)?;
        }
        Ok(())
    }

    fn reserve_window(
        &self,
        ends_at_ms: u64,
        windows: &mut [PriceWindow],
        cost_per_second: u64,
        now_ms: u64,
    ) -> Result<(), CoreError> {
        let mut own = PriceWindow {
            ends_at_ms,
            length_ms: self.window_ms(),
            interest: 0,
            overlapping: 0,
        };
        let mut place = None;
        for (index, window) in windows.iter_mut().enumerate() {
            if window.is_over(now_ms) {
                *window = PriceWindow::default();
            }
            if window.is_same(&own) || (place.is_none() && window.is_free()) {
                place = Some(index);
            }
            if window.overlaps(&own) && !window.is_same(&own) {
                own.take(window.interest)?;
                window.admit(self.max_interest, cost_per_second)?;
            }
        }
        let place = place.and_then(|index| windows.get_mut(index));
        let place = place.ok_or(CoreError::PriceWindowsFull)?;
        if place.is_free() {
            *place = own;
        }
        place.interest = add(place.interest, self.max_interest)?;
        place.admit(self.max_interest, cost_per_second)
    }
}

/// Whether nothing is at stake on a feed any more: no window is left that is not over.
pub fn are_over(windows: &[PriceWindow], now_seconds: i64) -> bool {
    let now_ms = now_seconds.max(0).unsigned_abs().saturating_mul(SECOND_MS);
    windows.iter().all(|window| window.is_over(now_ms))
}

/// A window in which medians of a feed are taken, and what is at stake on it.
#[cfg_attr(feature = "idl-build", derive(anchor_lang::AnchorSerialize))]
#[cfg_attr(not(feature = "idl-build"), derive(borsh::BorshSerialize))]
#[derive(
    BorshDeserialize, Clone, Copy, Debug, Default, PartialEq, Eq, bytemuck::Pod, bytemuck::Zeroable,
)]
#[repr(C)]
pub struct PriceWindow {
    /// `T` of its markets, unix milliseconds; 0 if the place is free.
    pub ends_at_ms: u64,
    pub length_ms: u64,
    /// What its markets have reserved, base units.
    pub interest: u64,
    /// What all windows have reserved that overlap it, it included, base units.
    pub overlapping: u64,
}

impl PriceWindow {
    fn is_free(&self) -> bool {
        self.ends_at_ms == 0
    }

    fn is_over(&self, now_ms: u64) -> bool {
        self.ends_at_ms.saturating_add(CLOCK_TOLERANCE_MS) < now_ms
    }

    fn is_same(&self, other: &Self) -> bool {
        self.ends_at_ms == other.ends_at_ms && self.length_ms == other.length_ms
    }

    /// The start is no part of a window.
    fn overlaps(&self, other: &Self) -> bool {
        let starts_at = |window: &Self| window.ends_at_ms.saturating_sub(window.length_ms);
        starts_at(self) < other.ends_at_ms && starts_at(other) < self.ends_at_ms
    }

    fn take(&mut self, interest: u64) -> Result<(), CoreError> {
        self.overlapping = add(self.overlapping, interest)?;
        Ok(())
    }

    /// Counts more interest, if half of the window costs as much.
    fn admit(&mut self, interest: u64, cost_per_second: u64) -> Result<(), CoreError> {
        self.take(interest)?;
        let cost_of_half = u128::from(self.length_ms)
            .saturating_mul(cost_per_second.into())
            .checked_div(u128::from(SECOND_MS).saturating_mul(2))
            .unwrap_or(0);
        if u128::from(self.overlapping) > cost_of_half {
            return Err(CoreError::PriceWindowFull);
        }
        Ok(())
    }
}

fn add(one: u64, other: u64) -> Result<u64, CoreError> {
    one.checked_add(other).ok_or(CoreError::Overflow)
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use bytemuck::Zeroable;

    use super::*;

    const MINUTE_MS: u64 = 60_000;

    fn terms() -> PriceTerms {
        PriceTerms {
            step_ms: 1_000,
            samples: 11,
            tick: 1,
            max_interest: 100,
        }
    }

    /// Opens at 1,000 s, trades until 1,049 s, and closes at 1,060 s.
    fn admit(terms: PriceTerms, change: impl Fn(&mut Facts)) -> Result<PriceSource, CoreError> {
        let mut facts = Facts {
            rule: RuleTerms::ThresholdAtOpening {
                strike_at_ms: 1_000_000,
            },
            hours: TradingHours::new(1_000, 1_060, 11).unwrap(),
            observe_at_ms: 1_060_000,
            fee_rate: 160,
            proves_medians_of_ticks: true,
        };
        change(&mut facts);
        let market = PricedMarket {
            rule: &facts.rule,
            hours: &facts.hours,
            observe_at_ms: facts.observe_at_ms,
            fee_rate: facts.fee_rate,
            proves_medians_of_ticks: facts.proves_medians_of_ticks,
        };
        terms.admit([7; 32], &market)
    }

    struct Facts {
        rule: RuleTerms,
        hours: TradingHours,
        observe_at_ms: u64,
        fee_rate: u16,
        proves_medians_of_ticks: bool,
    }

    #[test]
    fn derived_feed_is_of_its_base_step_and_samples() {
        let id = median_feed_id(&[7; 32], 1_000, 11);
        assert_eq!(id[0], 0);
        for other in [
            median_feed_id(&[8; 32], 1_000, 11),
            median_feed_id(&[7; 32], 1_001, 11),
            median_feed_id(&[7; 32], 1_000, 13),
        ] {
            assert_ne!(id, other);
        }
        let source = admit(terms(), |_| {}).unwrap();
        assert_eq!(terms().median_feed_id(&source.base_feed), id);
        assert_eq!(source.booked_feed(id), [7; 32]);
        assert_eq!(PriceSource::zeroed().booked_feed(id), id);
    }

    #[test]
    fn terms_that_do_not_fit_are_refused() {
        let with = |change: fn(&mut PriceTerms)| {
            let mut terms = terms();
            change(&mut terms);
            admit(terms, |_| {})
        };
        for samples in [0, 1, 9, 12, 1_003] {
            let few = PriceTerms { samples, ..terms() };
            assert_eq!(admit(few, |_| {}), Err(CoreError::PriceSamples));
        }
        assert_eq!(
            with(|terms| terms.step_ms = 99),
            Err(CoreError::PriceSamples)
        );
        assert_eq!(with(|terms| terms.tick = 0), Err(CoreError::PriceTick));
        assert_eq!(
            with(|terms| terms.step_ms = 7_000),
            Err(CoreError::PriceTime)
        );
        let refused = |change: fn(&mut Facts)| admit(terms(), change).unwrap_err();
        assert_eq!(
            refused(|facts| facts.proves_medians_of_ticks = false),
            CoreError::PriceKey
        );
        assert_eq!(
            refused(|facts| facts.rule = RuleTerms::Categorical),
            CoreError::PriceRule
        );
        assert_eq!(
            refused(|facts| facts.rule = RuleTerms::Threshold {
                strikes: vec![5, 7]
            }),
            CoreError::PriceTick
        );
        assert_eq!(refused(|facts| facts.fee_rate = 159), CoreError::PriceFee);
    }

    #[test]
    fn more_samples_need_less_of_a_fee() {
        let many = PriceTerms {
            samples: 31,
            step_ms: 200,
            ..terms()
        };
        assert!(admit(many, |facts| facts.fee_rate = 100).is_ok());
        assert_eq!(
            admit(many, |facts| facts.fee_rate = 99),
            Err(CoreError::PriceFee)
        );
    }

    #[test]
    fn nothing_is_sampled_while_the_curve_trades() {
        let refused = |change: fn(&mut Facts)| admit(terms(), change).unwrap_err();
        for change in [
            (|facts| facts.hours.trading_until = 1_050) as fn(&mut Facts),
            |facts| facts.observe_at_ms = 1_059_000,
            |facts| facts.observe_at_ms = 1_060_500,
            |facts| {
                facts.rule = RuleTerms::ThresholdAtOpening {
                    strike_at_ms: 1_001_000,
                }
            },
            |facts| {
                facts.rule = RuleTerms::ThresholdAtOpening {
                    strike_at_ms: 999_500,
                }
            },
        ] {
            assert_eq!(refused(change), CoreError::PriceTime);
        }
        assert!(admit(terms(), |facts| facts.observe_at_ms = 1_061_000).is_ok());
    }

    /// A strike market of ten minutes of eleven samples a minute apart that closes at minute `end`.
    fn reserve(
        windows: &mut [PriceWindow],
        end: u64,
        max_interest: u64,
        cost: u64,
    ) -> Result<(), CoreError> {
        let source = PriceSource {
            max_interest,
            step_ms: 60_000,
            samples: 11,
            ..PriceSource::zeroed()
        };
        let evidence = Evidence {
            observe_at_ms: end * MINUTE_MS,
            ..Evidence::zeroed()
        };
        source.reserve(&evidence, 1_000, windows, cost, 0)
    }

    #[test]
    fn windows_that_overlap_share_what_half_of_one_costs() {
        let full = Err(CoreError::PriceWindowFull);
        // Half of a window costs 3,300.
        let windows = &mut [PriceWindow::default(); 4];
        assert_eq!(reserve(windows, 100, 3_301, 10), full);
        let windows = &mut [PriceWindow::default(); 4];
        assert_eq!(reserve(windows, 100, 3_000, 10), Ok(()));
        assert_eq!(reserve(windows, 100, 300, 10), Ok(()));
        assert_eq!(reserve(&mut { *windows }, 100, 1, 10), full);
        assert_eq!(reserve(&mut { *windows }, 110, 1, 10), full);
        // The next begins where it ends.
        assert_eq!(reserve(windows, 111, 3_200, 10), Ok(()));
        assert_eq!(reserve(&mut { *windows }, 121, 101, 10), full);
        assert_eq!(reserve(windows, 121, 100, 10), Ok(()));
        // What is between the second and the third has to be in both.
        assert_eq!(reserve(&mut { *windows }, 115, 1, 10), full);
    }

    #[test]
    fn windows_make_place_once_they_are_over() {
        let windows = &mut [PriceWindow::default(); 2];
        assert_eq!(reserve(windows, 100, 1, 10), Ok(()));
        assert_eq!(reserve(windows, 200, 1, 10), Ok(()));
        let none = Err(CoreError::PriceWindowsFull);
        assert_eq!(reserve(&mut { *windows }, 300, 1, 10), none);
        assert!(!are_over(windows, 12_000));
        let source = PriceSource {
            max_interest: 1,
            step_ms: 60_000,
            samples: 11,
            ..PriceSource::zeroed()
        };
        let evidence = Evidence {
            observe_at_ms: 300 * MINUTE_MS,
            ..Evidence::zeroed()
        };
        assert_eq!(
            source.reserve(&evidence, 1, windows, 10, 6_060),
            Err(CoreError::PriceWindowsFull)
        );
        assert_eq!(source.reserve(&evidence, 1, windows, 10, 6_061), Ok(()));
        assert_eq!(windows[0].ends_at_ms, 300 * MINUTE_MS);
        assert!(are_over(windows, 18_061));
    }

    #[test]
    fn strike_at_the_opening_reserves_its_window_too() {
        let windows = &mut [PriceWindow::default(); 2];
        let source = PriceSource {
            max_interest: 5,
            step_ms: 1_000,
            samples: 11,
            ..PriceSource::zeroed()
        };
        let evidence = Evidence {
            observe_at_ms: 200_000,
            strike_at_ms: 100_000,
            ..Evidence::zeroed()
        };
        assert_eq!(source.reserve(&evidence, 1, windows, 1, 0), Ok(()));
        let ends = windows.map(|window| (window.ends_at_ms, window.overlapping));
        assert_eq!(ends, [(200_000, 5), (100_000, 5)]);
        for max_interest in [0, 101] {
            let source = PriceSource {
                max_interest,
                ..source
            };
            let refused = source.reserve(&evidence, 1, windows, 1, 0);
            assert_eq!(refused, Err(CoreError::PriceInterest));
        }
    }

    /// No set of moved seconds decides windows with more at stake than it costs.
    #[test]
    fn moving_any_seconds_costs_as_much_as_is_at_stake() {
        let mut state = 9_u64;
        let mut draw = |below: u64| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            (state >> 33) % below
        };
        for _ in 0..300 {
            let mut windows = [PriceWindow::default(); 6];
            for _ in 0..40 {
                let source = PriceSource {
                    max_interest: 1 + draw(60),
                    step_ms: 1_000,
                    samples: [11, 13, 15][draw(3) as usize],
                    ..PriceSource::zeroed()
                };
                let evidence = Evidence {
                    observe_at_ms: (20 + draw(25)) * 1_000,
                    ..Evidence::zeroed()
                };
                let mut trial = windows;
                if source.reserve(&evidence, 1_000, &mut trial, 10, 0).is_ok() {
                    windows = trial;
                }
            }
            for _ in 0..200 {
                let moved: u64 = draw(1 << 30) << 20 | draw(1 << 20);
                let is_decided = |window: &&PriceWindow| {
                    let last = window.ends_at_ms / 1_000;
                    let first = last - window.length_ms / 1_000 + 1;
                    let count = (first..=last).filter(|at| moved >> at & 1 == 1).count() as u64;
                    window.ends_at_ms > 0 && 2 * count * 1_000 > window.length_ms
                };
                let won: u64 = windows
                    .iter()
                    .filter(is_decided)
                    .map(|window| window.interest)
                    .sum();
                assert!(won <= u64::from(moved.count_ones()) * 10, "{windows:?}");
            }
        }
    }
}
