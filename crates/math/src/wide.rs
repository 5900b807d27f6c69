//! Products and quotients of 128 bits at less than they cost otherwise: a program has divisions of 64 bits only,
//! and one of 128 bits by the compiler's own routine takes some hundred units.

#![expect(
    clippy::arithmetic_side_effects,
    clippy::integer_division,
    reason = "divisors are not zero, and no shift is as wide as its number"
)]

use crate::error::MathError;
use crate::real::aligned;

const LOW_HALF: u64 = 0xffff_ffff;

/// Of factors below 2³², whose product has 64 bits, at a quarter of the cost.
#[inline(always)]
pub fn product(a: u64, b: u64) -> u128 {
    if are_short(a, b) {
        u128::from(a.wrapping_mul(b))
    } else {
        // No overflow: both factors are below 2⁶⁴.
        u128::from(a).wrapping_mul(b.into())
    }
}

/// The product of 64 bits, if it is one.
#[inline(always)]
pub(crate) fn checked_product(a: u64, b: u64) -> Option<u64> {
    if are_short(a, b) {
        Some(a.wrapping_mul(b))
    } else {
        a.checked_mul(b)
    }
}

/// Whether both are below 2³².
#[inline(always)]
fn are_short(a: u64, b: u64) -> bool {
    (a | b) >> 32 == 0
}

/// `numerator / denominator`, rounded down; `None` for a denominator of zero.
pub fn divide(numerator: u128, denominator: u128) -> Option<u128> {
    let ((high, low), (wide, divisor)) = (words(numerator), words(denominator));
    if wide != 0 {
        return Some(divide_by_wide(numerator, denominator));
    }
    if divisor == 0 {
        return None;
    }
    if high == 0 {
        return Some(u128::from(low / divisor));
    }
    let quotient = narrow_quotient(high % divisor, low, divisor);
    Some(u128::from(high / divisor) << 64 | u128::from(quotient))
}

/// `numerator / denominator`, rounded up.
///
/// # Errors
/// `DivisionByZero`.
pub fn divide_ceil(numerator: u128, denominator: u128) -> Result<u128, MathError> {
    let quotient = divide(numerator, denominator).ok_or(MathError::DivisionByZero)?;
    let is_exact = match (words(denominator), words(quotient), words(numerator)) {
        // What is left has 64 bits.
        ((0, divisor), (_, low), (_, rest)) => low.wrapping_mul(divisor) == rest,
        _ => quotient.wrapping_mul(denominator) == numerator,
    };
    // No overflow: a quotient is as great as it gets only where the denominator is one, and exact there.
    Ok(quotient.wrapping_add(u128::from(!is_exact)))
}

/// `amount · part / whole`, rounded down, for a part of the whole; zero of a whole of zero.
pub fn share_of(amount: u64, part: u64, whole: u64) -> u64 {
    let share = divide(product(amount, part.min(whole)), whole.into())
        .and_then(|share| u64::try_from(share).ok());
    share.unwrap_or(0)
}

/// `amount · times / parts`, rounded up, by divisions of 64 bits.
///
/// # Errors
/// `DivisionByZero`; `Overflow` unless `(parts − 1) · times` is below 2⁶⁴.
pub fn scale_ceil(amount: u64, times: u64, parts: u64) -> Result<u128, MathError> {
    let whole = amount.checked_div(parts).ok_or(MathError::DivisionByZero)?;
    let rest = checked_product(amount.checked_rem(parts).unwrap_or(0), times);
    let part = rest.ok_or(MathError::Overflow)?.div_ceil(parts);
    // No overflow: (2⁶⁴ − 1)² and 2⁶⁴ − 1 more are below 2¹²⁸.
    Ok(product(whole, times).saturating_add(part.into()))
}

/// The upper and the lower word.
pub(crate) fn words(number: u128) -> (u64, u64) {
    let low = number & u128::from(u64::MAX);
    (
        u64::try_from(number >> 64).unwrap_or(u64::MAX),
        u64::try_from(low).unwrap_or(u64::MAX),
    )
}

