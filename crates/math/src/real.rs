//! `Real`, the one number system of this crate: a binary floating-point number in integer code.
//!
//! A value is `±mantissa · 2^exponent` with the mantissa's top bit set, or zero. Relative accuracy
//! is what the curves need: the price of an outcome thirty depths behind is 10⁻¹³, and the shares
//! a stake buys are inversely proportional to it. Results are the same on every machine.
//!
//! Each of `+ − × ÷` is within 2⁻⁵⁹ of the exact result, relatively. A difference of numbers
//! within a factor of two of each other is exact. An exponent at most doubles with an operation, so
//! its 64 bits wrap only after some fifty successive squarings of the largest amount.

#![expect(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::integer_division,
    reason = "the kernel of the reciprocal divides by at least 2³¹, and a table has an entry for each byte"
)]

use core::cmp::Ordering;
use core::ops::{Add, Mul, Neg, Sub};

use crate::error::MathError;

const TOP_BIT: u64 = 1 << 63;
const LOW_HALF: u64 = 0xffff_ffff;

/// A real number with a 64-bit mantissa; see the module's documentation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Real {
    mantissa: u64,
    exponent: i64,
    negative: bool,
}

/// The upper 64 bits of a product, at most 2 too low. The product of the lower halves is left out:
/// the chain's machine multiplies 64 bits only, and a whole 128-bit product costs twice as much.
#[inline(always)]
pub(crate) const fn mul_high(a: u64, b: u64) -> u64 {
    let (a_high, a_low) = (a >> 32, a & LOW_HALF);
    let (b_high, b_low) = (b >> 32, b & LOW_HALF);
    // No overflow: what is left out makes this the lesser of two 64-bit numbers.
    a_high
        .wrapping_mul(b_high)
        .wrapping_add(a_high.wrapping_mul(b_low) >> 32)
        .wrapping_add(a_low.wrapping_mul(b_high) >> 32)
}

/// Of each byte.
static LEADING_ZEROS: [u8; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = (byte as u8).leading_zeros() as u8;
        byte = byte.wrapping_add(1);
    }
    table
};

/// A number above zero, shifted until its top bit is set, and by how much. Cheaper than counting the leading zeros,
/// for which the chain's machine has nothing.
#[inline(always)]
pub(crate) const fn aligned(value: u64) -> (u64, i64) {
    let (mut mantissa, mut shift) = (value, 0i64);
    if mantissa >> 32 == 0 {
        mantissa <<= 32;
        shift = 32;
    }
    if mantissa >> 48 == 0 {
        mantissa <<= 16;
        shift = shift.wrapping_add(16);
    }
    if mantissa >> 56 == 0 {
        mantissa <<= 8;
        shift = shift.wrapping_add(8);
    }
    let rest = LEADING_ZEROS[(mantissa >> 56) as usize];
    (mantissa << rest, shift.wrapping_add(rest as i64))
}

impl Real {
    pub const ZERO: Self = Self {
        mantissa: 0,
        exponent: 0,
        negative: false,
    };
    pub const ONE: Self = Self::power_of_two(0);
    pub const HALF: Self = Self::power_of_two(-1);

    /// A positive number from a mantissa whose top bit is set.
    #[inline(always)]
    pub(crate) const fn positive(mantissa: u64, exponent: i64) -> Self {
        Self {
            mantissa,
            exponent,
            negative: false,
        }
    }

    /// `2^power`.
    pub const fn power_of_two(power: i64) -> Self {
        Self::positive(TOP_BIT, power.wrapping_sub(63))
    }

    /// `value · 2^exponent`, exactly.
    #[inline(always)]
    pub const fn scaled(value: u64, exponent: i64) -> Self {
        if value == 0 {
            return Self::ZERO;
        }
        let (mantissa, shift) = aligned(value);
        Self::positive(mantissa, exponent.wrapping_sub(shift))
    }

    /// The integer, exactly.
    pub const fn from_u64(value: u64) -> Self {
        Self::scaled(value, 0)
    }

    /// The integer, with its lowest bits cut off when it has more than 64.
    pub(crate) fn from_u128(value: u128) -> Self {
        let low = u64::try_from(value & u128::from(u64::MAX)).unwrap_or(u64::MAX);
        let Some(high) = u64::try_from(value >> 64).ok().filter(|high| *high != 0) else {
            return Self::from_u64(low);
        };
        let top = Self::scaled(high, 64);
        // The bits that follow those of the upper half in the mantissa.
        let next = match top.exponent.cast_unsigned() {
            shift @ 0..64 => low >> shift,
            _ => 0,
        };
        Self {
            mantissa: top.mantissa | next,
            ..top
        }
    }

