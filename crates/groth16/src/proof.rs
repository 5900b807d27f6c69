use groth16_solana::groth16::{is_less_than_bn254_field_size_be, negate_g1_be};
use thiserror::Error;

use crate::{
    group::{add, is_product_one, multiply, write_pair, PAIR_LEN},
    point::{is_canonical, is_g1, is_g2, G1_LEN, G2_LEN},
    Point, VerifyingKey, MAX_BATCH,
};

/// Length of a proof in bytes.
pub const PROOF_LEN: usize = 2 * G1_LEN + G2_LEN;

/// A proof: `−A ‖ B ‖ C`. A is stored negated so that the chain need not do it.
pub type Proof = [u8; PROOF_LEN];

/// Why a proof is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum VerifyError {
    #[error("public input is not below the field order")]
    PublicInputTooLarge,
    #[error("{0} of the proof is not a point of its group")]
    MalformedPoint(Point),
    #[error("proof does not show the statement of this public input under this verifying key")]
    InvalidProof,
    #[error("there are {found} claims to verify together, expected 1 to {MAX_BATCH}")]
    BatchSize { found: usize },
}

/// Verifies `proof` of the statement behind `key` for `public_input`, a big-endian field element.
///
/// The key must have passed [`VerifyingKey::check`].
///
/// # Errors
/// [`VerifyError::PublicInputTooLarge`] for an input at or above the field order, which would alias
/// a smaller one. [`VerifyError::MalformedPoint`] if a point of the proof is not in its group,
/// [`VerifyError::InvalidProof`] if the proof is well-formed and wrong. Telling these two apart is
/// done after the failure and costs one more pairing then.
pub fn verify(
    key: &VerifyingKey,
    proof: &Proof,
    public_input: &[u8; 32],
) -> Result<(), VerifyError> {
    if !is_less_than_bn254_field_size_be(public_input) {
        return Err(VerifyError::PublicInputTooLarge);
    }
    let (a, b, c) = split(proof).ok_or(VerifyError::InvalidProof)?;
    let [ic_0, ic_1] = &key.ic;
    let inputs = multiply(ic_1, public_input).and_then(|point| add(&point, ic_0));
    let is_valid = inputs.is_some_and(|inputs| {
        let mut pairing = [0; 4 * PAIR_LEN];
        let pairs: [(&[u8], _); 4] = [
            (a, b),
            (&inputs, &key.gamma_g2),
            (c, &key.delta_g2),
            (&key.alpha_g1, &key.beta_g2),
        ];
        for (place, (g1, g2)) in pairing.chunks_exact_mut(PAIR_LEN).zip(pairs) {
            write_pair(place, g1, g2);
        }
        is_product_one(&pairing)
    });
    if is_valid {
        Ok(())
    } else {
        Err(cause_of_failure(a, b, c))
    }
}

/// Whether `bytes` are a canonical element of the scalar field, big-endian.
pub fn is_field_element(bytes: &[u8; 32]) -> bool {
    is_less_than_bn254_field_size_be(bytes)
}

/// `−P` for a G1 point: what turns the A of other Groth16 tools into the A of a [`Proof`].
pub fn negate_g1(point: &[u8; 64]) -> [u8; 64] {
    negate_g1_be(point)
}

pub(crate) fn split(proof: &Proof) -> Option<(&[u8; G1_LEN], &[u8; G2_LEN], &[u8; G1_LEN])> {
    let (a, rest) = proof.split_first_chunk()?;
    let (b, rest) = rest.split_first_chunk()?;
    Some((a, b, rest.first_chunk()?))
}

fn cause_of_failure(a: &[u8; G1_LEN], b: &[u8; G2_LEN], c: &[u8; G1_LEN]) -> VerifyError {
    let well_formed = [
        (Point::A, is_canonical(a) && is_g1(a)),
        (Point::C, is_canonical(c) && is_g1(c)),
        (Point::B, is_canonical(b) && is_g2(b)),
    ];
    well_formed
        .into_iter()
        .find(|(_, is_well_formed)| !is_well_formed)
        .map_or(VerifyError::InvalidProof, |(point, _)| {
            VerifyError::MalformedPoint(point)
        })
}
