//! Bits and comparisons.

use ark_ff::{BigInteger, BigInteger256, One, PrimeField};
use attestation::Field;

use crate::system::{zero, Expression, System};

/// A new witness that is 0 or 1.
pub fn bit<S: System>(system: &mut S, value: bool) -> S::Expression {
    let bit = system.witness(Field::from(value));
    system.enforce(&bit, &bit, &bit);
    bit
}

/// `LEN` new bits, lowest first, for the low bits of `value`.
pub fn bits<S: System>(system: &mut S, value: BigInteger256, len: usize) -> Vec<S::Expression> {
    (0..len)
        .map(|place| bit(system, value.get_bit(place)))
        .collect()
}

/// The number that bits stand for, lowest first.
pub fn number<E: Expression>(bits: &[E]) -> E {
    let mut weight = Field::one();
    bits.iter().fold(zero(), |sum, bit| {
        let term = bit.clone() * weight;
        weight += weight;
        sum + term
    })
}

/// New bits, lowest first, of a number that is at most `max`; as many as `max` has.
///
/// From the top: as long as the bits equal those of `max`, a bit may not be one where `max` has
/// zero. That the bits so far are equal is a running product; the rule for a zero of `max` takes
/// the place of the check that the bit is a bit.
pub fn bits_at_most<S: System>(
    system: &mut S,
    value: BigInteger256,
    max: BigInteger256,
) -> Vec<S::Expression> {
    let len = max.num_bits() as usize;
    // Below its lowest zero the bits of `max` are all ones and allow everything.
    let lowest_zero = (0..len).find(|place| !max.get_bit(*place)).unwrap_or(len);

    let one = S::Expression::constant(Field::one());
    let mut equal_so_far = one.clone();
    let mut bits: Vec<_> = (0..len)
        .rev()
        .map(|place| {
            if max.get_bit(place) {
                let bit = bit(system, value.get_bit(place));
                if place + 1 == len {
                    equal_so_far = bit.clone();
                } else if place > lowest_zero {
                    equal_so_far = system.product(&equal_so_far, &bit);
                }
                bit
            } else {
                let bit = system.witness(Field::from(value.get_bit(place)));
                let room = one.clone() - equal_so_far.clone() - bit.clone();
                system.enforce(&room, &bit, &zero());
                bit
            }
        })
        .collect();
    bits.reverse();
    bits
}

/// The bits, lowest first, of the one integer below the field order that `element` stands for.
pub fn canonical_bits<S: System>(system: &mut S, element: &S::Expression) -> Vec<S::Expression> {
    let largest = (-Field::one()).into_bigint();
    let bits = bits_at_most(system, element.value().into_bigint(), largest);
    system.enforce_equal(&number(&bits), element);
    bits
}

/// A new number in `0..2^len`.
pub fn bounded<S: System>(system: &mut S, value: Field, len: usize) -> S::Expression {
    number(&bits(system, value.into_bigint(), len))
}

/// Enforces that `element` is in `0..2^len`.
pub fn enforce_bounded<S: System>(system: &mut S, element: &S::Expression, len: usize) {
    let number = bounded(system, element.value(), len);
    system.enforce_equal(&number, element);
}

/// The leaf at a place given by bits, lowest first; `leaves` has `2^bits` elements.
pub fn select<S: System>(
    system: &mut S,
    leaves: &[S::Expression],
    place: &[S::Expression],
) -> S::Expression {
    let mut level = leaves.to_vec();
    for bit in place {
        level = level
            .chunks_exact(2)
            .map(|pair| {
                let difference = pair[1].clone() - pair[0].clone();
                pair[0].clone() + system.product(&difference, bit)
            })
            .collect();
    }
    level.into_iter().next().unwrap_or_else(zero)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::Constraints;

    /// Constraint that fails first when `bits_at_most(max)` is given the bits of `value`.
    fn unsatisfied(value: BigInteger256, max: BigInteger256) -> Option<usize> {
        let mut system = Constraints::new();
        bits_at_most(&mut system, value, max);
        let (r1cs, values) = system.finish();
        r1cs.unsatisfied(&values)
    }

    #[test]
    fn bits_at_most_is_exact_for_every_small_bound() {
        for max in 1u64..64 {
            let len = 64 - max.leading_zeros();
            for value in 0..1 << len {
                let is_satisfied = unsatisfied(value.into(), max.into()).is_none();
                assert_eq!(is_satisfied, value <= max, "{value} <= {max}");
            }
        }
    }

    #[test]
    fn bits_at_most_is_exact_at_the_field_order() {
        let order = Field::MODULUS;
        let largest = (-Field::one()).into_bigint();
        let mut above = order;
        above.add_with_carry(&5u64.into());
        assert_eq!(unsatisfied(largest, largest), None);
        assert_eq!(unsatisfied(0u64.into(), largest), None);
        assert!(unsatisfied(order, largest).is_some());
        assert!(unsatisfied(above, largest).is_some());
    }

    #[test]
    fn canonical_bits_refuses_the_aliased_decomposition() {
        // 5 and 5 + order have the same value as sums of bits, both in 254 bits.
        let mut system = Constraints::new();
        let element = system.witness(Field::from(5u64));
        canonical_bits(&mut system, &element);
        let (r1cs, honest) = system.finish();
        assert_eq!(r1cs.unsatisfied(&honest), None);

        let mut aliased = Field::MODULUS;
        aliased.add_with_carry(&5u64.into());
        let largest = (-Field::one()).into_bigint();
        let mut system = Constraints::new();
        let element = system.witness(Field::from(5u64));
        let bits = bits_at_most(&mut system, aliased, largest);
        system.enforce_equal(&number(&bits), &element);
        let (same_r1cs, values) = system.finish();
        assert_eq!(same_r1cs.num_constraints(), r1cs.num_constraints());
        let sum_row = r1cs.num_constraints() - 1;
        assert_eq!(r1cs.a.evaluate(sum_row, &values), Field::from(5u64));
        assert!(r1cs.unsatisfied(&values).is_some());
    }

    #[test]
    fn bits_refuse_other_values_than_zero_and_one() {
        let mut system = Constraints::new();
        bits(&mut system, 5u64.into(), 3);
        let (r1cs, values) = system.finish();
        for place in 2..5 {
            let mut changed = values.clone();
            changed[place] = Field::from(2u64);
            assert!(r1cs.unsatisfied(&changed).is_some());
        }
    }

    #[test]
    fn select_returns_the_leaf_at_the_place() {
        for place in 0u64..8 {
            let mut system = Constraints::new();
            let leaves: Vec<_> = (0..8u64)
                .map(|leaf| system.witness(Field::from(100 + leaf)))
                .collect();
            let bits = bits(&mut system, place.into(), 3);
            let leaf = select(&mut system, &leaves, &bits);
            assert_eq!(leaf.value(), Field::from(100 + place));
            let (r1cs, values) = system.finish();
            assert_eq!(r1cs.unsatisfied(&values), None);
        }
    }
}