    /// The integer, exactly.
    pub const fn from_i64(value: i64) -> Self {
        let magnitude = Self::scaled(value.unsigned_abs(), 0);
        Self {
            negative: value < 0,
            ..magnitude
        }
    }

    /// Sign, mantissa and exponent: the value is `±mantissa · 2^exponent`.
    pub const fn parts(self) -> (bool, u64, i64) {
        (self.negative, self.mantissa, self.exponent)
    }

    pub const fn is_zero(self) -> bool {
        self.mantissa == 0
    }

    /// Whether the value is below zero.
    pub const fn is_negative(self) -> bool {
        self.negative
    }

    pub(crate) const fn mantissa(self) -> u64 {
        self.mantissa
    }

    pub(crate) const fn exponent(self) -> i64 {
        self.exponent
    }

    #[must_use]
    pub const fn abs(self) -> Self {
        Self {
            negative: false,
            ..self
        }
    }

    /// The value times `2^power`, exactly.
    #[inline(always)]
    #[must_use]
    pub const fn shifted(self, power: i64) -> Self {
        if self.mantissa == 0 {
            return self;
        }
        Self {
            exponent: self.exponent.wrapping_add(power),
            ..self
        }
    }

    /// `1 / self`.
    ///
    /// # Errors
    /// `DivisionByZero` when the value is zero.
    pub const fn reciprocal(self) -> Result<Self, MathError> {
        if self.mantissa == 0 {
            return Err(MathError::DivisionByZero);
        }
        let exponent = self.exponent.wrapping_add(127).wrapping_neg();
        let inverse = if self.mantissa == TOP_BIT {
            Self::positive(TOP_BIT, exponent.wrapping_add(1))
        } else {
            Self::positive(reciprocal_mantissa(self.mantissa), exponent)
        };
        Ok(Self {
            negative: self.negative,
            ..inverse
        })
    }

    /// `self / divisor`.
    ///
    /// # Errors
    /// `DivisionByZero` when the divisor is zero.
    pub fn divide(self, divisor: Self) -> Result<Self, MathError> {
        Ok(self * divisor.reciprocal()?)
    }

    /// The greatest integer not above the value.
    ///
    /// # Errors
    /// `Overflow` when it is outside `i64`.
    pub fn floor(self) -> Result<i64, MathError> {
        let (whole, exact) = self.truncate()?;
        let whole = i64::try_from(whole).map_err(|_| MathError::Overflow)?;
        Ok(match (self.negative, exact) {
            (false, _) => whole,
            (true, true) => whole.wrapping_neg(),
            (true, false) => whole.wrapping_neg().wrapping_sub(1),
        })
    }

    /// The least integer not below the value.
    ///
    /// # Errors
    /// `Overflow` when it is outside `i64`.
    pub fn ceil(self) -> Result<i64, MathError> {
        (-self).floor()?.checked_neg().ok_or(MathError::Overflow)
    }

    /// The greatest amount not above the value; zero for a negative one.
    ///
    /// # Errors
    /// `Overflow` when it is outside `u64`.
    pub(crate) fn floor_amount(self) -> Result<u64, MathError> {
        if self.negative {
            return Ok(0);
        }
        Ok(self.truncate()?.0)
    }

    /// The least amount not below the value; zero for a negative one.
    ///
    /// # Errors
    /// `Overflow` when it is outside `u64`.
    pub(crate) fn ceil_amount(self) -> Result<u64, MathError> {
        if self.negative {
            return Ok(0);
        }
        match self.truncate()? {
            (whole, true) => Ok(whole),
            (whole, false) => whole.checked_add(1).ok_or(MathError::Overflow),
        }
    }

    /// The whole part of the magnitude, and whether nothing was cut off.
    #[inline(always)]
    fn truncate(self) -> Result<(u64, bool), MathError> {
        match self.exponent.wrapping_neg().cast_unsigned() {
            shift @ 0..64 => {
                let whole = self.mantissa >> shift;
                Ok((whole, whole << shift == self.mantissa))
            }
            _ if self.exponent < 0 => Ok((0, self.mantissa == 0)),
            _ => Err(MathError::Overflow),
        }
    }

    /// The exponent of the power of two that is the inverse of a positive number or up to twice that.
    pub(crate) const fn inverse_below(self) -> i64 {
        self.exponent.wrapping_add(63).wrapping_neg()
    }

    /// A positive number lowered by 2⁻⁵⁸ to 2⁻⁵⁷ of itself, more than a few operations' error.
    pub(crate) fn lowered(self) -> Self {
        const ULPS: u64 = 1 << 6;
        match self.mantissa.wrapping_sub(ULPS) {
            mantissa if mantissa & TOP_BIT != 0 => Self { mantissa, ..self },
            mantissa => Self::scaled(mantissa, self.exponent),
        }
    }

