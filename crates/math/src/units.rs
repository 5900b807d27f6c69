//! Amounts, prices and rates as types, so that none is taken for another.

use core::fmt;

use bytemuck::{Pod, Zeroable};

use crate::error::MathError;
use crate::real::Real;
use crate::wide::{checked_product, divide};

/// An amount in base units of the collateral mint.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Pod, Zeroable)]
#[repr(transparent)]
pub struct Money(pub u64);

/// Shares of one outcome. A share of the winning outcome pays one base unit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Pod, Zeroable)]
#[repr(transparent)]
pub struct Shares(pub u64);

/// A price, payout per share or probability from 0 to 1 in Q1.63: the value times 2⁶³.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Pod, Zeroable)]
#[repr(transparent)]
pub struct Price(pub u64);

/// Hundredths of a percent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Pod, Zeroable)]
#[repr(transparent)]
pub struct BasisPoints(pub u16);

/// 1/10,000
const BASIS_POINT: Real = Real::positive(0xd1b7_1758_e219_652c, -77);

macro_rules! checked_arithmetic {
    ($amount:ident) => {
        impl $amount {
            pub const ZERO: Self = Self(0);

            /// # Errors
            /// `Overflow` above the range of `u64`.
            pub fn checked_add(self, other: Self) -> Result<Self, MathError> {
                self.0
                    .checked_add(other.0)
                    .map(Self)
                    .ok_or(MathError::Overflow)
            }

            /// # Errors
            /// `Underflow` below zero.
            pub fn checked_sub(self, other: Self) -> Result<Self, MathError> {
                self.0
                    .checked_sub(other.0)
                    .map(Self)
                    .ok_or(MathError::Underflow)
            }
        }
    };
}

checked_arithmetic!(Money);
checked_arithmetic!(Shares);

impl Price {
    pub const ZERO: Self = Self(0);
    pub const ONE: Self = Self(1 << 63);

    /// `numerator / denominator`, rounded down.
    ///
    /// # Errors
    /// `OutsideDomain` when the ratio is above one or the denominator is zero.
    pub fn ratio(numerator: u64, denominator: u64) -> Result<Self, MathError> {
        divide(u128::from(numerator) << 63, denominator.into())
            .and_then(|scaled| u64::try_from(scaled).ok())
            .map(Self)
            .filter(|price| *price <= Self::ONE)
            .ok_or(MathError::OutsideDomain)
    }

    /// The price's part of an amount, rounded up.
    ///
    /// # Errors
    /// `Overflow` when the result does not fit, which a part of at most one does.
    pub fn of_ceil(self, amount: u64) -> Result<u64, MathError> {
        let exact = u128::from(amount).saturating_mul(self.0.into());
        let rounded = exact.div_ceil(Self::ONE.0.into());
        u64::try_from(rounded).map_err(|_| MathError::Overflow)
    }

    /// The price as a number, exactly.
    pub const fn to_real(self) -> Real {
        Real::scaled(self.0, -63)
    }

    /// The greatest price not above the number, which must be from 0 to 1.
    pub(crate) fn from_real(value: Real) -> Self {
        if value >= Real::ONE {
            Self::ONE
        } else {
            Self(value.fraction() >> 1)
        }
    }
}

/// Twelve decimal digits, rounded half to even.
impl fmt::Display for Price {
    #[expect(
        clippy::arithmetic_side_effects,
        clippy::integer_division,
        reason = "a price times 10¹² is below 2¹⁰⁴, and digits are what division leaves"
    )]
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        const DIGITS: u128 = 1_000_000_000_000;
        const HALF: u128 = 1 << 62;
        let scaled = u128::from(self.0) * DIGITS;
        let (floor, rest) = (scaled >> 63, scaled & ((1 << 63) - 1));
        let round_up = rest > HALF || (rest == HALF && floor & 1 == 1);
        let rounded = floor + u128::from(round_up);
        write!(formatter, "{}.{:012}", rounded / DIGITS, rounded % DIGITS)
    }
}

impl BasisPoints {
    pub const ONE: u16 = 10_000;

    /// The same as it is divided by.
    const PARTS: u64 = 10_000;

    /// The rate as a price, rounded down; one for rates above.
    pub fn to_price(self) -> Price {
        let (whole, rest) = self.in_prices();
        Price(whole.wrapping_add(rest.wrapping_div(Self::PARTS)))
    }

    /// The rate as a price, rounded up; one for rates above.
    pub fn to_price_ceil(self) -> Price {
        let (whole, rest) = self.in_prices();
        Price(whole.wrapping_add(rest.div_ceil(Self::PARTS)))
    }

    /// The rate as a price, and what is left of it in parts of 1 / 10,000. No overflow: of a rate of one the
    /// whole is 2⁶³.
    fn in_prices(self) -> (u64, u64) {
        const WHOLE: u64 = Price::ONE.0.wrapping_div(BasisPoints::PARTS);
        const REST: u64 = Price::ONE.0.wrapping_rem(BasisPoints::PARTS);
        let rate = u64::from(self.0.min(Self::ONE));
        (rate.wrapping_mul(WHOLE), rate.wrapping_mul(REST))
    }

    /// The rate as a number. Error below 2⁻⁶² relative.
    pub(crate) fn to_real(self) -> Real {
        Real::from_u64(u64::from(self.0)) * BASIS_POINT
    }

    /// One less the rate, for a rate of at most one.
    pub(crate) fn rest(self) -> Real {
        Real::from_u64(u64::from(Self::ONE.saturating_sub(self.0))) * BASIS_POINT
    }

    /// The rate's part of an amount, rounded up.
    ///
    /// # Errors
    /// `Overflow` when the result does not fit.
    pub fn of_ceil(self, amount: u64) -> Result<u64, MathError> {
        let floor = self.of_floor(amount)?;
        // No overflow: both factors are below 2¹⁶.
        let rest = (amount % 10_000).wrapping_mul(u64::from(self.0)) % 10_000;
        if rest == 0 {
            Ok(floor)
        } else {
            floor.checked_add(1).ok_or(MathError::Overflow)
        }
    }

    /// The rate's part of an amount, rounded down.
    ///
    /// # Errors
    /// `Overflow` when the result does not fit.
    #[expect(
        clippy::integer_division,
        reason = "by a constant, rounded down as the name says"
    )]
    pub fn of_floor(self, amount: u64) -> Result<u64, MathError> {
        let rate = u64::from(self.0);
        checked_product(amount / 10_000, rate)
            // No overflow in the product: both factors are below 2¹⁶.
            .and_then(|whole| whole.checked_add((amount % 10_000).wrapping_mul(rate) / 10_000))
            .ok_or(MathError::Overflow)
    }
}
