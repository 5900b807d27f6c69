use alloc::{vec, vec::Vec};

use solana_sha256_hasher::hashv;

use crate::{
    group::{add, is_product_one, multiply, write_pair, PAIR_LEN},
    is_field_element,
    proof::split,
    scalar::{Coefficient, CoefficientSum, WeightedSum},
    Proof, VerifyError, VerifyingKey,
};

/// Most proofs that are verified together.
pub const MAX_BATCH: usize = 16;

/// Prefix that separates challenges from every other use of SHA-256.
const CHALLENGE_PREFIX: &[u8] = b"strobe/groth16-batch/v1";

/// A proof, and the public input it is to be a proof of.
#[derive(Clone, Copy, Debug)]
pub struct Claim<'a> {
    pub proof: &'a Proof,
    /// Big-endian field element.
    pub public_input: [u8; 32],
}

/// Verifies proofs of the statement behind one key together: one pairing for each, and three more
/// for all.
///
/// Proof `i` is valid if `e(−Aᵢ, Bᵢ)·e(α, β)·e(IC₀ + xᵢ·IC₁, γ)·e(Cᵢ, δ) = 1`. Checked is the product
/// of these equations, each to the power of a coefficient `rᵢ`. Errors of several proofs cancel each
/// other for one in 2¹²⁸ choices of the coefficients, whatever the errors are, so that nobody may
/// choose a proof or an input knowing a coefficient: all coefficients come from a hash over the key,
/// the number of claims, and every byte of every proof and input (Bellare, Garay and Rabin, "Fast
/// batch verification for modular exponentiation and digital signatures", 1998; the small exponents
/// test). The first coefficient is 1, since only the ratios count.
///
/// The key must have passed [`VerifyingKey::check`].
///
/// # Errors
/// [`VerifyError::BatchSize`] for no claim and for more than [`MAX_BATCH`],
/// [`VerifyError::PublicInputTooLarge`] as for a single proof, [`VerifyError::InvalidProof`] if any
/// proof is wrong or malformed, without telling which.
pub fn verify_batch(key: &VerifyingKey, claims: &[Claim]) -> Result<(), VerifyError> {
    if claims.is_empty() || claims.len() > MAX_BATCH {
        let found = claims.len();
        return Err(VerifyError::BatchSize { found });
    }
    if !claims
        .iter()
        .all(|claim| is_field_element(&claim.public_input))
    {
        return Err(VerifyError::PublicInputTooLarge);
    }
    let is_valid = combined_pairs(key, claims).is_some_and(|pairs| is_product_one(&pairs));
    if is_valid {
        Ok(())
    } else {
        Err(VerifyError::InvalidProof)
    }
}

/// The pairs of the product of all equations, `None` if a point is malformed.
fn combined_pairs(key: &VerifyingKey, claims: &[Claim]) -> Option<Vec<u8>> {
    let coefficients = coefficients(key, claims);
    let mut pairs = vec![0; (claims.len() + 3) * PAIR_LEN];
    let mut places = pairs.chunks_exact_mut(PAIR_LEN);
    let mut coefficient_sum = CoefficientSum::default();
    let mut input_sum = WeightedSum::default();
    let mut c_sum: Option<Vec<u8>> = None;
    for (claim, coefficient) in claims.iter().zip(&coefficients) {
        let (a, b, c) = split(claim.proof)?;
        coefficient_sum.add(coefficient);
        input_sum.add_product(coefficient, &claim.public_input);
        let place = places.next()?;
        c_sum = match c_sum {
            None => {
                write_pair(place, a, b);
                Some(c.to_vec())
            }
            Some(sum) => {
                let scalar = coefficient.to_bytes();
                write_pair(place, &multiply(a, &scalar)?, b);
                Some(add(&sum, &multiply(c, &scalar)?)?)
            }
        };
    }
    let coefficient_sum = coefficient_sum.to_bytes();
    let [ic_0, ic_1] = &key.ic;
    let inputs = add(
        &multiply(ic_0, &coefficient_sum)?,
        &multiply(ic_1, &input_sum.reduced())?,
    )?;
    let alpha = multiply(&key.alpha_g1, &coefficient_sum)?;
    write_pair(places.next()?, &inputs, &key.gamma_g2);
    write_pair(places.next()?, &c_sum?, &key.delta_g2);
    write_pair(places.next()?, &alpha, &key.beta_g2);
    Some(pairs)
}

/// One, and 128 bits of hash for each claim after the first.
fn coefficients(key: &VerifyingKey, claims: &[Claim]) -> Vec<Coefficient> {
    let key_hash = key.hash();
    let number = (claims.len() as u64).to_le_bytes();
    let mut transcript: Vec<&[u8]> = vec![CHALLENGE_PREFIX, &key_hash, &number];
    for claim in claims {
        transcript.push(claim.proof);
        transcript.push(&claim.public_input);
    }
    let seed = hashv(&transcript).to_bytes();
    let random = (0u8..).flat_map(|block| {
        let hash = hashv(&[&seed, &[block]]).to_bytes();
        let (halves, _) = hash.as_chunks::<16>();
        [halves[0], halves[1]].map(Coefficient::from_bytes)
    });
    core::iter::once(Coefficient::ONE)
        .chain(random)
        .take(claims.len())
        .collect()
}
