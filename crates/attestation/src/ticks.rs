//! Prices as a provider saw them, and the median of a window of them.

use serde::Deserialize;
use thiserror::Error;

use crate::{decimal::parse_integer, Millis};

/// A price at a time, in units of the feed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tick {
    pub at: Millis,
    pub price: i64,
}

/// Prices in the order of their times, of which no two are the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ticks(Vec<Tick>);

/// A window of samples. It begins after `ends_at − samples · step` and is cut into parts of one step; the
/// sample of a part is the last price in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    pub ends_at: Millis,
    pub step_ms: u32,
    /// An odd number.
    pub samples: u16,
}

/// Why prices cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum TicksError {
    #[error("there is no heading in the first line, expected two names, such as time,price")]
    NoHeading,
    #[error("{place}: \"{text}\" is no row, expected a time, a comma and a price")]
    NotARow { place: String, text: String },
    #[error("{place}: \"{text}\" is no time, expected unix milliseconds in decimal, or UTC such as 2023-03-10T00:00Z, with :SS or :SS.mmm before the Z if it has to be")]
    NotATime { place: String, text: String },
    #[error("{place}: \"{text}\" is no price, expected a decimal number without sign +, exponent, spaces or leading zeros")]
    NotAPrice { place: String, text: String },
    #[error("{place}: {text} has more than the feed's {decimals} digits after the point")]
    TooManyDigits {
        place: String,
        text: String,
        decimals: u8,
    },
    #[error("{place}: {text} with {decimals} digits after the point is beyond 64 bits")]
    TooLarge {
        place: String,
        text: String,
        decimals: u8,
    },
    #[error("{place}: there is a price of {at} ms already")]
    Duplicate { place: String, at: u64 },
    #[error(
        "{place}: {at} ms is before {before} ms, the time of the one before: sort them by time"
    )]
    OutOfOrder { place: String, at: u64, before: u64 },
    #[error("not JSON as expected, an array of {{at, price}}: {0}")]
    NotJson(String),
}

/// Why a window has no median.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum WindowError {
    #[error("{samples} samples of {step_ms} ms make no window, expected an odd number and a step above 0")]
    NoWindow { samples: u16, step_ms: u32 },
    #[error("the window's end, {ends_at} ms, is no multiple of the step of {step_ms} ms: the feed of medians has none there")]
    OffStep { ends_at: u64, step_ms: u32 },
    #[error("the window would begin before 1970")]
    TooEarly,
    #[error("the prices end at {last} ms, before the window's end at {ends_at} ms: what its last sample is cannot be known")]
    NotOver { last: u64, ends_at: u64 },
    #[error("there is no price after {from} ms and up to {to} ms, so one sample of the window is missing")]
    Gap { from: u64, to: u64 },
}

impl Window {
    /// When the window before that ends, which the observation of this one names as `prev_at`: the feed
    /// of medians has one at each multiple of the step.
    ///
    /// # Errors
    /// [`WindowError::NoWindow`], [`WindowError::OffStep`], [`WindowError::TooEarly`].
    pub fn prev_at(&self) -> Result<Millis, WindowError> {
        self.starts_at()?;
        let prev_at = self.ends_at.get().saturating_sub(self.step_ms.into());
        Millis::new(prev_at).map_err(|_| WindowError::TooEarly)
    }

    fn starts_at(&self) -> Result<u64, WindowError> {
        let Self {
            ends_at,
            step_ms,
            samples,
        } = *self;
        if step_ms == 0 || samples.is_multiple_of(2) {
            return Err(WindowError::NoWindow { samples, step_ms });
        }
        let ends_at = ends_at.get();
        if !ends_at.is_multiple_of(step_ms.into()) {
            return Err(WindowError::OffStep { ends_at, step_ms });
        }
        let length = u64::from(step_ms) * u64::from(samples);
        let start = ends_at.checked_sub(length).filter(|start| *start > 0);
        start.ok_or(WindowError::TooEarly)
    }
}

