//! Interest on what a pool has lent: a rate with a kink, by how much of the pool is lent.

use crate::error::MathError;
use crate::units::{BasisPoints, Money, Price};
use crate::wide::{divide_ceil, product, scale_ceil, words};

/// Of 365 days.
pub const SECONDS_PER_YEAR: u64 = 31_536_000;

/// Yearly rates, and the part lent at which they bend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BorrowRates {
    /// When nothing is lent.
    pub idle: BasisPoints,
    /// When the part `kink` is lent.
    pub at_kink: BasisPoints,
    /// When everything is.
    pub full: BasisPoints,
    /// Above zero and below one.
    pub kink: BasisPoints,
}

impl BorrowRates {
    /// Whether the rates rise and are at most one, and the kink is between zero and one.
    pub fn are_valid(self) -> bool {
        let rising = self.idle <= self.at_kink && self.at_kink <= self.full;
        rising && self.full.0 <= BasisPoints::ONE && (1..BasisPoints::ONE).contains(&self.kink.0)
    }

    /// The yearly rate, rounded up: from `idle` evenly to `at_kink`, and on evenly to `full`. The part
    /// lent is `lent / (lent + cash)`, nothing where there is neither.
    ///
    /// # Errors
    /// `OutsideDomain` if the rates are not valid.
    pub fn yearly(self, lent: Money, cash: Money) -> Result<Price, MathError> {
        if !self.are_valid() {
            return Err(MathError::OutsideDomain);
        }
        let total = u128::from(lent.0).saturating_add(cash.0.into());
        let part = divide_ceil(product(lent.0, Price::ONE.0), total.max(1))?;
        // At most one.
        let part = u64::try_from(part).map_err(|_| MathError::Overflow)?;
        let kink = of_one(self.kink);
        let (from, to, way, width) = if part <= kink {
            (self.idle, self.at_kink, part, kink)
        } else {
            let above = part.saturating_sub(kink);
            let width = Price::ONE.0.saturating_sub(kink);
            (self.at_kink, self.full, above, width)
        };
        let rise = of_one(to).saturating_sub(of_one(from));
        // The width is above zero.
        let risen = divide_ceil(product(rise, way), width.max(1).into())?;
        let risen = u64::try_from(risen).map_err(|_| MathError::Overflow)?;
        Ok(Price(of_one(from).saturating_add(risen)))
    }
}

/// A rate in Q1.63, rounded up.
fn of_one(rate: BasisPoints) -> u64 {
    rate.to_price_ceil().0
}

/// An index in Q64.64 after so many seconds at a yearly rate, without compounding in between, rounded
/// up.
///
/// # Errors
/// `Overflow`.
pub fn grown_index(index: u128, yearly: Price, seconds: u64) -> Result<u128, MathError> {
    let rate = scale_ceil(yearly.0, seconds, SECONDS_PER_YEAR)?;
    let (whole, part) = words(rate.checked_add(rate).ok_or(MathError::Overflow)?);
    let (high, low) = words(index);
    // index · rate · 2 / 2⁶⁴ = high · part + low · whole + high · whole · 2⁶⁴ + low · part / 2⁶⁴.
    let (carried, rest) = words(product(low, part));
    let (0, upper) = words(product(high, whole)) else {
        return Err(MathError::Overflow);
    };
    product(high, part)
        .checked_add(product(low, whole))
        .and_then(|interest| interest.checked_add(u128::from(upper) << 64))
        .and_then(|interest| interest.checked_add(carried.into()))
        .and_then(|interest| interest.checked_add((rest != 0).into()))
        .and_then(|interest| interest.checked_add(index))
        .ok_or(MathError::Overflow)
}
