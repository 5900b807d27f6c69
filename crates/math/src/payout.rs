//! What shares pay once a market is over: a price for each outcome, summing to at most one.

use crate::error::MathError;
use crate::units::{Money, Price};

/// The bin of a value among `bins` equal parts of the range from `low` to `high`: the last one
/// whose lower end is not above the value. A value outside the range is in the first or last bin.
///
/// # Errors
/// `EmptyRange` when `low` is not below `high` or there are no bins.
pub fn scalar_bin(value: i64, low: i64, high: i64, bins: u8) -> Result<u8, MathError> {
    let last = bins.checked_sub(1).ok_or(MathError::EmptyRange)?;
    let (offset, width) = offset_in_range(value, low, high)?;
    // No overflow: the offset is below 2⁶⁵.
    let bin = offset * i128::from(bins) / width;
    Ok(u8::try_from(bin).map_or(last, |bin| bin.min(last)))
}

/// What the two sides of a linear scalar are paid a share: the long side `(value − low) / (high −
/// low)`, rounded down, the short side the rest of one, rounded down. A value outside the range
/// counts as its nearest end.
///
/// # Errors
/// `EmptyRange` when `low` is not below `high`.
pub fn linear_payouts(value: i64, low: i64, high: i64) -> Result<[Price; 2], MathError> {
    let (offset, width) = offset_in_range(value, low, high)?;
    // No overflow: both are below 2⁶⁴, and the quotient is at most one.
    let price = |part: i128| {
        u64::try_from((part << 63) / width)
            .map(Price)
            .map_err(|_| MathError::Overflow)
    };
    Ok([price(offset)?, price(width - offset)?])
}

/// How far the value is into the range, and the range's width.
fn offset_in_range(value: i64, low: i64, high: i64) -> Result<(i128, i128), MathError> {
    if low >= high {
        return Err(MathError::EmptyRange);
    }
    let offset = i128::from(value.clamp(low, high)) - i128::from(low);
    Ok((offset, i128::from(high) - i128::from(low)))
}

/// What all shares outstanding are paid, rounded up. At least the sum of all payments of
/// [`payout`].
///
/// # Errors
/// `PayoutsAboveOne`, `Overflow`.
pub fn liability(sold: &[u64], payouts: &[Price]) -> Result<Money, MathError> {
    let total = weighted_sum(sold, payouts)?;
    let whole = total >> 63;
    let rest = total & ((1 << 63) - 1);
    money(whole + u128::from(rest != 0))
}

/// What a holder of shares is paid, rounded down.
///
/// # Errors
/// `PayoutsAboveOne`, `Overflow`.
pub fn payout(shares: &[u64], payouts: &[Price]) -> Result<Money, MathError> {
    money(weighted_sum(shares, payouts)? >> 63)
}

/// Σ shares · payout, times 2⁶³.
fn weighted_sum(shares: &[u64], payouts: &[Price]) -> Result<u128, MathError> {
    let mut left = Price::ONE.0;
    let mut total = 0u128;
    for (&shares, &price) in shares.iter().zip(payouts) {
        left = left
            .checked_sub(price.0)
            .ok_or(MathError::PayoutsAboveOne)?;
        // Cannot overflow: the prices sum to at most 2⁶³, so the total stays below 2¹²⁷.
        total += u128::from(shares) * u128::from(price.0);
    }
    Ok(total)
}

fn money(amount: u128) -> Result<Money, MathError> {
    u64::try_from(amount)
        .map(Money)
        .map_err(|_| MathError::Overflow)
}
