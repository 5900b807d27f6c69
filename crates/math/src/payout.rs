//! What shares pay once a market is over: a price for each outcome, summing to at most one.

use crate::error::MathError;
use crate::units::{Money, Price};

/// The payouts when one outcome won: one for it, zero for the others.
///
/// # Errors
/// `OutcomeOutOfRange` when the outcome is not below `N`.
pub fn winner_payouts<const N: usize>(outcome: usize) -> Result<[Price; N], MathError> {
    let mut payouts = [Price::ZERO; N];
    *payouts
        .get_mut(outcome)
        .ok_or(MathError::OutcomeOutOfRange)? = Price::ONE;
    Ok(payouts)
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
