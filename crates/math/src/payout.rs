//! What shares pay once a market is over: a price for each outcome, of at most one. They sum to at
//! most one too, but for a void L2 market, where shares cost more than chances.

use crate::error::MathError;
use crate::units::{Money, Price};
use crate::wide::divide;

/// The bin of a value among `bins` equal parts of the range from `low` to `high`: the last one
/// whose lower end is not above the value. A value outside the range is in the first or last bin.
///
/// # Errors
/// `EmptyRange` when `low` is not below `high` or there are no bins.
pub fn scalar_bin(value: i64, low: i64, high: i64, bins: u8) -> Result<u8, MathError> {
    let last = bins.checked_sub(1).ok_or(MathError::EmptyRange)?;
    let (offset, width) = offset_in_range(value, low, high)?;
    let bin = offset
        .checked_mul(u128::from(bins))
        .and_then(|scaled| divide(scaled, width))
        .ok_or(MathError::Overflow)?;
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
    // Both are below 2⁶⁴, and the quotient is at most one.
    let price = |part: u128| {
        divide(part << 63, width)
            .and_then(|price| u64::try_from(price).ok())
            .map(Price)
            .ok_or(MathError::Overflow)
    };
    Ok([price(offset)?, price(width.saturating_sub(offset))?])
}

/// How far the value is into the range, and the range's width.
fn offset_in_range(value: i64, low: i64, high: i64) -> Result<(u128, u128), MathError> {
    if low >= high {
        return Err(MathError::EmptyRange);
    }
    let offset = value.clamp(low, high).abs_diff(low);
    Ok((u128::from(offset), u128::from(high.abs_diff(low))))
}

/// What all shares outstanding are paid, rounded up. At least the sum of all payments of
/// [`payout`].
///
/// # Errors
/// `PayoutAboveOne`, `Overflow`.
pub fn liability(sold: &[u64], payouts: &[Price]) -> Result<Money, MathError> {
    let (whole, rest) = weighted_sum(sold, payouts)?;
    whole.checked_add(Money(u64::from(rest != 0)))
}

/// What a holder of shares is paid, rounded down.
///
/// # Errors
/// `PayoutAboveOne`, `Overflow`.
pub fn payout(shares: &[u64], payouts: &[Price]) -> Result<Money, MathError> {
    weighted_sum(shares, payouts).map(|(whole, _)| whole)
}

/// What a share of each outcome is paid out of what was received for all of them, which those are together no
/// more than: what the market says, if it says so and that much came; else all are paid alike.
pub fn covered_payouts<const N: usize>(
    of_market: Option<[Price; N]>,
    received: Money,
    shares: &[u64; N],
) -> [Price; N] {
    let is_covered =
        |payouts: &[Price; N]| payout(shares, payouts).is_ok_and(|owed| owed <= received);
    of_market
        .filter(is_covered)
        .unwrap_or_else(|| [average_payout(received, shares); N])
}

/// [`covered_payouts`] as accounts keep them, Q1.63, and of base units.
pub fn kept_payouts<const N: usize>(
    of_market: Option<[u64; N]>,
    received: u64,
    shares: &[u64; N],
) -> [u64; N] {
    let of_market = of_market.map(|payouts| payouts.map(Price));
    covered_payouts(of_market, Money(received), shares).map(|payout| payout.0)
}

/// Rounded down; at most one, and zero if there are no shares.
fn average_payout<const N: usize>(received: Money, shares: &[u64; N]) -> Price {
    let all = shares.iter().copied().map(u128::from).sum::<u128>();
    let scaled = u128::from(received.0).saturating_mul(Price::ONE.0.into());
    let average = divide(scaled, all)
        .and_then(|average| u64::try_from(average).ok())
        .unwrap_or(0);
    Price(average).min(Price::ONE)
}

/// Σ shares · payout: base units, and what is less than one, in Q0.63.
fn weighted_sum(shares: &[u64], payouts: &[Price]) -> Result<(Money, u64), MathError> {
    const BELOW_ONE: u128 = (1 << 63) - 1;
    let mut total = 0u128;
    for (&shares, &price) in shares.iter().zip(payouts) {
        if price > Price::ONE {
            return Err(MathError::PayoutAboveOne);
        }
        total = u128::from(shares)
            .checked_mul(u128::from(price.0))
            .and_then(|part| total.checked_add(part))
            .ok_or(MathError::Overflow)?;
    }
    let whole = u64::try_from(total >> 63).map_err(|_| MathError::Overflow)?;
    let rest = u64::try_from(total & BELOW_ONE).map_err(|_| MathError::Overflow)?;
    Ok((Money(whole), rest))
}
