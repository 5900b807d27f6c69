//! Elementary functions of [`Real`].
//!
//! Method: range reduction by a 64-entry table, then a short polynomial in 64-bit fixed point.
//! Measured against mpmath (`tests/kernels.rs`) the relative error is below 2⁻⁵⁵ for `exp`, 2⁻⁵²
//! for `exp_m1`, 2⁻⁵⁴ for `ln` and `ln_1p`, 2⁻⁶¹ for `sqrt`. Rounding the argument adds |x|·2⁻⁵⁹ to
//! that of the exponentials.

#![expect(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::integer_division,
    reason = "fixed-point kernels: table indices have as many bits as their table, shifts lie in the range matched, and the root divides by at least 2³¹"
)]

use crate::error::MathError;
use crate::real::{mul_high, Real};
use crate::tables::{EXP2, EXP2_STEP, EXPM1, INVERSE_LN_2, LN_1P, LN_2, LN_MIDDLE, LN_RECIPROCAL};

const TOP_BIT: u64 = 1 << 63;

/// Greatest magnitude of the argument of `exp`, as a power of two.
const EXP_DOMAIN: i64 = 16;

/// Below this power of two `exp_m1` and `ln_1p` use their own series, which keep relative accuracy.
const EXP_M1_SERIES: i64 = -5;
const LN_1P_SERIES: i64 = -7;

/// `1 ± x·(c₁ ± x·(c₂ ± …))` in Q1.63, for coefficients and `x` in Q0.64, highest power first.
#[inline(always)]
fn alternating_series(coefficients: &[u64; 8], x: u64, alternate: bool) -> u64 {
    let mut sum = 0;
    if alternate {
        for coefficient in coefficients {
            sum = coefficient.wrapping_sub(mul_high(sum, x));
        }
        TOP_BIT.wrapping_sub(mul_high(sum, x) >> 1)
    } else {
        for coefficient in coefficients {
            sum = coefficient.wrapping_add(mul_high(sum, x));
        }
        TOP_BIT.wrapping_add(mul_high(sum, x) >> 1)
    }
}

/// `2^(fraction / 2⁶⁴)` in Q1.63: `2^(j/64) · 2^(h/64)` by the table, and a polynomial in h.
#[inline(always)]
fn exp2(fraction: u64) -> u64 {
    let head = EXP2[(fraction >> 58) as usize];
    let rest = fraction << 6;
    let mut sum = 0;
    for coefficient in &EXP2_STEP {
        sum = coefficient.wrapping_add(mul_high(sum, rest));
    }
    let step = mul_high(sum, rest);
    head.saturating_add(mul_high(head, step))
}

/// The part of the table that a mantissa with its top bit set falls into.
#[inline(always)]
const fn segment(mantissa: u64) -> usize {
    ((mantissa >> 57) & 63) as usize
}

/// `ln(mantissa · 2^(power − 63))` for a mantissa with its top bit set, of what is no nearer to one than 2⁻⁷.
#[inline(never)]
fn ln_of(mantissa: u64, power: i64) -> Real {
    // mantissa / 2⁶³ · r = 1 ± offset/2⁶⁴ for the table's r.
    let segment = segment(mantissa);
    let product = mul_high(mantissa, LN_RECIPROCAL[segment]);
    let below = product < TOP_BIT;
    let offset = if below {
        TOP_BIT.wrapping_sub(product) << 1
    } else {
        product.wrapping_sub(TOP_BIT) << 1
    };
    let step = mul_high(offset, alternating_series(&LN_1P, offset, !below));
    let fraction = if below {
        LN_MIDDLE[segment].wrapping_sub(step)
    } else {
        LN_MIDDLE[segment].wrapping_add(step)
    };
    match power {
        0 => Real::scaled(fraction, -63),
        // ln 2 is a Q0.64 here.
        -1 => -Real::scaled(LN_2.mantissa().wrapping_sub(fraction << 1), -64),
        _ => Real::from_i64(power) * LN_2 + Real::scaled(fraction, -63),
    }
}

/// `e^(−x / b)` in fixed point for many integers x below a limit, at a third of the cost of
/// [`Real::exp`]: aligned to the limit, an x needs no number of its own.
pub(crate) struct Halvings {
    alignment: u32,
    /// `1 / (b ln 2)` times a power of two, and by how much an aligned product with it is more than
    /// the whole halvings.
    factor: u64,
    shift: u32,
}

impl Halvings {
    /// For x below `limit`, which must be at most 90 b, and the inverse of b.
    pub(crate) fn of(limit: u64, inverse: Real) -> Self {
        let alignment = limit.leading_zeros();
        let factor = mul_high(inverse.mantissa(), INVERSE_LN_2);
        // x / (b ln 2) = x · factor · 2^(exponent + 1), as INVERSE_LN_2 is Q1.63; and the product of
        // aligned x and factor is cut by 64 bits.
        let scale = inverse.exponent().wrapping_add(65);
        let shift = i64::from(alignment).wrapping_sub(scale);
        Self {
            alignment,
            factor,
            shift: u32::try_from(shift).unwrap_or(0),
        }
    }

    /// `e^(−x / b)` in Q1.63, rounded down by at most 2⁻⁶³, within 2⁻⁵⁵ of itself before that.
    #[inline(always)]
    pub(crate) fn weight(&self, x: u64) -> u64 {
        let halvings = mul_high(x << self.alignment, self.factor);
        let whole = halvings >> self.shift;
        // The shift is at least 55, since a limit is below 2⁷ halvings.
        match halvings << (64 - self.shift) {
            0 => TOP_BIT >> whole.min(63),
            fraction => exp2(fraction.wrapping_neg()) >> 1 >> whole.min(63),
        }
    }
}

