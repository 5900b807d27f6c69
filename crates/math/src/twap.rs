//! Time-weighted average prices, from a running sum of price times slots.

use bytemuck::{Pod, Zeroable};

use crate::error::MathError;
use crate::units::Price;
use crate::wide::divide;

/// Bits of a [`Price`] that the sum does not keep.
const CUT_BITS: u32 = 31;

/// For each outcome the sum of its spot price times the slots for which the price stood, in Q32.32.
///
/// It wraps around after 2³² slots at a price of one, some 34 years, so only differences between
/// readings less than that apart mean anything. A price is cut to a multiple of 2⁻³².
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PriceAccumulator<const N: usize> {
    pub cumulative: [u64; N],
}

// SAFETY: an array of u64, for every N. bytemuck's derive cannot show this for a const parameter.
#[allow(unsafe_code)]
unsafe impl<const N: usize> Zeroable for PriceAccumulator<N> {}
#[allow(unsafe_code)]
unsafe impl<const N: usize> Pod for PriceAccumulator<N> {}

impl<const N: usize> PriceAccumulator<N> {
    /// Adds `elapsed` slots at the prices.
    pub(crate) fn add<'a>(&mut self, prices: impl Iterator<Item = &'a Price>, elapsed: u64) {
        for (sum, price) in self.cumulative.iter_mut().zip(prices) {
            *sum = sum_after(*sum, *price, elapsed);
        }
    }
}

/// The sum of an outcome at whose price another `slots` have passed.
pub fn sum_after(sum: u64, price: Price, slots: u64) -> u64 {
    sum.wrapping_add((price.0 >> CUT_BITS).wrapping_mul(slots))
}

/// The average price between two readings of one outcome's sum, `slots` apart, within 2⁻³².
///
/// # Errors
/// `DivisionByZero` when `slots` is zero; `OutsideDomain` when the readings are not of a price from
/// 0 to 1 over that time.
pub fn twap(earlier: u64, later: u64, slots: u64) -> Result<Price, MathError> {
    let sum = u128::from(later.wrapping_sub(earlier));
    let average = divide(sum << CUT_BITS, slots.into()).ok_or(MathError::DivisionByZero)?;
    u64::try_from(average)
        .ok()
        .map(Price)
        .filter(|price| *price <= Price::ONE)
        .ok_or(MathError::OutsideDomain)
}
