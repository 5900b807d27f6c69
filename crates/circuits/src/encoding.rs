//! Points as EIP-197 and the alt_bn128 syscalls write them: big-endian, uncompressed.

use ark_bn254::{Fq, G1Affine, G2Affine};
use ark_ec::AffineRepr;
use ark_ff::{BigInteger, PrimeField};

/// `x ‖ y`; zeros for the identity.
pub fn encode_g1(point: &G1Affine) -> [u8; 64] {
    let mut bytes = [0; 64];
    if let Some((x, y)) = point.xy() {
        write(&mut bytes, [x, y]);
    }
    bytes
}

/// `x₁ ‖ x₀ ‖ y₁ ‖ y₀`; zeros for the identity.
pub fn encode_g2(point: &G2Affine) -> [u8; 128] {
    let mut bytes = [0; 128];
    if let Some((x, y)) = point.xy() {
        write(&mut bytes, [x.c1, x.c0, y.c1, y.c0]);
    }
    bytes
}

fn write<const N: usize>(bytes: &mut [u8], coordinates: [Fq; N]) {
    for (target, coordinate) in bytes.chunks_exact_mut(32).zip(coordinates) {
        target.copy_from_slice(&coordinate.into_bigint().to_bytes_be());
    }
}
