use core::fmt;

use solana_bn254::prelude::{
    alt_bn128_g1_addition_be, alt_bn128_pairing_be, ALT_BN128_G1_ADDITION_INPUT_SIZE,
    ALT_BN128_PAIRING_ELEMENT_SIZE,
};

pub(crate) const G1_LEN: usize = 64;
pub(crate) const G2_LEN: usize = 128;
const COORDINATE_LEN: usize = 32;

/// Order of the field that holds the coordinates (EIP-197, `p`), big-endian.
const BASE_FIELD_ORDER: [u8; COORDINATE_LEN] = [
    0x30, 0x64, 0x4e, 0x72, 0xe1, 0x31, 0xa0, 0x29, 0xb8, 0x50, 0x45, 0xb6, 0x81, 0x81, 0x58, 0x5d,
    0x97, 0x81, 0x6a, 0x91, 0x68, 0x71, 0xca, 0x8d, 0x3c, 0x20, 0x8c, 0x16, 0xd8, 0x7c, 0xfd, 0x47,
];

/// Generator of G2 (EIP-197, `P2`).
pub(crate) const G2_GENERATOR: [u8; G2_LEN] = [
    0x19, 0x8e, 0x93, 0x93, 0x92, 0x0d, 0x48, 0x3a, 0x72, 0x60, 0xbf, 0xb7, 0x31, 0xfb, 0x5d, 0x25,
    0xf1, 0xaa, 0x49, 0x33, 0x35, 0xa9, 0xe7, 0x12, 0x97, 0xe4, 0x85, 0xb7, 0xae, 0xf3, 0x12, 0xc2,
    0x18, 0x00, 0xde, 0xef, 0x12, 0x1f, 0x1e, 0x76, 0x42, 0x6a, 0x00, 0x66, 0x5e, 0x5c, 0x44, 0x79,
    0x67, 0x43, 0x22, 0xd4, 0xf7, 0x5e, 0xda, 0xdd, 0x46, 0xde, 0xbd, 0x5c, 0xd9, 0x92, 0xf6, 0xed,
    0x09, 0x06, 0x89, 0xd0, 0x58, 0x5f, 0xf0, 0x75, 0xec, 0x9e, 0x99, 0xad, 0x69, 0x0c, 0x33, 0x95,
    0xbc, 0x4b, 0x31, 0x33, 0x70, 0xb3, 0x8e, 0xf3, 0x55, 0xac, 0xda, 0xdc, 0xd1, 0x22, 0x97, 0x5b,
    0x12, 0xc8, 0x5e, 0xa5, 0xdb, 0x8c, 0x6d, 0xeb, 0x4a, 0xab, 0x71, 0x80, 0x8d, 0xcb, 0x40, 0x8f,
    0xe3, 0xd1, 0xe7, 0x69, 0x0c, 0x43, 0xd3, 0x7b, 0x4c, 0xe6, 0xcc, 0x01, 0x66, 0xfa, 0x7d, 0xaa,
];

/// A point of a verifying key or of a proof, for error messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Point {
    Alpha,
    Beta,
    Gamma,
    Delta,
    Ic0,
    Ic1,
    A,
    B,
    C,
}

impl fmt::Display for Point {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Alpha => "alpha",
            Self::Beta => "beta",
            Self::Gamma => "gamma",
            Self::Delta => "delta",
            Self::Ic0 => "IC[0]",
            Self::Ic1 => "IC[1]",
            Self::A => "A",
            Self::B => "B",
            Self::C => "C",
        })
    }
}

pub(crate) fn is_identity(point: &[u8]) -> bool {
    point.iter().all(|byte| *byte == 0)
}

/// Whether every coordinate is below the field order.
///
/// The syscalls read the two topmost bits of the last coordinate as flags, one of which means
/// "identity". A check of the order is the only way to see such a disguised identity.
pub(crate) fn is_canonical(point: &[u8]) -> bool {
    point
        .chunks_exact(COORDINATE_LEN)
        .all(|coordinate| coordinate < &BASE_FIELD_ORDER[..])
}

/// Whether a canonical point is on the curve. G1 has cofactor one, so it is then in the group.
pub(crate) fn is_g1(point: &[u8; G1_LEN]) -> bool {
    let mut input = [0; ALT_BN128_G1_ADDITION_INPUT_SIZE];
    input[..G1_LEN].copy_from_slice(point);
    alt_bn128_g1_addition_be(&input).is_ok()
}

/// Whether a canonical point is on the twist and in its subgroup of prime order.
///
/// Of the syscalls open to programs only the pairing checks the subgroup.
pub(crate) fn is_g2(point: &[u8; G2_LEN]) -> bool {
    const G1_GENERATOR: [u8; G1_LEN] = {
        let mut generator = [0; G1_LEN];
        generator[COORDINATE_LEN - 1] = 1;
        generator[G1_LEN - 1] = 2;
        generator
    };
    let mut input = [0; ALT_BN128_PAIRING_ELEMENT_SIZE];
    input[..G1_LEN].copy_from_slice(&G1_GENERATOR);
    input[G1_LEN..].copy_from_slice(point);
    alt_bn128_pairing_be(&input).is_ok()
}

/// Whether two points of one group are equal or opposite: whether they share `x`.
pub(crate) fn same_up_to_sign<const LEN: usize>(left: &[u8; LEN], right: &[u8; LEN]) -> bool {
    left[..LEN / 2] == right[..LEN / 2]
}
