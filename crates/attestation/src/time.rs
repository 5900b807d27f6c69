use std::{fmt, str::FromStr};

use serde::{
    de::{Error, Unexpected, Visitor},
    Deserialize, Deserializer, Serialize, Serializer,
};
use thiserror::Error;

use crate::{decimal::parse_integer, ObservationError};

/// September 2001. A time in seconds is below it for as long as anybody will ask.
const EARLIEST_PLAUSIBLE_MS: u64 = 1_000_000_000_000;
/// How far a clock may be behind the one that a time was read from: an hour.
const CLOCK_TOLERANCE_MS: u64 = 3_600_000;

/// Unix time in milliseconds, `0 ..= i64::MAX`. In JSON its decimal text, on input also a number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Millis(u64);

/// Why a text is no time.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("\"{0}\" is not {EXPECTED}")]
pub struct TimeError(String);

const EXPECTED: &str =
    "a time in unix milliseconds, 0 to 2^63 - 1 in decimal, without sign, spaces \
                        or leading zeros";

/// Why a time is hardly one in unix milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error(
    "{millis} is hardly a time in unix milliseconds, expected {EARLIEST_PLAUSIBLE_MS} to {latest}{}",
    hint(*millis, *latest)
)]
pub struct ImplausibleTime {
    pub millis: u64,
    /// The latest that would be plausible.
    pub latest: u64,
}

/// What unit the time seems to be in.
fn hint(millis: u64, latest: u64) -> String {
    let is_plausible = |millis: u64| (EARLIEST_PLAUSIBLE_MS..=latest).contains(&millis);
    let unit = [
        ("seconds", millis.checked_mul(1_000)),
        ("microseconds", millis.checked_div(1_000)),
        ("nanoseconds", millis.checked_div(1_000_000)),
    ]
    .into_iter()
    .find(|(_, millis)| millis.is_some_and(is_plausible));
    unit.map_or_else(String::new, |(unit, _)| format!("; it may be in {unit}"))
}

impl Millis {
    /// # Errors
    /// [`ObservationError::TimeTooLarge`] above `i64::MAX`.
    pub fn new(millis: u64) -> Result<Self, ObservationError> {
        if i64::try_from(millis).is_err() {
            return Err(ObservationError::TimeTooLarge { millis });
        }
        Ok(Self(millis))
    }

    pub fn get(self) -> u64 {
        self.0
    }

    /// Whether something can have been observed at this time: since September 2001, and no later
    /// than an hour after `now`. It tells seconds and microseconds from milliseconds.
    ///
    /// # Errors
    /// [`ImplausibleTime`].
    pub fn require_plausible(self, now: Self) -> Result<(), ImplausibleTime> {
        let latest = now.0.saturating_add(CLOCK_TOLERANCE_MS);
        if !(EARLIEST_PLAUSIBLE_MS..=latest).contains(&self.0) {
            let millis = self.0;
            return Err(ImplausibleTime { millis, latest });
        }
        Ok(())
    }
}

impl fmt::Display for Millis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Millis {
    type Err = TimeError;

    fn from_str(text: &str) -> Result<Self, TimeError> {
        parse_integer(text)
            .and_then(|millis| Self::new(millis).ok())
            .ok_or_else(|| TimeError(text.to_owned()))
    }
}

impl Serialize for Millis {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Millis {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(NumberOrText)
    }
}

struct NumberOrText;

impl Visitor<'_> for NumberOrText {
    type Value = Millis;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(EXPECTED)
    }

    fn visit_u64<E: Error>(self, millis: u64) -> Result<Millis, E> {
        Millis::new(millis).map_err(|_| E::invalid_value(Unexpected::Unsigned(millis), &self))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Millis, E> {
        text.parse().map_err(E::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_times_in_milliseconds_are_plausible() {
        let now = Millis(1_800_000_000_000);
        for millis in [1_000_000_000_000, 1_700_000_000_000, 1_800_003_600_000] {
            assert_eq!(Millis(millis).require_plausible(now), Ok(()));
        }
        for (millis, unit) in [
            (1_700_000_000, "; it may be in seconds"),
            (1_700_000_000_000_000, "; it may be in microseconds"),
            (1_700_000_000_000_000_000, "; it may be in nanoseconds"),
            (0, "1800003600000"),
            (1_800_003_600_001, "1800003600000"),
            (u64::MAX, "1800003600000"),
        ] {
            let refused = Millis(millis).require_plausible(now);
            let message = refused.expect_err("implausible").to_string();
            assert!(message.ends_with(unit), "{message}");
        }
    }

    #[test]
    fn time_has_one_text() {
        assert_eq!("0".parse(), Ok(Millis(0)));
        assert_eq!("9223372036854775807".parse(), Ok(Millis(u64::MAX >> 1)));
        for text in [
            "",
            "-0",
            "+5",
            "05",
            " 5",
            "5 ",
            "5.0",
            "5e3",
            "9223372036854775808",
        ] {
            assert_eq!(text.parse::<Millis>(), Err(TimeError(text.into())));
        }
    }
}
