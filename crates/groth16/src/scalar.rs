//! Sums of products of coefficients and field elements, modulo the order of the groups.

/// Limbs of 64 bits, lowest first.
type Limbs<const N: usize> = [u64; N];

/// Order of the groups, `r` of EIP-197.
const ORDER: Limbs<4> = [
    0x43e1_f593_f000_0001,
    0x2833_e848_79b9_7091,
    0xb850_45b6_8181_585d,
    0x3064_4e72_e131_a029,
];

/// `⌊2⁴⁴⁸ / r⌋`.
const RECIPROCAL: Limbs<4> = [
    0x1448_5200_9e88_0ae6,
    0xb074_a586_8073_0147,
    0x4a47_4626_23a0_4a7a,
    0x0000_0000_0000_0005,
];

/// A number of 128 bits.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Coefficient(Limbs<2>);

impl Coefficient {
    pub const ONE: Self = Self([1, 0]);

    /// Little-endian.
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        let mut limbs = [0; 2];
        let (chunks, _) = bytes.as_chunks::<8>();
        for (limb, chunk) in limbs.iter_mut().zip(chunks) {
            *limb = u64::from_le_bytes(*chunk);
        }
        Self(limbs)
    }

    /// As a scalar, big-endian.
    pub fn to_bytes(self) -> [u8; 32] {
        let [low, high] = self.0;
        to_be_bytes(&[low, high, 0, 0])
    }
}

/// `Σ cᵢ`, exact; below 2¹³² for 16 terms.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct CoefficientSum(Limbs<4>);

impl CoefficientSum {
    pub fn add(&mut self, coefficient: &Coefficient) {
        add_multiple(&mut self.0, 0, 1, &coefficient.0);
    }

    /// As a scalar, big-endian.
    pub fn to_bytes(self) -> [u8; 32] {
        to_be_bytes(&self.0)
    }
}

/// `Σ cᵢ·xᵢ`, exact; below 2³⁸⁶ for 16 terms.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct WeightedSum(Limbs<7>);

impl WeightedSum {
    /// Adds `coefficient·element`; the element is below 2²⁵⁴, big-endian.
    pub fn add_product(&mut self, coefficient: &Coefficient, element: &[u8; 32]) {
        let element = from_be_bytes(element);
        for (shift, factor) in coefficient.0.iter().enumerate() {
            add_multiple(&mut self.0, shift, *factor, &element);
        }
    }

    /// The sum modulo the order, but perhaps for one order too much: below 2²⁵⁵, big-endian.
    ///
    /// Barrett's reduction: with the sum `s < 2³⁸⁶` cut to `t = ⌊s / 2¹⁹²⌋`, the quotient
    /// `⌊t·⌊2⁴⁴⁸/r⌋ / 2²⁵⁶⌋` is `⌊s / r⌋` or one less, since each cut takes off less than half.
    pub fn reduced(&self) -> [u8; 32] {
        let [_, _, _, top @ ..] = &self.0;
        let mut scaled: Limbs<8> = [0; 8];
        for (shift, limb) in top.iter().enumerate() {
            add_multiple(&mut scaled, shift, *limb, &RECIPROCAL);
        }
        // Of the quotient three limbs are not zero; of its product with the order four matter.
        let [_, _, _, _, quotient @ .., _] = &scaled;
        let mut multiple: Limbs<4> = [0; 4];
        for (shift, limb) in quotient.iter().enumerate() {
            add_multiple(&mut multiple, shift, *limb, &ORDER);
        }

        // The difference fits four limbs, whatever is borrowed from those above.
        let mut rest: Limbs<4> = [0; 4];
        let mut borrow = false;
        for ((limb, sum), multiple) in rest.iter_mut().zip(&self.0).zip(&multiple) {
            let (difference, first) = sum.overflowing_sub(*multiple);
            let (difference, second) = difference.overflowing_sub(u64::from(borrow));
            *limb = difference;
            borrow = first || second;
        }
        to_be_bytes(&rest)
    }
}

/// `sum += factor·number·2^(64·shift)`; what does not fit the sum is cut off.
fn add_multiple<const N: usize>(sum: &mut [u64], shift: usize, factor: u64, number: &Limbs<N>) {
    let mut places = sum.iter_mut().skip(shift);
    let mut carry = 0;
    for (digit, place) in number.iter().zip(places.by_ref()) {
        let (low, high) = product(factor, *digit);
        let (low, first) = low.overflowing_add(*place);
        let (low, second) = low.overflowing_add(carry);
        *place = low;
        // At most (2⁶⁴ − 1)² + 2·(2⁶⁴ − 1) = 2¹²⁸ − 1 in all: nothing wraps.
        carry = high
            .wrapping_add(u64::from(first))
            .wrapping_add(u64::from(second));
    }
    for place in places {
        let (total, is_carried) = place.overflowing_add(carry);
        *place = total;
        carry = u64::from(is_carried);
    }
}

