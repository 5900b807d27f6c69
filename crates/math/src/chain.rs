//! Prepaid chains: a stake on several legs that pays only if all of them win, at odds locked when it is
//! taken: `stake · Π (1 − f) / p_i`. All of it is exact, rounded once.

use core::fmt;

use crate::trade::MAX_FEE_RATE;
use crate::units::{BasisPoints, Money, Price};

/// Most legs of a chain.
pub const MAX_LEGS: usize = 9;

/// Greatest multiple of a chain, by the planned seconds of its shortest leg, up to which each counts.
const CAPS: [(u32, u16); 5] = [
    (60, 500),
    (10 * 60, 250),
    (30 * 60, 150),
    (60 * 60, 100),
    (4 * 60 * 60, 75),
];

/// Greatest multiple of any chain.
pub const MAX_MULTIPLE: u16 = 500;

/// Digits after the point of a [`Figure`], as a factor.
const DIGITS: u64 = 1_000_000_000_000;

/// Why a chain was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChainError {
    NoLegs,
    TooManyLegs,
    PriceOutOfRange,
    FeeRateTooHigh,
    NoStake,
    /// The multiple is above what is offered, which is so much.
    AboveCap(u16),
    /// The shortest leg lasts longer than any that chains are offered on.
    LegTooLong,
    Overflow,
}

impl fmt::Display for ChainError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoLegs => formatter.write_str("a chain has 1 to 9 legs, and this one has none"),
            Self::TooManyLegs => {
                formatter.write_str("a chain has 1 to 9 legs, and this one has more")
            }
            Self::PriceOutOfRange => {
                formatter.write_str("the price of a leg must be above 0 and below 1")
            }
            Self::FeeRateTooHigh => formatter.write_str("the fee rate is above 1,000 basis points"),
            Self::NoStake => formatter.write_str("the stake is zero"),
            Self::AboveCap(cap) => write!(
                formatter,
                "the chain multiplies its stake by more than {cap}, which is the most"
            ),
            Self::LegTooLong => formatter
                .write_str("the shortest leg lasts longer than 4 hours, the most of a chain"),
            Self::Overflow => formatter.write_str("the payout does not fit 64 bits"),
        }
    }
}

impl core::error::Error for ChainError {}

/// The greatest multiple of a chain whose shortest leg is planned to last so long from opening to lock.
///
/// # Errors
/// `LegTooLong` above four hours.
pub fn multiple_cap(shortest_seconds: u32) -> Result<u16, ChainError> {
    CAPS.into_iter()
        .find(|(longest, _)| shortest_seconds <= *longest)
        .map(|(_, cap)| cap)
        .ok_or(ChainError::LegTooLong)
}

/// What a share of a leg costs, above zero and below one: a fraction, so that decimals are exact too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LegPrice {
    numerator: u64,
    denominator: u64,
}

impl LegPrice {
    /// # Errors
    /// `PriceOutOfRange` unless the fraction is above zero and below one.
    pub fn new(numerator: u64, denominator: u64) -> Result<Self, ChainError> {
        if numerator == 0 || numerator >= denominator {
            return Err(ChainError::PriceOutOfRange);
        }
        Ok(Self {
            numerator,
            denominator,
        })
    }
}

impl TryFrom<Price> for LegPrice {
    type Error = ChainError;

    fn try_from(price: Price) -> Result<Self, ChainError> {
        Self::new(price.0, Price::ONE.0)
    }
}

/// The terms of a chain.
#[derive(Clone, Copy, Debug)]
pub struct Chain<'a> {
    legs: &'a [LegPrice],
    /// What is left of one after the fee of a leg, in basis points.
    kept: u64,
}

impl<'a> Chain<'a> {
    /// # Errors
    /// `NoLegs`, `TooManyLegs`, `FeeRateTooHigh`.
    pub fn new(legs: &'a [LegPrice], fee: BasisPoints) -> Result<Self, ChainError> {
        if legs.is_empty() {
            return Err(ChainError::NoLegs);
        }
        if legs.len() > MAX_LEGS {
            return Err(ChainError::TooManyLegs);
        }
        if fee > MAX_FEE_RATE {
            return Err(ChainError::FeeRateTooHigh);
        }
        let kept = u64::from(BasisPoints::ONE.saturating_sub(fee.0));
        Ok(Self { legs, kept })
    }

    /// What the chain pays if all legs win, in base units, rounded down.
    ///
    /// # Errors
    /// `NoStake`, `Overflow`.
    pub fn payout(&self, stake: Money) -> Result<Money, ChainError> {
        if stake == Money::ZERO {
            return Err(ChainError::NoStake);
        }
        let (payout, _) = self.multiplied(stake.0)?.to_u64()?;
        Ok(Money(payout))
    }

    /// Payout over stake, before rounding.
    ///
    /// # Errors
    /// `Overflow`.
    pub fn multiple(&self) -> Result<Figure, ChainError> {
        self.multiplied(2 * DIGITS)?.figure()
    }

