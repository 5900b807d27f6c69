//! The standard normal distribution.
//!
//! Everything comes from the density and the Mills ratio `m(a) = (1 − Φ(a)) / φ(a)`, which is
//! smooth and tame where Φ itself vanishes. So the lower tail keeps its relative accuracy, and the
//! integral of Φ, which a naive formula loses to cancellation, keeps nearly all of it.

#![expect(
    clippy::indexing_slicing,
    reason = "the index has the five bits of the table"
)]

use crate::error::MathError;
use crate::real::{mul_high, Real};
use crate::tables::{
    DENSITY_AT_ZERO, MILLS, QUANTILE_FAR_TAIL, QUANTILE_MIDDLE, QUANTILE_SERIES, QUANTILE_TAIL,
    SQRT_TAU,
};

/// The functions of one argument, in both tails: `mirrored` gives those of `−z`.
#[derive(Clone, Copy, Debug)]
pub struct NormalPoint {
    pub z: Real,
    /// φ(z)
    pub density: Real,
    /// Φ(−|z|)
    tail: Real,
    /// ∫ Φ from −∞ to −|z|
    tail_integral: Real,
}

impl NormalPoint {
    /// At `z = 0`.
    pub const ZERO: Self = Self {
        z: Real::ZERO,
        density: DENSITY_AT_ZERO,
        tail: Real::HALF,
        tail_integral: DENSITY_AT_ZERO,
    };

    /// Error: 2⁻⁵⁰ relative in the lower tail down to z = −8, 2⁻⁵⁷ absolute elsewhere. Below −8
    /// the values are under 10⁻¹⁵ and good to 10⁻⁴ of themselves.
    ///
    /// # Errors
    /// None for any finite argument; the result type is that of the functions used.
    pub fn at(z: Real) -> Result<Self, MathError> {
        let density = density(z)?;
        let (ratio, complement) = mills_ratio(z.abs())?;
        Ok(Self {
            z,
            density,
            tail: density * ratio,
            tail_integral: density * complement,
        })
    }

    /// The functions of `−z`.
    #[must_use]
    pub fn mirrored(self) -> Self {
        Self { z: -self.z, ..self }
    }

    /// Φ(z)
    pub fn below(&self) -> Real {
        if self.z.is_negative() {
            self.tail
        } else {
            Real::ONE - self.tail
        }
    }

    /// Φ(−z)
    pub fn above(&self) -> Real {
        self.mirrored().below()
    }

    /// ∫ Φ from −∞ to z, that is `z·Φ(z) + φ(z)`.
    pub fn integral_below(&self) -> Real {
        if self.z.is_negative() {
            self.tail_integral
        } else {
            self.tail_integral + self.z
        }
    }

    /// The same at `−z`.
    pub fn integral_above(&self) -> Real {
        self.mirrored().integral_below()
    }
}

/// φ(z) = e^(−z²/2) / √(2π). Relative error below 2⁻⁵¹ for |z| ≤ 38.
///
/// # Errors
/// None for any finite argument.
pub fn density(z: Real) -> Result<Real, MathError> {
    Ok((-(z * z).shifted(-1)).exp()? * DENSITY_AT_ZERO)
}

/// Φ(z), with the error of [`NormalPoint::at`].
///
/// # Errors
/// None for any finite argument.
pub fn cdf(z: Real) -> Result<Real, MathError> {
    Ok(NormalPoint::at(z)?.below())
}

/// Φ⁻¹(p), by its series next to one half, where most markets open, and elsewhere by the rational functions of
/// Wichura, Algorithm AS 241, Applied Statistics 37 (1988). Relative error below 2⁻⁵² for p from 10⁻¹⁵ to
/// 1 − 10⁻¹⁵.
///
/// # Errors
/// `OutsideDomain` unless `0 < p < 1`.
pub fn quantile(p: Real) -> Result<Real, MathError> {
    /// How far from one half the middle reaches, its square, and where the functions of the tails begin.
    const REACH: Real = Real::positive(0xd999_9999_9999_999a, -65);
    const REACH_SQUARE: Real = Real::positive(0xb8f5_c28f_5c28_f5c3, -66);
    const TAIL_FROM: Real = Real::positive(0xcccc_cccc_cccc_cccd, -63);
    const FAR_TAIL_FROM: Real = Real::from_u64(5);
    if p <= Real::ZERO || p >= Real::ONE {
        return Err(MathError::OutsideDomain);
    }
    let from_middle = p - Real::HALF;
    if from_middle.abs() < Real::power_of_two(-8) {
        let slope = from_middle * SQRT_TAU;
        return Ok(slope * polynomial(&QUANTILE_SERIES, slope * slope));
    }
    if from_middle.abs() <= REACH {
        let argument = REACH_SQUARE - from_middle * from_middle;
        return Ok(from_middle * quotient(&QUANTILE_MIDDLE, argument)?);
    }
    let is_lower = from_middle.is_negative();
    let tail = if is_lower { p } else { Real::ONE - p };
    let root = (-tail.ln()?).sqrt()?;
    let z = if root <= FAR_TAIL_FROM {
        quotient(&QUANTILE_TAIL, root - TAIL_FROM)?
    } else {
        quotient(&QUANTILE_FAR_TAIL, root - FAR_TAIL_FROM)?
    };
    Ok(if is_lower { -z } else { z })
}

/// A rational function at `x`.
fn quotient(polynomials: &[[Real; 8]; 2], x: Real) -> Result<Real, MathError> {
    let [numerator, denominator] = polynomials;
    polynomial(numerator, x).divide(polynomial(denominator, x))
}

/// A polynomial at `x`, whose coefficients come highest power first.
fn polynomial(coefficients: &[Real], x: Real) -> Real {
    coefficients
        .iter()
        .fold(Real::ZERO, |sum, &coefficient| coefficient + x * sum)
}

/// The Mills ratio `m = (1 − Φ(a)) / φ(a)` and `1 − a·m`, for a ≥ 0.
#[inline(always)]
fn mills_ratio(a: Real) -> Result<(Real, Real), MathError> {
    const FIXED_ONE: u64 = 1 << 60;
    if a < Real::power_of_two(3) {
        let position = a.shifted(-3).fraction();
        let from_right = !(position << 5);
        let mut ratio = 0;
        for coefficient in &MILLS[(position >> 59) as usize] {
            ratio = coefficient.wrapping_add(mul_high(ratio, from_right));
        }
        // (a/8) · m in Q1.63 is a·m in Q4.60, and below one.
        let complement = FIXED_ONE.wrapping_sub(mul_high(position, ratio));
        return Ok((Real::scaled(ratio, -63), Real::scaled(complement, -60)));
    }
    // The asymptotic series 1/a · (1 − w + 3w² − 15w³ + 105w⁴) with w = 1/a².
    let inverse = a.reciprocal()?;
    let w = inverse * inverse;
    let series = [105, -15, 3, -1, 1]
        .into_iter()
        .fold(Real::ZERO, |sum, coefficient| {
            Real::from_i64(coefficient) + w * sum
        });
    Ok((inverse * series, Real::ONE - series))
}
