use bytemuck::{Pod, Zeroable};
use thiserror::Error;

use crate::point::{
    is_canonical, is_g1, is_g2, is_identity, same_up_to_sign, Point, G1_LEN, G2_GENERATOR, G2_LEN,
};

/// Number of IC points: one for the constant, one for the single public input.
const IC_LEN: usize = 2;

/// Verifying key of a statement with one public input.
///
/// Plain bytes of alignment one, so that an account can hold it. A key made by [`Self::from_bytes`]
/// is not checked: call [`Self::check`] once before trusting it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub struct VerifyingKey {
    pub alpha_g1: [u8; G1_LEN],
    pub beta_g2: [u8; G2_LEN],
    pub gamma_g2: [u8; G2_LEN],
    pub delta_g2: [u8; G2_LEN],
    pub ic: [[u8; G1_LEN]; IC_LEN],
}

/// Why a verifying key is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum KeyError {
    #[error("verifying key has {found} bytes, expected {min} bytes and 64 for each IC point", min = VerifyingKey::LEN - IC_LEN * G1_LEN)]
    Length { found: usize },
    #[error("verifying key has {found} IC points, expected {IC_LEN}: one public input")]
    IcLength { found: usize },
    #[error("{0} of the verifying key is the identity")]
    Identity(Point),
    #[error("{0} of the verifying key has a coordinate not below the field order")]
    NotCanonical(Point),
    #[error("{0} of the verifying key is not on the curve")]
    NotOnCurve(Point),
    #[error("{0} of the verifying key is off the curve or outside the subgroup of prime order")]
    NotInSubgroup(Point),
    #[error("{0} of the verifying key is the generator of G2 or its negative: no secret is in it")]
    Generator(Point),
    #[error("{0} and {1} of the verifying key are equal or opposite: anybody can forge proofs")]
    Related(Point, Point),
    #[error("IC[0] and IC[1] of the verifying key are equal or opposite: one input can be forged")]
    RelatedIc,
}

impl VerifyingKey {
    /// Length in bytes.
    pub const LEN: usize = core::mem::size_of::<Self>();

    /// Reads `alpha ‖ beta ‖ gamma ‖ delta ‖ IC[0] ‖ IC[1]`, without checking the points.
    ///
    /// # Errors
    /// [`KeyError::Length`] if `bytes` is no key at all, [`KeyError::IcLength`] if it is a key of a
    /// statement that has not exactly one public input.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, KeyError> {
        let found = bytes.len();
        let ic_bytes = found
            .checked_sub(Self::LEN - IC_LEN * G1_LEN)
            .ok_or(KeyError::Length { found })?;
        if ic_bytes % G1_LEN != 0 {
            return Err(KeyError::Length { found });
        }
        bytemuck::try_pod_read_unaligned(bytes).map_err(|_| KeyError::IcLength {
            found: ic_bytes / G1_LEN,
        })
    }

    /// The bytes [`Self::from_bytes`] reads.
    pub fn as_bytes(&self) -> &[u8] {
        bytemuck::bytes_of(self)
    }

    /// SHA-256 of the bytes: the identifier of the key.
    pub fn hash(&self) -> [u8; 32] {
        solana_sha256_hasher::hash(self.as_bytes()).to_bytes()
    }

    /// Refuses keys that are malformed or that let anybody forge proofs.
    ///
    /// Two of β, γ, δ equal or opposite make a forgery linear: with γ = δ, the proof
    /// `A = α, B = β, C = −IC` verifies for every input; β = γ and β = δ fall in the same way. The
    /// generator in place of β or δ says that the set-up put no secret there; in place of γ it is
    /// what the ceremonies of Bowe, Gabizon and Miers (2017) make, to whom a secret γ adds nothing.
    /// The relations that remain possible (γ = 7δ, say) cannot be seen in the key; only the
    /// transcript of the set-up speaks against them.
    ///
    /// # Errors
    /// One variant of [`KeyError`] a cause; the first one found.
    pub fn check(&self) -> Result<(), KeyError> {
        let g1 = [
            (&self.alpha_g1, Point::Alpha),
            (&self.ic[0], Point::Ic0),
            (&self.ic[1], Point::Ic1),
        ];
        let g2 = [
            (&self.beta_g2, Point::Beta),
            (&self.gamma_g2, Point::Gamma),
            (&self.delta_g2, Point::Delta),
        ];

        for (bytes, point) in g1 {
            check_encoding(bytes, point)?;
            if !is_g1(bytes) {
                return Err(KeyError::NotOnCurve(point));
            }
        }
        for (bytes, point) in g2 {
            check_encoding(bytes, point)?;
            if point != Point::Gamma && same_up_to_sign(bytes, &G2_GENERATOR) {
                return Err(KeyError::Generator(point));
            }
        }
        for (left, right) in [(0, 1), (0, 2), (1, 2)] {
            if same_up_to_sign(g2[left].0, g2[right].0) {
                return Err(KeyError::Related(g2[left].1, g2[right].1));
            }
        }
        if same_up_to_sign(&self.ic[0], &self.ic[1]) {
            return Err(KeyError::RelatedIc);
        }
        // Last, since the pairings are nearly all of the cost.
        for (bytes, point) in g2 {
            if !is_g2(bytes) {
                return Err(KeyError::NotInSubgroup(point));
            }
        }
        Ok(())
    }
}

fn check_encoding(bytes: &[u8], point: Point) -> Result<(), KeyError> {
    if is_identity(bytes) {
        return Err(KeyError::Identity(point));
    }
    if !is_canonical(bytes) {
        return Err(KeyError::NotCanonical(point));
    }
    Ok(())
}