    /// `|self| · 2^64` rounded down, for a magnitude below one.
    #[inline(always)]
    pub(crate) fn fraction(self) -> u64 {
        match self
            .exponent
            .wrapping_add(64)
            .wrapping_neg()
            .cast_unsigned()
        {
            shift @ 0..64 => self.mantissa >> shift,
            _ => 0,
        }
    }
}

/// `2^127 / mantissa` for a mantissa above 2⁶³, at most 8 off.
#[inline(always)]
const fn reciprocal_mantissa(mantissa: u64) -> u64 {
    // A 32-bit estimate of 2^95 / mantissa from below, off by less than 2⁻³⁰ of it.
    let high = mantissa >> 32;
    let estimate = TOP_BIT.wrapping_sub(1) / high.wrapping_add(1);
    // One Newton step; `error` is 2⁶³ times the relative error, below 2³³.
    let error = TOP_BIT
        .wrapping_sub(high.wrapping_mul(estimate))
        .wrapping_sub((mantissa & LOW_HALF).wrapping_mul(estimate) >> 32);
    let refined = (estimate << 32).wrapping_add(estimate.wrapping_mul(error >> 2) >> 29);
    // The second step gains the last bits. `refined` is from below, so the product is under 2⁶³.
    let error = TOP_BIT.wrapping_sub(mul_high(mantissa, refined));
    refined.saturating_add(mul_high(refined, error) << 1)
}

impl Neg for Real {
    type Output = Self;

    #[inline(always)]
    fn neg(self) -> Self {
        Self {
            negative: !self.negative && self.mantissa != 0,
            ..self
        }
    }
}

impl Mul for Real {
    type Output = Self;

    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        let high = mul_high(self.mantissa, other.mantissa);
        let exponent = self.exponent.wrapping_add(other.exponent).wrapping_add(64);
        let negative = self.negative != other.negative;
        if high & TOP_BIT != 0 {
            Self {
                mantissa: high,
                exponent,
                negative,
            }
        } else if self.mantissa == 0 || other.mantissa == 0 {
            Self::ZERO
        } else {
            Self {
                mantissa: high << 1,
                exponent: exponent.wrapping_sub(1),
                negative,
            }
        }
    }
}

impl Add for Real {
    type Output = Self;

    #[inline]
    fn add(self, other: Self) -> Self {
        if other.mantissa == 0 {
            return self;
        }
        if self.mantissa == 0 {
            return other;
        }
        if (self.exponent, self.mantissa) >= (other.exponent, other.mantissa) {
            add_smaller(self, other)
        } else {
            add_smaller(other, self)
        }
    }
}

/// Adds a number of no greater magnitude; neither is zero.
#[inline(always)]
fn add_smaller(large: Real, small: Real) -> Real {
    let shift = large.exponent.wrapping_sub(small.exponent).cast_unsigned();
    if shift > 63 {
        return large;
    }
    let aligned = small.mantissa >> shift;
    if large.negative == small.negative {
        let (sum, carried) = large.mantissa.overflowing_add(aligned);
        return if carried {
            Real {
                mantissa: (sum >> 1) | TOP_BIT,
                exponent: large.exponent.wrapping_add(1),
                ..large
            }
        } else {
            Real {
                mantissa: sum,
                ..large
            }
        };
    }
    // Only a shift by one bit can cancel more than a bit and lose one: keep that bit.
    let lost = if shift == 1 { small.mantissa & 1 } else { 0 };
    let difference = large.mantissa.wrapping_sub(aligned).wrapping_sub(lost);
    let magnitude = if difference & TOP_BIT != 0 {
        Real::positive(difference, large.exponent)
    } else {
        Real::scaled((difference << 1) | lost, large.exponent.wrapping_sub(1))
    };
    Real {
        negative: large.negative && magnitude.mantissa != 0,
        ..magnitude
    }
}

impl Sub for Real {
    type Output = Self;

    #[inline]
    fn sub(self, other: Self) -> Self {
        self + -other
    }
}

impl PartialOrd for Real {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Real {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self.negative, other.negative) {
            (false, true) => Ordering::Greater,
            (true, false) => Ordering::Less,
            (false, false) => self.magnitude_order(other),
            (true, true) => other.magnitude_order(self),
        }
    }
}

impl Real {
    fn magnitude_order(&self, other: &Self) -> Ordering {
        match (self.mantissa, other.mantissa) {
            (0, 0) => Ordering::Equal,
            (0, _) => Ordering::Less,
            (_, 0) => Ordering::Greater,
            _ => (self.exponent, self.mantissa).cmp(&(other.exponent, other.mantissa)),
        }
    }
}
