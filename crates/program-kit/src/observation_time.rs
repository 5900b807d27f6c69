//! Of when the observations may be that a market waits for.

/// How far the cluster's clock may be from the feed's, in milliseconds.
pub const CLOCK_TOLERANCE: u64 = 60_000;

const SECOND: u64 = 1_000;

/// When a market trades and ends, unix seconds.
#[derive(Clone, Copy, Debug)]
pub struct MarketTimes {
    /// First second of trading, and the first after it.
    pub trading_from: i64,
    pub trading_until: i64,
    /// Last second whose observation can be proven in time.
    pub latest: i64,
}

impl MarketTimes {
    /// Whether a market may wait for the observation at `observe_at`, and take its strike from the one
    /// at `strike_at`, unix milliseconds.
    ///
    /// What is observed before trading ends may be known while the curve trades. Only an event question
    /// names the opening instead, or up to [`CLOCK_TOLERANCE`] before: its feed has a single
    /// observation, whenever that is made. A little after the opening would admit the price at the end
    /// of a short market. A strike is no result: it may be known, or not be yet, when trading starts.
    pub fn admit(&self, observe_at: u64, strike_at: Option<u64>) -> bool {
        let seconds = [self.trading_from, self.trading_until, self.latest];
        let [Some(opening), Some(lock), Some(latest)] = seconds.map(milliseconds) else {
            return false;
        };
        let is_after_trading = (lock..=latest).contains(&observe_at);
        let earliest = opening.saturating_sub(CLOCK_TOLERANCE);
        let is_at_opening = (earliest..opening.saturating_add(SECOND)).contains(&observe_at);
        match strike_at {
            Some(strike_at) => {
                let is_near = strike_at.abs_diff(opening) <= CLOCK_TOLERANCE;
                is_near && strike_at < observe_at && is_after_trading
            }
            None => is_at_opening || is_after_trading,
        }
    }
}

fn milliseconds(seconds: i64) -> Option<u64> {
    u64::try_from(seconds).ok()?.checked_mul(SECOND)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Opens at second 1,000, trades for 10 s, and could be proven for an hour more.
    const TIMES: MarketTimes = MarketTimes {
        trading_from: 1_000,
        trading_until: 1_010,
        latest: 4_610,
    };

    #[test]
    fn nothing_is_observed_while_the_curve_trades() {
        for time in [940_000, 1_000_000, 1_000_999, 1_010_000, 4_610_000] {
            assert!(TIMES.admit(time, None), "{time}");
        }
        for time in [0, 939_999, 1_001_000, 1_009_999, 4_610_001, u64::MAX] {
            assert!(!TIMES.admit(time, None), "{time}");
        }
    }

    #[test]
    fn strike_is_near_the_opening_and_before_the_result() {
        for (time, strike) in [
            (1_010_000, 940_000),
            (1_010_000, 1_009_999),
            (1_060_001, 1_060_000),
        ] {
            assert!(TIMES.admit(time, Some(strike)), "{time}, {strike}");
        }
        for (time, strike) in [
            (1_010_000, 939_999),
            (1_010_000, 1_010_000),
            (2_000_000, 1_060_001),
            (1_000_000, 999_999),
            (1_009_999, 1_000_000),
            (4_610_001, 1_000_000),
        ] {
            assert!(!TIMES.admit(time, Some(strike)), "{time}, {strike}");
        }
    }

    #[test]
    fn times_before_1970_admit_nothing() {
        let times = MarketTimes {
            trading_from: -1,
            ..TIMES
        };
        assert!(!times.admit(1_010_000, None));
    }
}
