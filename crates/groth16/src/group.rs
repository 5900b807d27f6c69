//! Operations of the alt_bn128 syscalls. They check that what they are given are points of the
//! groups, and give `None` if not. Points of G1 have 64 bytes.

use alloc::vec::Vec;

use solana_bn254::prelude::{
    alt_bn128_g1_addition_be, alt_bn128_g1_multiplication_be, alt_bn128_pairing_be,
    ALT_BN128_G1_ADDITION_INPUT_SIZE, ALT_BN128_G1_MULTIPLICATION_INPUT_SIZE,
    ALT_BN128_PAIRING_ELEMENT_SIZE, ALT_BN128_PAIRING_OUTPUT_SIZE,
};

use crate::point::{G1_LEN, G2_LEN};

/// Bytes of a pair of points, one of G1 and one of G2.
pub(crate) const PAIR_LEN: usize = ALT_BN128_PAIRING_ELEMENT_SIZE;

/// What the pairing gives for a product that is one.
const ONE: [u8; ALT_BN128_PAIRING_OUTPUT_SIZE] = {
    let mut one = [0; ALT_BN128_PAIRING_OUTPUT_SIZE];
    one[ALT_BN128_PAIRING_OUTPUT_SIZE - 1] = 1;
    one
};

pub(crate) fn add(left: &[u8], right: &[u8]) -> Option<Vec<u8>> {
    let mut input = [0; ALT_BN128_G1_ADDITION_INPUT_SIZE];
    let (first, second) = input.split_at_mut(G1_LEN);
    first.copy_from_slice(left);
    second.copy_from_slice(right);
    alt_bn128_g1_addition_be(&input).ok()
}

/// `scalar` is any 256-bit number, big-endian; it counts modulo the group's order.
pub(crate) fn multiply(point: &[u8], scalar: &[u8; 32]) -> Option<Vec<u8>> {
    let mut input = [0; ALT_BN128_G1_MULTIPLICATION_INPUT_SIZE];
    let (base, factor) = input.split_at_mut(G1_LEN);
    base.copy_from_slice(point);
    factor.copy_from_slice(scalar);
    alt_bn128_g1_multiplication_be(&input).ok()
}

/// Writes a pair for [`is_product_one`] to [`PAIR_LEN`] bytes.
pub(crate) fn write_pair(place: &mut [u8], g1: &[u8], g2: &[u8; G2_LEN]) {
    let (first, second) = place.split_at_mut(G1_LEN);
    first.copy_from_slice(g1);
    second.copy_from_slice(g2);
}

/// Whether the pairs are all of points, and the product of their pairings is one.
pub(crate) fn is_product_one(pairs: &[u8]) -> bool {
    alt_bn128_pairing_be(pairs).is_ok_and(|product| product == ONE)
}