    /// # Errors
    /// `AboveCap` if the multiple is above the cap, by however little.
    pub fn check_multiple(&self, cap: u16) -> Result<(), ChainError> {
        let above = match self.multiplied(1)?.to_u64() {
            Ok((whole, exact)) => whole > cap.into() || (whole == cap.into() && !exact),
            Err(_) => true,
        };
        if above {
            return Err(ChainError::AboveCap(cap));
        }
        Ok(())
    }

    /// The chance that all legs win, if their prices are their chances: `Π p_i`.
    ///
    /// # Errors
    /// `Overflow`, which never happens to prices below one.
    pub fn chance(&self) -> Result<Figure, ChainError> {
        let mut product = Exact::new(2 * DIGITS);
        for leg in self.legs {
            product.multiply(leg.numerator)?;
        }
        for leg in self.legs {
            product.divide(leg.denominator);
        }
        product.figure()
    }

    /// What the chain is worth for each unit staked, if prices are chances: `(1 − f)^n`.
    ///
    /// # Errors
    /// `Overflow`, which never happens.
    pub fn expected(&self) -> Result<Figure, ChainError> {
        let mut product = Exact::new(2 * DIGITS);
        for _ in self.legs {
            product.multiply(self.kept)?;
        }
        for _ in self.legs {
            product.divide(BasisPoints::ONE.into());
        }
        product.figure()
    }

    fn multiplied(&self, amount: u64) -> Result<Exact, ChainError> {
        let mut product = Exact::new(amount);
        for leg in self.legs {
            product.multiply(self.kept)?;
            product.multiply(leg.denominator)?;
        }
        for leg in self.legs {
            product.divide(leg.numerator);
            product.divide(BasisPoints::ONE.into());
        }
        Ok(product)
    }
}

/// A number with twelve digits after the point, rounded half to even.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Figure(u64);

impl Figure {
    /// In units of 10⁻¹².
    pub const fn digits(self) -> u64 {
        self.0
    }
}

impl fmt::Display for Figure {
    #[expect(clippy::integer_division, reason = "digits are what division leaves")]
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}.{:012}", self.0 / DIGITS, self.0 % DIGITS)
    }
}

/// Words of an [`Exact`]: one for the amount, and for each leg less than two.
const WORDS: usize = 1 + 2 * MAX_LEGS;

/// A whole number, lowest word first. Divided by one number after the other it is what division by their
/// product leaves.
struct Exact {
    words: [u64; WORDS],
    /// Whether no division left a rest.
    exact: bool,
}

impl Exact {
    fn new(amount: u64) -> Self {
        let mut words = [0; WORDS];
        if let Some(lowest) = words.first_mut() {
            *lowest = amount;
        }
        Self { words, exact: true }
    }

    fn multiply(&mut self, factor: u64) -> Result<(), ChainError> {
        let mut carried = 0u64;
        for word in &mut self.words {
            // At most (2⁶⁴ − 1)² + 2⁶⁴ − 1.
            let product = u128::from(*word)
                .wrapping_mul(factor.into())
                .wrapping_add(carried.into());
            (*word, carried) = split(product);
        }
        if carried == 0 {
            Ok(())
        } else {
            Err(ChainError::Overflow)
        }
    }

    /// By a divisor above zero, as those of legs are.
    fn divide(&mut self, divisor: u64) {
        let mut rest = 0u64;
        for word in self.words.iter_mut().rev() {
            let part = (u128::from(rest) << 64) | u128::from(*word);
            // The rest is below the divisor, so the quotient is below 2⁶⁴.
            (*word, _) = split(part.checked_div(divisor.into()).unwrap_or(0));
            (rest, _) = split(part.checked_rem(divisor.into()).unwrap_or(0));
        }
        self.exact = self.exact && rest == 0;
    }

    /// The whole part, and whether that is all.
    fn to_u64(&self) -> Result<(u64, bool), ChainError> {
        match self.words.split_first() {
            Some((lowest, higher)) if higher.iter().all(|word| *word == 0) => {
                Ok((*lowest, self.exact))
            }
            _ => Err(ChainError::Overflow),
        }
    }

    /// Half of it, in units of 10⁻¹².
    fn figure(&self) -> Result<Figure, ChainError> {
        let (doubled, exact) = self.to_u64()?;
        let floor = doubled >> 1;
        let round_up = doubled & 1 == 1 && (!exact || floor & 1 == 1);
        Ok(Figure(floor.saturating_add(round_up.into())))
    }
}

/// The lower word and the upper one.
fn split(product: u128) -> (u64, u64) {
    let low = product & u128::from(u64::MAX);
    (
        u64::try_from(low).unwrap_or(u64::MAX),
        u64::try_from(product >> 64).unwrap_or(u64::MAX),
    )
}
