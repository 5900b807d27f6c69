//! Divisions rounded up, at less than they cost otherwise: one of 128 bits takes a program some hundred units.

use crate::error::MathError;

/// `numerator / denominator`, rounded up, by one division where [`u128::div_ceil`] makes two.
///
/// # Errors
/// `DivisionByZero`.
pub fn divide_ceil(numerator: u128, denominator: u128) -> Result<u128, MathError> {
    let quotient = numerator.checked_div(denominator);
    let quotient = quotient.ok_or(MathError::DivisionByZero)?;
    let is_exact = quotient.wrapping_mul(denominator) == numerator;
    // No overflow: a quotient is as great as it gets only where the denominator is one, and exact there.
    Ok(quotient.wrapping_add(u128::from(!is_exact)))
}

/// `amount · times / parts`, rounded up, by divisions of 64 bits.
///
/// # Errors
/// `DivisionByZero`; `Overflow` unless `(parts − 1) · times` is below 2⁶⁴.
pub fn scale_ceil(amount: u64, times: u64, parts: u64) -> Result<u128, MathError> {
    let whole = amount.checked_div(parts).ok_or(MathError::DivisionByZero)?;
    let rest = amount.checked_rem(parts).unwrap_or(0).checked_mul(times);
    let part = rest.ok_or(MathError::Overflow)?.div_ceil(parts);
    // Each below 2⁶⁴ · 2⁶⁴.
    Ok(u128::from(whole)
        .saturating_mul(times.into())
        .saturating_add(part.into()))
}