/// `(high · 2⁶⁴ + low) / divisor` for a `high` below the divisor, so that the quotient has 64 bits. Algorithm D of Knuth,
/// The Art of Computer Programming 2, section 4.3.1, with two digits of 32 bits, as in Warren, Hacker's Delight,
/// section 9-4.
fn narrow_quotient(high: u64, low: u64, divisor: u64) -> u64 {
    if divisor >> 32 == 0 {
        // What is left of a digit fits into a word with the next.
        let upper = high << 32 | low >> 32;
        let lower = (upper % divisor) << 32 | low & LOW_HALF;
        return ((upper / divisor) << 32) | (lower / divisor);
    }
    let (divisor, shift) = aligned(divisor);
    let (upper, lower) = (divisor >> 32, divisor & LOW_HALF);
    // The bits of the lower word that come into the upper one; of none, its shift would be too wide.
    let moved = (low >> 1) >> (63 - shift);
    let high = (high << shift) | moved;
    let low = low << shift;
    let digit = |rest: u64, next: u64| {
        let (mut digit, mut left) = (rest / upper, rest % upper);
        while digit > LOW_HALF || digit * lower > (left << 32 | next) {
            digit -= 1;
            left += upper;
            if left > LOW_HALF {
                break;
            }
        }
        digit
    };
    let first = digit(high, low >> 32);
    // What wraps here is above 2⁶⁴ on both sides alike.
    let rest = (high << 32 | low >> 32).wrapping_sub(first.wrapping_mul(divisor));
    let second = digit(rest, low & LOW_HALF);
    first << 32 | second
}

/// The quotient by a divisor of more than 64 bits, which has 64 bits at most: by the divisor's upper bits it is at most
/// one too high. Warren, Hacker's Delight, section 9-5.
fn divide_by_wide(numerator: u128, denominator: u128) -> u128 {
    let (high, _) = words(denominator);
    let (_, shift) = aligned(high);
    let (divisor, _) = words(denominator << shift);
    let (upper, lower) = words(numerator >> 1);
    let estimate = narrow_quotient(upper, lower, divisor) >> (63 - shift);
    let quotient = u128::from(estimate.saturating_sub(1));
    // No overflow: the estimate is at most one too high.
    let rest = numerator.wrapping_sub(quotient.wrapping_mul(denominator));
    quotient + u128::from(rest >= denominator)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers of every length, next to powers of two among them.
    fn numbers() -> impl Iterator<Item = u128> {
        let near = (0..128u32).flat_map(|shift| {
            let power = 1u128 << shift;
            [power - 1, power, power + 1, power.wrapping_mul(3) + 7]
        });
        let mut state = 0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835_u128;
        let any = (0..600u32).map(move |step| {
            state = state.wrapping_mul(0x2360_ed05_1fc6_5da4_4385_df64_9fcc_f645) + 0x5851_f42d;
            state >> (step % 128)
        });
        near.chain(any).chain([u128::MAX, u128::MAX - 1])
    }

    #[test]
    fn quotients_are_those_of_the_compiler() {
        for numerator in numbers() {
            for denominator in numbers() {
                let expected = numerator.checked_div(denominator);
                assert_eq!(
                    divide(numerator, denominator),
                    expected,
                    "{numerator} / {denominator}"
                );
            }
        }
    }

    #[test]
    fn shares_of_an_amount_are_rounded_down() {
        assert_eq!(share_of(10, 1, 3), 3);
        assert_eq!(share_of(u64::MAX, u64::MAX - 1, u64::MAX), u64::MAX - 1);
        assert_eq!(share_of(10, 4, 3), 10);
        assert_eq!(share_of(10, 0, 0), 0);
    }

    #[test]
    fn rounding_up_is_that_of_the_compiler() {
        for numerator in numbers() {
            for denominator in [1, 3, 1 << 63, 1 << 64, (1 << 64) + 1, u128::MAX] {
                let expected = numerator.div_ceil(denominator);
                assert_eq!(divide_ceil(numerator, denominator), Ok(expected));
            }
        }
        assert_eq!(divide_ceil(1, 0), Err(MathError::DivisionByZero));
        assert_eq!(divide(0, 0), None);
    }
}