/// A price in JSON.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TickParts {
    at: NumberOrText,
    price: NumberOrText,
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "an integer, or a text")]
enum NumberOrText {
    Number(i64),
    Text(String),
}

impl NumberOrText {
    fn text(self) -> String {
        match self {
            Self::Number(number) => number.to_string(),
            Self::Text(text) => text,
        }
    }
}

impl Ticks {
    /// Prices from comma-separated text: a heading, and lines of a time and a price. A unit of the feed
    /// is so many digits after the point.
    ///
    /// # Errors
    /// The first row that is wrong, and how.
    pub fn from_csv(text: &str, decimals: u8) -> Result<Self, TicksError> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut lines = text.lines();
        let is_name = |name: &str| name.starts_with(|first: char| first.is_alphabetic());
        lines
            .next()
            .and_then(|heading| heading.split_once(','))
            .filter(|(time, price)| is_name(time) && is_name(price))
            .ok_or(TicksError::NoHeading)?;
        let mut ticks = Self(Vec::new());
        for (index, line) in lines.enumerate() {
            let place = format!("line {}", index + 2);
            let Some((at, price)) = line.split_once(',') else {
                let text = line.to_owned();
                return Err(TicksError::NotARow { place, text });
            };
            ticks.add(place, at, price, decimals)?;
        }
        Ok(ticks)
    }

    /// Prices from a JSON array of `{at, price}`, both texts or integers: a fraction is a text, since
    /// a number in JSON may have been rounded.
    ///
    /// # Errors
    /// The first of them that is wrong, and how.
    pub fn from_json(text: &str, decimals: u8) -> Result<Self, TicksError> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let parts: Vec<TickParts> =
            serde_json::from_str(text).map_err(|error| TicksError::NotJson(error.to_string()))?;
        let mut ticks = Self(Vec::new());
        for (index, tick) in parts.into_iter().enumerate() {
            let place = format!("price {index}");
            ticks.add(place, &tick.at.text(), &tick.price.text(), decimals)?;
        }
        Ok(ticks)
    }

    /// Prices in the order of their times.
    ///
    /// # Errors
    /// [`TicksError::Duplicate`], [`TicksError::OutOfOrder`].
    pub fn new(prices: Vec<Tick>) -> Result<Self, TicksError> {
        let mut ticks = Self(Vec::new());
        for (index, tick) in prices.into_iter().enumerate() {
            ticks.push(format!("price {index}"), tick)?;
        }
        Ok(ticks)
    }

    /// All of them, by time.
    pub fn as_slice(&self) -> &[Tick] {
        &self.0
    }

    fn add(
        &mut self,
        place: String,
        at: &str,
        price: &str,
        decimals: u8,
    ) -> Result<(), TicksError> {
        let Some(at) = parse_time(at) else {
            let text = at.to_owned();
            return Err(TicksError::NotATime { place, text });
        };
        let price = parse_price(&place, price, decimals)?;
        self.push(place, Tick { at, price })
    }

    fn push(&mut self, place: String, tick: Tick) -> Result<(), TicksError> {
        let at = tick.at.get();
        match self.0.last().map(|last| last.at.get()) {
            Some(before) if before == at => Err(TicksError::Duplicate { place, at }),
            Some(before) if before > at => Err(TicksError::OutOfOrder { place, at, before }),
            _ => {
                self.0.push(tick);
                Ok(())
            }
        }
    }

    /// The median of the window's samples.
    ///
    /// # Errors
    /// [`WindowError`].
    pub fn median(&self, window: Window) -> Result<i64, WindowError> {
        let starts_at = window.starts_at()?;
        let ends_at = window.ends_at.get();
        let last = self.0.last().map_or(0, |tick| tick.at.get());
        if last < ends_at {
            return Err(WindowError::NotOver { last, ends_at });
        }
        let mut samples = Vec::with_capacity(window.samples.into());
        let mut from = starts_at;
        while from < ends_at {
            let to = from + u64::from(window.step_ms);
            let after = self.0.partition_point(|tick| tick.at.get() <= to);
            let sample = after.checked_sub(1).and_then(|index| self.0.get(index));
            let sample = sample.filter(|tick| tick.at.get() > from);
            samples.push(sample.ok_or(WindowError::Gap { from, to })?.price);
            from = to;
        }
        let middle = samples.len() / 2;
        Ok(*samples.select_nth_unstable(middle).1)
    }
}

