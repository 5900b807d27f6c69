//! Prepaid chains: a stake on several legs that pays only if all of them win, at odds locked when it is
//! taken: `stake · Π (1 − f) / p_i`. All of it is exact, rounded once.

use core::fmt;

use crate::trade::MAX_FEE_RATE;
use crate::units::{BasisPoints, Money, Price};
use crate::wide::{divide, divide_ceil, words};

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

/// Greatest spread on the price of a leg.
pub const MAX_SPREAD: BasisPoints = BasisPoints(5_000);

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

/// What a leg's market says of the outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LegPrices {
    /// On the curve as it is.
    pub spot: Price,
    /// On the curve after the trades that stand for chains: their purchases when one opens, the sale of its
    /// own shares when one is cashed out.
    pub moved: Price,
    pub slow: Price,
}

impl LegPrices {
    /// What a share of the leg costs when a chain opens: the greater of `moved` and the slow price, its odds
    /// multiplied by what the odds of `moved` are of those of `spot` where that is more than one; and the
    /// spread on top. Rounded up.
    ///
    /// The spot price can be pushed for a moment, and the slow one knows nothing of chains: so what chains
    /// move the one by, they move the other by too. On the LMSR the factor is the same at every price.
    ///
    /// # Errors
    /// `PriceOutOfRange` of one or more.
    pub fn offered(&self, spread: BasisPoints) -> Result<Price, ChainError> {
        let price = self.moved.max(self.slow_moved()?).0;
        let more = spread.of_ceil(price).map_err(|_| ChainError::Overflow)?;
        price
            .checked_add(more)
            .filter(|price| *price < Price::ONE.0)
            .map(Price)
            .ok_or(ChainError::PriceOutOfRange)
    }

    /// `s m (1 − p) / (s m (1 − p) + (1 − s) p (1 − m))` of the slow, moved and spot prices, rounded up.
    fn slow_moved(&self) -> Result<Price, ChainError> {
        /// More than what computation and rounding take away.
        const MARGIN: u64 = 1 << 8;
        if self.moved <= self.spot || self.slow == Price::ZERO {
            return Ok(self.slow);
        }
        let rest = |price: Price| Price(Price::ONE.0.saturating_sub(price.0)).to_real();
        let (slow, moved, spot) = (self.slow, self.moved, self.spot);
        let with = slow.to_real() * moved.to_real() * rest(spot);
        let without = rest(slow) * spot.to_real() * rest(moved);
        let inverse = (with + without).reciprocal();
        let moved = Price::from_real(with * inverse.map_err(|_| ChainError::PriceOutOfRange)?);
        Ok(Price(moved.0.saturating_add(MARGIN)))
    }

    /// What a share of the leg is worth when a chain is cashed out: the lesser of the slow price and that
    /// after the sale.
    pub fn bid(&self) -> Price {
        self.moved.min(self.slow)
    }
}

/// Shares of a leg that a stake alone would buy at a price above zero, rounded up: what the vault is short of
/// the leg by a chain, and by its fees more.
///
/// # Errors
/// `PriceOutOfRange` of zero, `Overflow`.
pub fn delta_shares(stake: Money, price: Price) -> Result<u64, ChainError> {
    if price == Price::ZERO {
        return Err(ChainError::PriceOutOfRange);
    }
    let shares = divide_ceil(u128::from(stake.0) << 63, price.0.into());
    let shares = shares.map_err(|_| ChainError::Overflow)?;
    u64::try_from(shares).map_err(|_| ChainError::Overflow)
}

/// What the payout of a chain is worth while legs are open, at the price of each, less a fee, rounded down.
///
/// # Errors
/// `FeeRateTooHigh`, `Overflow`.
pub fn cash_out_value(
    payout: Money,
    prices: &[Price],
    fee: BasisPoints,
) -> Result<Money, ChainError> {
    if fee > MAX_FEE_RATE {
        return Err(ChainError::FeeRateTooHigh);
    }
    let value = prices
        .iter()
        .fold(payout.0, |value, price| part_of(value, *price));
    let fee = fee.of_ceil(value).map_err(|_| ChainError::Overflow)?;
    Ok(Money(value.saturating_sub(fee)))
}

/// Shares of the leg of this index that stand for a payout while the others are open, rounded up.
///
/// # Errors
/// `Overflow`, which does not happen to prices of at most one.
pub fn shares_of_leg(payout: Money, prices: &[Price], index: usize) -> Result<u64, ChainError> {
    let others = prices.iter().enumerate().filter(|(at, _)| *at != index);
    others
        .map(|(_, price)| price)
        .try_fold(payout.0, |shares, price| {
            price.of_ceil(shares).map_err(|_| ChainError::Overflow)
        })
}

/// A price's part of an amount, rounded down.
fn part_of(amount: u64, price: Price) -> u64 {
    let product = u128::from(amount).wrapping_mul(price.0.into());
    // At most the amount: a price is at most one.
    u64::try_from(product >> 63).unwrap_or(amount)
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
    /// Words from this one on are zero.
    used: usize,
    /// Whether no division left a rest.
    exact: bool,
}

impl Exact {
    fn new(amount: u64) -> Self {
        let mut words = [0; WORDS];
        if let Some(lowest) = words.first_mut() {
            *lowest = amount;
        }
        Self {
            words,
            used: 1,
            exact: true,
        }
    }

    fn multiply(&mut self, factor: u64) -> Result<(), ChainError> {
        let mut carried = 0u64;
        for word in self.words.iter_mut().take(self.used) {
            // At most (2⁶⁴ − 1)² + 2⁶⁴ − 1.
            let product = u128::from(*word)
                .wrapping_mul(factor.into())
                .wrapping_add(carried.into());
            (carried, *word) = words(product);
        }
        if carried == 0 {
            return Ok(());
        }
        let next = self.words.get_mut(self.used).ok_or(ChainError::Overflow)?;
        *next = carried;
        self.used = self.used.saturating_add(1);
        Ok(())
    }

    /// By a divisor above zero, as those of legs are.
    fn divide(&mut self, divisor: u64) {
        let mut rest = 0u64;
        for word in self.words.iter_mut().take(self.used).rev() {
            let part = (u128::from(rest) << 64) | u128::from(*word);
            // The rest is below the divisor, so the quotient is below 2⁶⁴.
            let (_, quotient) = words(divide(part, divisor.into()).unwrap_or(0));
            // One division instead of two: the rest fits a word, so that what wraps does not count.
            rest = word.wrapping_sub(quotient.wrapping_mul(divisor));
            *word = quotient;
        }
        let highest = self.used.checked_sub(1);
        if highest.and_then(|highest| self.words.get(highest)) == Some(&0) && self.used > 1 {
            self.used = self.used.saturating_sub(1);
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
