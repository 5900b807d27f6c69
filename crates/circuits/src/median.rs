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
    let mut sums: [S::Expression; 5] = std::array::from_fn(|_| zero());
    let [enabled_sum, picked_sum, picked_value, below_sum, above_sum] = &mut sums;
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

        *picked_value = picked_value.clone() + system.product(value, &picked);
        *picked_sum = picked_sum.clone() + picked;
        *below_sum = below_sum.clone() + below;
        *above_sum = above_sum.clone() + above;
        *enabled_sum = enabled_sum.clone() + enabled.clone();
    }
    let [enabled_sum, picked_sum, picked_value, below_sum, above_sum] = sums;
    system.enforce_equal(&picked_sum, &one);
    system.enforce_equal(&picked_value, median);
    for half in [below_sum, above_sum] {
        let surplus = half * Field::from(2u64) - enabled_sum.clone();
        enforce_bounded(system, &surplus, COUNT_BITS);
    }
}

/// Whether a value that is `difference` less than the median is at or below it, and at or above it.
fn order(difference: Field) -> (bool, bool) {
    let fits =
        |element: Field| element.into_bigint() < Field::from(1u128 << VALUE_BITS).into_bigint();
    (fits(difference), fits(-difference))
}

#[cfg(test)]
mod tests {
    use ark_ff::BigInteger;

    use super::*;
    use crate::system::{Constraints, R1cs};

    fn build(median: Field, slots: &[(bool, Field)]) -> (R1cs, Vec<Field>) {
        let mut system = Constraints::new();
        let median = system.witness(median);
        let slots: Vec<_> = slots
            .iter()
            .map(|(enabled, value)| (bit(&mut system, *enabled), system.witness(*value)))
            .collect();
        enforce_median(&mut system, &median, &slots);
        system.finish()
    }

    fn is_satisfied(median: Field, slots: &[(bool, Field)]) -> bool {
        let (r1cs, values) = build(median, slots);
        r1cs.unsatisfied(&values).is_none()
    }

    /// The definition, on small numbers.
    fn is_median(median: u64, slots: &[(bool, u64)]) -> bool {
        let enabled = || slots.iter().filter(|(enabled, _)| *enabled);
        let twice = |is: fn(&u64, &u64) -> bool| {
            2 * enabled().filter(|(_, value)| is(value, &median)).count()
        };
        let count = enabled().count();
        enabled().any(|(_, value)| *value == median)
            && twice(u64::le) >= count
            && twice(u64::ge) >= count
    }

    #[test]
    fn satisfied_exactly_by_medians() {
        // Every choice of values 0 to 2, or none, in one to four slots.
        for len in 1..=4u32 {
            for choice in 0..4u32.pow(len) {
                let slots: Vec<_> = (0..len)
                    .map(|slot| (choice / 4u32.pow(slot)) % 4)
                    .map(|digit| (digit < 3, u64::from(digit)))
                    .collect();
                let elements: Vec<_> = slots
                    .iter()
                    .map(|(enabled, value)| (*enabled, Field::from(*value)))
                    .collect();
                for median in 0..=3 {
                    assert_eq!(
                        is_satisfied(Field::from(median), &elements),
                        is_median(median, &slots),
                        "{median} of {slots:?}"
                    );
                }
            }
        }
    }

    #[test]
    fn order_is_kept_at_the_ends_of_the_range() {
        let (least, greatest) = (Field::zero(), Field::from(u64::MAX));
        let slots = [(true, least), (true, greatest), (true, greatest)];
        assert!(is_satisfied(greatest, &slots));
        assert!(!is_satisfied(least, &slots));
        assert!(is_satisfied(least, &[(true, least), (true, greatest)]));
    }

    #[test]
    fn value_that_wraps_around_the_field_counts_for_neither_side() {
        // A member may sign any element of the field.
        let huge = [
            -Field::one(),
            Field::from(1u128 << 64),
            Field::from(1u128 << 100),
        ];
        let number = Field::from(7u64);
        for value in huge {
            assert!(!is_satisfied(value, &[(true, value)]));
            assert!(!is_satisfied(value, &[(true, value), (true, number)]));
            assert!(is_satisfied(
                number,
                &[(true, value), (true, number), (true, number)]
            ));
        }
    }

    #[test]
    fn saying_otherwise_does_not_make_a_median() {
        // 1 of (1, 5, 9), whatever bits the prover chooses.
        let slots = [1u64, 5, 9].map(|value| (true, Field::from(value)));
        let (r1cs, honest) = build(Field::from(1u64), &slots);
        assert!(r1cs.unsatisfied(&honest).is_some());
        // Beside the constant, the public input, the median and the slots: 64 bits of the median,
        // and of each slot three bits, the distance and its bits, `both` and the picked value.
        let first = 3 + 2 * slots.len() + VALUE_BITS;
        let step = 3 + 1 + VALUE_BITS + 2;
        for choice in 0..1u32 << 9 {
            let mut values = honest.clone();
            let bit_of = |place: u32| Field::from(choice >> place & 1);
            let (mut below, mut above) = (Field::zero(), Field::zero());
            for (slot, (_, value)) in (0u32..).zip(&slots) {
                let at = first + step * slot as usize;
                let said = [0, 1, 2].map(|place| bit_of(3 * slot + place));
                values[at..at + 3].copy_from_slice(&said);
                let distance = (Field::one() - value) * (said[0] - said[1]);
                values[at + 3] = distance;
                for place in 0..VALUE_BITS {
                    let bit = distance.into_bigint().get_bit(place);
                    values[at + 4 + place] = Field::from(bit);
                }
                values[at + 4 + VALUE_BITS] = said[0] * said[1];
                values[at + 5 + VALUE_BITS] = *value * said[2];
                below += said[0];
                above += said[1];
            }
            let counts = first + step * slots.len();
            for (half, sum) in [below, above].into_iter().enumerate() {
                let surplus = (sum + sum - Field::from(3u64)).into_bigint();
                for place in 0..COUNT_BITS {
                    values[counts + COUNT_BITS * half + place] =
                        Field::from(surplus.get_bit(place));
                }
            }
            assert!(r1cs.unsatisfied(&values).is_some(), "{choice:b}");
        }
    }
}
