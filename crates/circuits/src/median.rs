//! That a value is the median of others.

use ark_ff::{One, PrimeField, Zero};
use attestation::Field;

use crate::{
    bits::{bit, bounded, enforce_bounded},
    system::{zero, Expression, System},
};

/// Bits of a value, which is an `i64` moved to `0..2⁶⁴`.
const VALUE_BITS: usize = 64;
/// Bits of twice the number of slots.
const COUNT_BITS: usize = 5;

/// Enforces that `median` is a number of 64 bits and the value of an enabled slot, that the values
/// of at least half of the enabled slots are at or below it, and those of at least half at or above
/// it. `slots` are pairs of a bit, whether the slot is enabled, and a value, of any size.
///
/// The prover says of each enabled value that it is at or below the median, at or above it, or both.
/// One range check shows the one or the other, since the difference is turned by what was said; both
/// takes the difference to be zero. Saying less than is true only makes the counts smaller. A value
/// that is not within 2⁶⁴ of the median can be said to be neither, so that nothing wraps around the
/// field.
pub fn enforce_median<S: System>(
    system: &mut S,
    median: &S::Expression,
    slots: &[(S::Expression, S::Expression)],
) {
    enforce_bounded(system, median, VALUE_BITS);
    let one = S::Expression::constant(Field::one());
    let mut is_taken = false;
    let (mut enabled_sum, mut picked_sum, mut picked_value) = (zero(), zero(), zero());
    let (mut below_sum, mut above_sum): (S::Expression, S::Expression) = (zero(), zero());
    for (enabled, value) in slots {
        let difference = median.clone() - value.clone();
        let counts = enabled.value().is_one();
        let (is_below, is_above) = order(difference.value());
        let is_picked = counts && difference.value().is_zero() && !is_taken;
        is_taken |= is_picked;
        let below = bit(system, counts && is_below);
        let above = bit(system, counts && is_above);
        let picked = bit(system, is_picked);

        // Three bits sum to zero only if all are zero: a disabled slot says nothing.
        let said = below.clone() + above.clone() + picked.clone();
        system.enforce(&said, &(one.clone() - enabled.clone()), &zero());
        let sign = below.clone() - above.clone();
        let distance = system.product(&difference, &sign);
        let number = bounded(system, distance.value(), VALUE_BITS);
        system.enforce_equal(&number, &distance);
        let both = system.product(&below, &above);
        system.enforce(&difference, &both, &zero());

        picked_value = picked_value + system.product(value, &picked);
        picked_sum = picked_sum + picked;
        below_sum = below_sum + below;
        above_sum = above_sum + above;
        enabled_sum = enabled_sum + enabled.clone();
    }
    system.enforce_equal(&picked_sum, &one);
    system.enforce_equal(&picked_value, median);
    let two = Field::from(2u64);
    enforce_bounded(system, &(below_sum * two - enabled_sum.clone()), COUNT_BITS);
    enforce_bounded(system, &(above_sum * two - enabled_sum), COUNT_BITS);
}

/// Whether a value that is `difference` less than the median is at or below it, and at or above it.
fn order(difference: Field) -> (bool, bool) {
    let fits =
        |element: Field| element.into_bigint() < Field::from(1u128 << VALUE_BITS).into_bigint();
    (fits(difference), fits(-difference))
}