/// The low and the high half of a product. By halves of the factors, since a product of 128 bits is
/// a call on chain, and these are many.
fn product(left: u64, right: u64) -> (u64, u64) {
    const HALF: u32 = 32;
    const MASK: u64 = (1 << HALF) - 1;
    let (left_low, left_high) = (left & MASK, left >> HALF);
    let (right_low, right_high) = (right & MASK, right >> HALF);
    let lowest = left_low.wrapping_mul(right_low);
    // At most (2³² − 1)² + 2³² − 1 < 2⁶⁴, here and below: nothing wraps.
    let middle = left_low
        .wrapping_mul(right_high)
        .wrapping_add(lowest >> HALF);
    let other = left_high
        .wrapping_mul(right_low)
        .wrapping_add(middle & MASK);
    let high = left_high
        .wrapping_mul(right_high)
        .wrapping_add(middle >> HALF)
        .wrapping_add(other >> HALF);
    (other << HALF | lowest & MASK, high)
}

fn from_be_bytes(bytes: &[u8; 32]) -> Limbs<4> {
    let mut limbs = [0; 4];
    let (chunks, _) = bytes.as_chunks::<8>();
    for (limb, chunk) in limbs.iter_mut().rev().zip(chunks) {
        *limb = u64::from_be_bytes(*chunk);
    }
    limbs
}

fn to_be_bytes(limbs: &Limbs<4>) -> [u8; 32] {
    let mut bytes = [0; 32];
    for (chunk, limb) in bytes.chunks_exact_mut(8).zip(limbs.iter().rev()) {
        chunk.copy_from_slice(&limb.to_be_bytes());
    }
    bytes
}

#[cfg(test)]
mod tests {
    use alloc::{vec, vec::Vec};

    use ark_bn254::Fr;
    use ark_ff::{BigInteger, PrimeField, UniformRand};
    use rand::{rngs::OsRng, RngCore};

    use super::*;

    fn bytes(element: Fr) -> [u8; 32] {
        element
            .into_bigint()
            .to_bytes_be()
            .try_into()
            .expect("32 bytes")
    }

    fn check(terms: &[([u8; 16], Fr)]) {
        let mut sum = WeightedSum::default();
        let mut expected = Fr::from(0u64);
        for (coefficient, element) in terms {
            sum.add_product(&Coefficient::from_bytes(*coefficient), &bytes(*element));
            expected += Fr::from_le_bytes_mod_order(coefficient) * element;
        }
        let reduced = sum.reduced();
        assert!(reduced[0] < 0x80, "below 2^255");
        assert_eq!(Fr::from_be_bytes_mod_order(&reduced), expected);
    }

    #[test]
    fn sum_agrees_with_field_arithmetic() {
        let random = || {
            let mut coefficient = [0; 16];
            OsRng.fill_bytes(&mut coefficient);
            (coefficient, Fr::rand(&mut OsRng))
        };
        for count in 0..=16 {
            for _ in 0..500 {
                let terms: Vec<_> = (0..count).map(|_| random()).collect();
                check(&terms);
            }
        }
    }

    #[test]
    fn sum_agrees_at_the_ends_of_the_ranges() {
        let largest = -Fr::from(1u64);
        for coefficient in [[0; 16], Coefficient::ONE.bytes(), [u8::MAX; 16]] {
            for element in [Fr::from(0u64), Fr::from(1u64), largest] {
                for count in [1, 2, 16] {
                    check(&vec![(coefficient, element); count]);
                }
            }
        }
    }

    #[test]
    fn products_and_sums_agree_with_wider_arithmetic() {
        for _ in 0..2_000 {
            let ends = [
                0,
                1,
                u64::from(u32::MAX),
                1 << 32,
                u64::MAX,
                OsRng.next_u64(),
            ];
            let pick = || ends[OsRng.next_u32() as usize % ends.len()];
            let (left, right) = (pick(), pick());
            let (low, high) = product(left, right);
            let expected = u128::from(left) * u128::from(right);
            assert_eq!((u128::from(high) << 64) | u128::from(low), expected);
        }
        let mut sum = CoefficientSum::default();
        for _ in 0..16 {
            sum.add(&Coefficient::from_bytes([u8::MAX; 16]));
        }
        let expected = Fr::from(u128::MAX) * Fr::from(16u64);
        assert_eq!(sum.to_bytes(), bytes(expected));
    }

    #[test]
    fn coefficient_keeps_its_number() {
        assert_eq!(Coefficient::ONE.to_bytes(), bytes(Fr::from(1u64)));
        assert_eq!(
            Coefficient::from_bytes([u8::MAX; 16]).to_bytes(),
            bytes(Fr::from(u128::MAX))
        );
    }

    impl Coefficient {
        fn bytes(self) -> [u8; 16] {
            let [low, high] = self.0;
            ((u128::from(high) << 64) | u128::from(low)).to_le_bytes()
        }
    }
}
