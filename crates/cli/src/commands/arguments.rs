//! Arguments that several commands share.

use std::{
    path::PathBuf,
    time::{SystemTime, UNIX_EPOCH},
};

use anchor_lang::prelude::Pubkey;
use attestation::{
    parse_field, DecimalError, Domain, FeedKind, Field, ImplausibleTime, Millis, Observation,
    TimeError,
};
use circuits::KeyStore;
use clap::{Args, ValueEnum};
use math::Price;
use thiserror::Error;

/// Which deployment signatures and proofs are for.
#[derive(Args)]
pub struct DomainArguments {
    /// The domain as a decimal number, instead of one derived from program and network.
    #[arg(long, value_parser = field, conflicts_with_all = ["program", "network"])]
    domain: Option<Field>,
    /// Address of the oracle program.
    #[arg(long, value_name = "ADDRESS", default_value_t = oracle::ID)]
    program: Pubkey,
    /// Cluster the program is on.
    #[arg(long, value_enum, default_value_t = NetworkName::Localnet)]
    network: NetworkName,
}

/// A network by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum NetworkName {
    Localnet,
    Devnet,
    Mainnet,
}

/// How many observations a feed has.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum KindName {
    /// One, the final answer to a question: no observation is before it.
    Event,
    /// One after the other, as of a price.
    #[value(alias = "price")]
    Tick,
}

impl From<KindName> for FeedKind {
    fn from(name: KindName) -> Self {
        match name {
            KindName::Event => Self::Event,
            KindName::Tick => Self::Tick,
        }
    }
}

impl DomainArguments {
    /// Whether it is for a network whose tokens are worth nothing; of a domain given as a number, no.
    pub fn is_for_tests(&self) -> bool {
        self.domain.is_none() && self.network != NetworkName::Mainnet
    }

    pub fn domain(&self) -> Domain {
        let network = match self.network {
            NetworkName::Localnet => oracle::Network::Localnet,
            NetworkName::Devnet => oracle::Network::Devnet,
            NetworkName::Mainnet => oracle::Network::Mainnet,
        };
        self.domain.map_or_else(
            || Domain::new(&self.program.to_bytes(), network.tag()),
            Domain,
        )
    }
}

/// Most digits after the point of a [`Fraction`].
const FRACTION_DIGITS: usize = 18;

/// A decimal from 0 to 1, exactly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fraction {
    pub numerator: u64,
    /// A power of ten.
    pub denominator: u64,
}

/// A text is no decimal from 0 to 1.
#[derive(Debug, PartialEq, Eq, Error)]
pub enum FractionError {
    #[error("a decimal from 0 to 1 was expected, such as 0.55")]
    NotDecimal,
    #[error("at most {FRACTION_DIGITS} digits may follow the point")]
    TooManyDigits,
    #[error("it is above 1")]
    AboveOne,
}

impl Fraction {
    /// The greatest price not above it.
    pub fn rounded_down(self) -> Price {
        let scaled = (u128::from(self.numerator) << 63) / u128::from(self.denominator);
        Price(u64::try_from(scaled).unwrap_or(Price::ONE.0))
    }

    /// The least price not below it.
    pub fn rounded_up(self) -> Price {
        let scaled = (u128::from(self.numerator) << 63).div_ceil(u128::from(self.denominator));
        Price(u64::try_from(scaled).unwrap_or(Price::ONE.0))
    }
}

/// Parses a decimal from 0 to 1, digits and a point only.
///
/// # Errors
/// [`FractionError`].
pub fn fraction(text: &str) -> Result<Fraction, FractionError> {
    let (whole, digits) = text.split_once('.').unwrap_or((text, ""));
    let is_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if (whole.is_empty() && digits.is_empty()) || !is_digits(whole) || !is_digits(digits) {
        return Err(FractionError::NotDecimal);
    }
    let digits = digits.trim_end_matches('0');
    if digits.len() > FRACTION_DIGITS {
        return Err(FractionError::TooManyDigits);
    }
    let denominator = digits.bytes().fold(1, |power, _| power * 10);
    let parsed = |part: &str| match part {
        "" => Some(0),
        part => part.parse::<u64>().ok(),
    };
    parsed(whole)
        .and_then(|whole| whole.checked_mul(denominator))
        .zip(parsed(digits))
        .and_then(|(whole, rest)| whole.checked_add(rest))
        .filter(|numerator| *numerator <= denominator)
        .map(|numerator| Fraction {
            numerator,
            denominator,
        })
        .ok_or(FractionError::AboveOne)
}