/// A time in unix milliseconds, or as UTC.
fn parse_time(text: &str) -> Option<Millis> {
    if let Ok(millis) = text.parse() {
        return Some(millis);
    }
    let (date, time) = text.strip_suffix('Z')?.split_once('T')?;
    let [year, month, day] = numbers(date, '-', [4, 2, 2])?;
    let (time, millis) = match time.split_once('.') {
        Some((time, millis)) => (time, digits(millis, 3)?),
        None => (time, 0),
    };
    let [hour, minute, second] = match time.len() {
        5 if !text.contains('.') => {
            let [hour, minute] = numbers(time, ':', [2, 2])?;
            [hour, minute, 0]
        }
        _ => numbers(time, ':', [2, 2, 2])?,
    };
    let is_day = (1..=12).contains(&month) && (1..=days_in(year, month)).contains(&day);
    if !is_day || year < 1970 || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let years = (1970..year).map(|year| if is_leap(year) { 366 } else { 365 });
    let months = (1..month).map(|month| days_in(year, month));
    let days = years.sum::<u64>() + months.sum::<u64>() + day - 1;
    let seconds = ((days * 24 + hour) * 60 + minute) * 60 + second;
    Millis::new(seconds * 1_000 + millis).ok()
}

fn numbers<const N: usize>(text: &str, between: char, lengths: [usize; N]) -> Option<[u64; N]> {
    let mut numbers = [0; N];
    let mut parts = text.split(between);
    for (number, length) in numbers.iter_mut().zip(lengths) {
        *number = digits(parts.next()?, length)?;
    }
    parts.next().is_none().then_some(numbers)
}

fn digits(text: &str, length: usize) -> Option<u64> {
    let are_digits = text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit());
    are_digits.then(|| text.parse().ok()).flatten()
}

fn is_leap(year: u64) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

fn days_in(year: u64, month: u64) -> u64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

