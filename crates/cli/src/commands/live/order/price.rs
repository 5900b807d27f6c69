//! Prices as people write them.

use std::str::FromStr;

use math::Price;
use thiserror::Error;

/// Most digits after the point.
const PLACES: usize = 9;

/// A price of one share, above 0 and below 1: `0.45`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DecimalPrice(pub Price);

#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{0:?} is no price, expected a decimal number above 0 and below 1 with at most 9 places, such as 0.45")]
pub struct PriceError(String);

impl FromStr for DecimalPrice {
    type Err = PriceError;

    fn from_str(text: &str) -> Result<Self, PriceError> {
        let refused = || PriceError(text.to_string());
        let digits = text
            .strip_prefix("0.")
            .or_else(|| text.strip_prefix('.'))
            .filter(|digits| (1..=PLACES).contains(&digits.len()))
            .filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))
            .ok_or_else(refused)?;
        let parts: u64 = format!("{digits:0<PLACES$}")
            .parse()
            .map_err(|_| refused())?;
        match Price::ratio(parts, 1_000_000_000) {
            Ok(price) if parts > 0 => Ok(Self(price)),
            _ => Err(refused()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_are_read_exactly() {
        for (text, parts) in [
            ("0.5", 500_000_000),
            (".45", 450_000_000),
            ("0.000000001", 1),
        ] {
            let price = Price::ratio(parts, 1_000_000_000).unwrap();
            assert_eq!(text.parse(), Ok(DecimalPrice(price)));
        }
    }

    #[test]
    fn what_is_no_price_is_refused() {
        for text in [
            "",
            "0",
            "0.",
            "1",
            "1.0",
            "0.0",
            "-0.5",
            "50%",
            "0.1234567891",
            "0,5",
        ] {
            let refused = text.parse::<DecimalPrice>();
            assert_eq!(refused, Err(PriceError(text.to_string())));
        }
    }
}