/// Most digits after the point of a price of a share.
const PRICE_DIGITS: usize = 9;

/// A text is no price of a share.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{0:?} is no price, expected a decimal number above 0 and below 1 with at most {PRICE_DIGITS} places, such as 0.45")]
pub struct PriceError(String);

/// Parses a price of a share, such as `0.45`, rounded down to a [`Price`].
///
/// # Errors
/// [`PriceError`].
pub fn price(text: &str) -> Result<Price, PriceError> {
    let is_written_so = matches!(
        text.split_once('.'),
        Some(("" | "0", digits)) if digits.len() <= PRICE_DIGITS
    );
    fraction(text)
        .ok()
        .map(Fraction::rounded_down)
        .filter(|price| is_written_so && *price > Price::ZERO)
        .ok_or_else(|| PriceError(text.to_string()))
}

/// Where proving keys are.
#[derive(Args)]
pub struct KeysArguments {
    /// Directory of the proving keys [default: $STROBE_KEYS, else strobe/keys in the user's data
    /// directory].
    #[arg(long, value_name = "DIR")]
    keys: Option<PathBuf>,
}

/// There is no directory for keys to be in.
#[derive(Debug, Error)]
#[error("the user has no data directory: name a directory with --keys or STROBE_KEYS")]
pub struct NoKeysDirectory;

impl KeysArguments {
    /// # Errors
    /// [`NoKeysDirectory`].
    pub fn store(&self) -> Result<KeyStore, NoKeysDirectory> {
        self.keys
            .clone()
            .or_else(|| std::env::var_os("STROBE_KEYS").map(PathBuf::from))
            .or_else(|| dirs::data_dir().map(|data| data.join("strobe").join("keys")))
            .map(KeyStore::new)
            .ok_or(NoKeysDirectory)
    }
}

/// Parses a field element.
///
/// # Errors
/// [`DecimalError`].
pub fn field(text: &str) -> Result<Field, DecimalError> {
    parse_field(text)
}

/// Parses unix milliseconds.
///
/// # Errors
/// [`TimeError`].
pub fn millis(text: &str) -> Result<Millis, TimeError> {
    text.parse()
}

/// Whether times are checked.
#[derive(Args)]
pub struct TimeArguments {
    /// Take times before September 2001 and times to come too: those of seconds or microseconds look
    /// like that.
    #[arg(long)]
    any_time: bool,
}

/// A time that is hardly one.
#[derive(Debug, Error)]
#[error("{name}: {source}; --any-time takes it all the same")]
pub struct TimeRefused {
    name: String,
    source: ImplausibleTime,
}

/// The clock; 0 if it is before 1970.
pub fn now() -> Millis {
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH);
    let now = since_1970.map_or(0, |time| time.as_millis());
    let now = u64::try_from(now).ok();
    now.and_then(|now| Millis::new(now).ok())
        .unwrap_or_default()
}

impl TimeArguments {
    pub fn takes_any(&self) -> bool {
        self.any_time
    }

    /// # Errors
    /// [`TimeRefused`] if something can hardly have been observed then.
    pub fn check(&self, name: impl Into<String>, time: Millis) -> Result<(), TimeRefused> {
        let checked = time.require_plausible(now());
        match checked {
            Err(source) if !self.any_time => Err(TimeRefused {
                name: name.into(),
                source,
            }),
            _ => Ok(()),
        }
    }

    /// Checks both times of an observation; that there was none before is not a time.
    ///
    /// # Errors
    /// [`TimeRefused`].
    pub fn check_observation(&self, observation: &Observation) -> Result<(), TimeRefused> {
        self.check("observed_at", observation.observed_at())?;
        if observation.prev_at() == Millis::default() {
            return Ok(());
        }
        self.check("prev_at", observation.prev_at())
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
            assert_eq!(price(text), Ok(Price::ratio(parts, 1_000_000_000).unwrap()));
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
            assert_eq!(price(text), Err(PriceError(text.to_string())));
        }
    }
}