impl Real {
    /// Whether the magnitude is below `2^power`.
    #[inline(always)]
    const fn is_below(self, power: i64) -> bool {
        self.is_zero() || self.exponent().wrapping_add(64) <= power
    }

    /// `e^self`.
    ///
    /// # Errors
    /// `OutsideDomain` when the argument is 2¹⁶ or more; at −2¹⁶ and below the result is zero.
    pub fn exp(self) -> Result<Self, MathError> {
        if !self.is_below(EXP_DOMAIN) {
            return if self.is_negative() {
                Ok(Self::ZERO)
            } else {
                Err(MathError::OutsideDomain)
            };
        }
        // |self| / ln 2 = whole + fraction / 2⁶⁴
        let quotient = mul_high(self.mantissa(), INVERSE_LN_2);
        let shift = self
            .exponent()
            .wrapping_add(1)
            .wrapping_neg()
            .cast_unsigned();
        let (whole, fraction) = match shift {
            47..64 => (quotient >> shift, quotient << (64 - shift)),
            64..128 => (0, quotient >> (shift - 64)),
            _ => (0, 0),
        };
        let whole = whole.cast_signed();
        let (power, fraction) = match (self.is_negative(), fraction) {
            (false, _) => (whole, fraction),
            (true, 0) => (whole.wrapping_neg(), 0),
            (true, _) => (!whole, fraction.wrapping_neg()),
        };
        Ok(Self::positive(exp2(fraction), power.wrapping_sub(63)))
    }

    /// `e^self − 1`, accurate for small arguments too.
    ///
    /// # Errors
    /// `OutsideDomain` when the argument is 2¹⁶ or more.
    pub fn exp_m1(self) -> Result<Self, MathError> {
        if self.is_below(EXP_M1_SERIES) {
            let factor = alternating_series(&EXPM1, self.fraction(), self.is_negative());
            return Ok(self * Self::scaled(factor, -63));
        }
        let exponential = self.exp()?;
        let mantissa = exponential.mantissa();
        // One is taken off in fixed point: nothing cancels that far from zero.
        Ok(match exponential.exponent() {
            -63 => Self::scaled(mantissa.wrapping_sub(TOP_BIT), -63),
            exponent @ -127..-63 => {
                let shift = exponent.wrapping_add(64).wrapping_neg();
                -Self::scaled((mantissa >> shift).wrapping_neg(), -64)
            }
            _ => exponential - Self::ONE,
        })
    }

    /// The natural logarithm.
    ///
    /// # Errors
    /// `OutsideDomain` when the argument is not positive.
    pub fn ln(self) -> Result<Self, MathError> {
        if self.is_zero() || self.is_negative() {
            return Err(MathError::OutsideDomain);
        }
        // self = 2^power · m with 1 ≤ m < 2.
        let power = self.exponent().wrapping_add(63);
        let segment = segment(self.mantissa());
        if (power == 0 && segment == 0) || (power == -1 && segment == 63) {
            let above_one = self - Self::ONE;
            if above_one.is_below(LN_1P_SERIES) {
                return Ok(above_one.ln_1p_series());
            }
        }
        Ok(ln_of(self.mantissa(), power))
    }

    /// `ln(1 + self)`, accurate for small arguments too.
    ///
    /// # Errors
    /// `OutsideDomain` when the argument is not above −1.
    pub fn ln_1p(self) -> Result<Self, MathError> {
        if self.is_below(LN_1P_SERIES) {
            return Ok(self.ln_1p_series());
        }
        // Where the sum is between a half and two, one is added in fixed point.
        if self.is_below(0) {
            let fraction = self.fraction();
            if !self.is_negative() {
                return Ok(ln_of(TOP_BIT | fraction >> 1, 0));
            }
            if fraction <= TOP_BIT {
                return Ok(ln_of(fraction.wrapping_neg(), -1));
            }
        }
        (Self::ONE + self).ln()
    }

    /// `ln(1 + self)` for a magnitude below 2⁻⁷.
    #[inline(always)]
    fn ln_1p_series(self) -> Self {
        let factor = alternating_series(&LN_1P, self.fraction(), !self.is_negative());
        self * Self::scaled(factor, -63)
    }

    /// The square root.
    ///
    /// # Errors
    /// `OutsideDomain` when the argument is negative.
    pub fn sqrt(self) -> Result<Self, MathError> {
        if self.is_negative() {
            return Err(MathError::OutsideDomain);
        }
        if self.is_zero() {
            return Ok(self);
        }
        // self = radicand · 2^exponent with an even exponent and radicand ≥ 2⁶².
        let odd = self.exponent() & 1;
        let radicand = self.mantissa() >> odd;
        let exponent = self.exponent().wrapping_add(odd);
        // The whole root, at least 2³¹, then one Newton step to 2³² times the root.
        let root = radicand.isqrt();
        let quotient = radicand / root;
        let remainder = radicand % root;
        let high = root.saturating_add(quotient);
        let low = (remainder << 32) / root;
        // (root + radicand / root) / 2 in units of 2⁻³¹.
        let mean = (high << 30).saturating_add(low >> 2);
        Ok(Self::scaled(mean, (exponent >> 1).wrapping_sub(31)))
    }
}