fn parse_price(place: &str, text: &str, decimals: u8) -> Result<i64, TicksError> {
    let (place, shown) = (place.to_owned(), text.to_owned());
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let are_digits = |digits: &str| digits.bytes().all(|byte| byte.is_ascii_digit());
    let is_decimal = parse_integer::<i64>(whole.strip_prefix('-').unwrap_or(whole)).is_some()
        && are_digits(fraction)
        && text.ends_with(|last: char| last.is_ascii_digit())
        && !whole.starts_with("--");
    if !is_decimal {
        return Err(TicksError::NotAPrice { place, text: shown });
    }
    let Some(zeros) = usize::from(decimals).checked_sub(fraction.len()) else {
        return Err(TicksError::TooManyDigits {
            place,
            text: shown,
            decimals,
        });
    };
    let units = format!("{whole}{fraction}{:0<zeros$}", "");
    units.parse().map_err(|_| TicksError::TooLarge {
        place,
        text: shown,
        decimals,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADED: &str = "time_utc,close_usd\n";

    fn csv(rows: &str) -> Result<Ticks, TicksError> {
        Ticks::from_csv(&format!("{HEADED}{rows}"), 2)
    }

    fn at(millis: u64) -> Millis {
        Millis::new(millis).unwrap()
    }

    fn window(ends_at: u64) -> Window {
        Window {
            ends_at: at(ends_at),
            step_ms: 1_000,
            samples: 3,
        }
    }

    #[test]
    fn prices_are_read_in_units_of_the_feed() {
        let ticks =
            csv("2023-03-10T00:00Z,20371.04\n2023-03-10T00:00:01.500Z,20371\n1678406402000,-0.5\n");
        let expected = [
            (1_678_406_400_000, 2_037_104),
            (1_678_406_401_500, 2_037_100),
            (1_678_406_402_000, -50),
        ];
        let expected = expected.map(|(time, price)| Tick {
            at: at(time),
            price,
        });
        assert_eq!(ticks.unwrap().as_slice(), expected);
        let json = r#"[{"at": 1000, "price": 5}, {"at": "2000", "price": "5.25"}]"#;
        let ticks = Ticks::from_json(json, 2).unwrap();
        let prices: Vec<i64> = ticks.as_slice().iter().map(|tick| tick.price).collect();
        assert_eq!(prices, [500, 525]);
    }

    #[test]
    fn what_is_no_row_is_named() {
        let said = |rows: &str| csv(rows).unwrap_err().to_string();
        assert_eq!(
            said("1000,1\n\n"),
            "line 3: \"\" is no row, expected a time, a comma and a price"
        );
        for time in [
            "01000",
            "-1",
            " 1000",
            "2023-02-29T00:00Z",
            "2023-3-10T00:00Z",
            "2023-03-10 00:00Z",
            "2023-03-10T24:00Z",
            "2023-03-10T00:00",
            "2023-03-10T00:00.5Z",
            "2023-03-10T00:00:01.5Z",
        ] {
            assert!(
                said(&format!("{time},1\n")).contains("is no time"),
                "{time}"
            );
        }
        for price in [
            "", "+1", "1e3", "01", "1.", ".5", "1,2", "--1", "1.-2", " 1", "nan",
        ] {
            assert!(
                said(&format!("1000,{price}\n")).contains("is no price"),
                "{price}"
            );
        }
        assert!(said("1000,1.234\n").contains("more than the feed's 2 digits"));
        assert!(said("1000,92233720368547758.08\n").contains("beyond 64 bits"));
        assert!(said("1000,1\n1000,1\n").contains("line 3: there is a price of 1000 ms already"));
        assert!(said("2000,1\n1000,1\n").contains("1000 ms is before 2000 ms"));
        assert_eq!(Ticks::from_csv("1000,1\n", 2), Err(TicksError::NoHeading));
        for json in [
            "{}",
            r#"[{"at": 1.5, "price": 1}]"#,
            r#"[{"at": 1, "price": 1, "x": 0}]"#,
        ] {
            assert!(matches!(
                Ticks::from_json(json, 2),
                Err(TicksError::NotJson(_))
            ));
        }
    }

    #[test]
    fn median_is_of_the_last_price_in_each_step() {
        let rows = "7000,9\n7001,1\n8000,30\n8500,50\n9000,20\n9500,99\n10000,10\n10001,7\n";
        let ticks = csv(rows).unwrap();
        assert_eq!(ticks.median(window(10_000)), Ok(20 * 100));
        assert_eq!(window(10_000).prev_at(), Ok(at(9_000)));
    }

    #[test]
    fn window_without_a_sample_has_no_median() {
        let ticks = csv("8000,1\n10000,1\n").unwrap();
        let gap = WindowError::Gap {
            from: 8_000,
            to: 9_000,
        };
        assert_eq!(ticks.median(window(10_000)), Err(gap));
        let open = WindowError::NotOver {
            last: 10_000,
            ends_at: 11_000,
        };
        assert_eq!(ticks.median(window(11_000)), Err(open));
        let off = WindowError::OffStep {
            ends_at: 9_500,
            step_ms: 1_000,
        };
        assert_eq!(ticks.median(window(9_500)), Err(off));
        assert_eq!(ticks.median(window(3_000)), Err(WindowError::TooEarly));
        let even = Window {
            samples: 2,
            ..window(9_000)
        };
        assert!(matches!(even.prev_at(), Err(WindowError::NoWindow { .. })));
    }
}
