//! Interest on what a pool has lent: a rate with a kink, by how much of the pool is lent.

use crate::division::{divide_ceil, scale_ceil};
use crate::error::MathError;
use crate::units::{BasisPoints, Money, Price};

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
        let part = divide_ceil(u128::from(lent.0) << 63, total.max(1))?;
        let kink = of_one(self.kink);
        let (from, to, way, width) = if part <= kink {
            (self.idle, self.at_kink, part, kink)
        } else {
            let above = part.saturating_sub(kink);
            let width = u128::from(Price::ONE.0).saturating_sub(kink);
            (self.at_kink, self.full, above, width)
        };
        let rise = of_one(to).saturating_sub(of_one(from));
        // At most 2⁶³ · 2⁶³, and the width is above zero.
        let risen = divide_ceil(rise.saturating_mul(way), width.max(1))?;
        let rate = of_one(from).saturating_add(risen);
        u64::try_from(rate)
            .map(Price)
            .map_err(|_| MathError::Overflow)
    }
}

/// A rate in Q1.63, rounded up.
fn of_one(rate: BasisPoints) -> u128 {
    rate.to_price_ceil().0.into()
}

/// An index in Q64.64 after so many seconds at a yearly rate, without compounding in between, rounded
/// up.
///
/// # Errors
/// `Overflow`.
pub fn grown_index(index: u128, yearly: Price, seconds: u64) -> Result<u128, MathError> {
    let rate = scale_ceil(yearly.0, seconds, SECONDS_PER_YEAR)?;
    let (high, low) = (index >> 64, index & u128::from(u64::MAX));
    let (whole, part) = (rate >> 63, rate & ((1 << 63) - 1));
    // index · rate / 2⁶³ = high · 2 rate + low · whole + low · part / 2⁶³, the last below 2⁶⁴.
    let low_part = low.saturating_mul(part).div_ceil(1 << 63);
    let low_whole = low.checked_mul(whole).ok_or(MathError::Overflow)?;
    rate.checked_mul(2)
        .and_then(|rate| rate.checked_mul(high))
        .and_then(|high| high.checked_add(low_whole))
        .and_then(|interest| interest.checked_add(low_part))
        .and_then(|interest| interest.checked_add(index))
        .ok_or(MathError::Overflow)
}
