//! Groth16 keys whose trapdoor is known, so that a proof of anything can be simulated at once.
//!
//! It stands in for the prover where a test is about the chain, and it makes the bad keys and
//! forged proofs that the oracle must refuse.

use ark_bn254::{Fq, Fq2, Fr, G1Affine, G1Projective, G2Affine, G2Projective};
use ark_ec::{AffineRepr, CurveGroup, PrimeGroup};
use ark_ff::{BigInteger, PrimeField, UniformRand};
use groth16::{Proof, VerifyingKey};
use rand::rngs::OsRng;

/// The secrets behind a key with one public input.
#[derive(Clone, Copy, Debug)]
pub struct Trapdoor {
    pub alpha: Fr,
    pub beta: Fr,
    pub gamma: Fr,
    pub delta: Fr,
    pub ic: [Fr; 2],
}

impl Trapdoor {
    /// From the randomness of the operating system.
    pub fn random() -> Self {
        let random = || Fr::rand(&mut OsRng);
        Self {
            alpha: random(),
            beta: random(),
            gamma: random(),
            delta: random(),
            ic: [random(), random()],
        }
    }

    pub fn key(&self) -> VerifyingKey {
        VerifyingKey {
            alpha_g1: g1(self.alpha),
            beta_g2: g2(self.beta),
            gamma_g2: g2(self.gamma),
            delta_g2: g2(self.delta),
            ic: self.ic.map(g1),
        }
    }

    /// A proof of the statement with this public input: for random a and b, the c that makes
    /// `ab = αβ + γ(ic₀ + x·ic₁) + δc` hold.
    pub fn prove(&self, public_input: Fr) -> Proof {
        let (a, b) = (Fr::rand(&mut OsRng), Fr::rand(&mut OsRng));
        let inputs = self.ic[0] + public_input * self.ic[1];
        let c = (a * b - self.alpha * self.beta - self.gamma * inputs) / self.delta;
        join(&g1(-a), &g2(b), &g1(c))
    }
}

/// Another proof of the same statement, made from the proof and the key alone: for random r and s,
/// `A' = A/r, B' = rB + rsδ, C' = C + sA`.
pub fn randomize(proof: &Proof, key: &VerifyingKey) -> Option<Proof> {
    let a = -decode_g1(proof[..64].try_into().ok()?);
    let b = decode_g2(proof[64..192].try_into().ok()?);
    let c = decode_g1(proof[192..].try_into().ok()?);
    let delta = decode_g2(&key.delta_g2);
    let (r, s) = (Fr::rand(&mut OsRng), Fr::rand(&mut OsRng));
    let other_a = a * (Fr::from(1) / r);
    let other_b = b * r + delta * (r * s);
    let other_c = a * s + c;
    Some(join(
        &encode_g1((-other_a).into_affine()),
        &encode_g2(other_b.into_affine()),
        &encode_g1(other_c.into_affine()),
    ))
}

/// `scalar` times the generator of G1, as the oracle reads it.
pub fn g1(scalar: Fr) -> [u8; 64] {
    encode_g1((G1Projective::generator() * scalar).into_affine())
}

/// `scalar` times the generator of G2, as the oracle reads it.
pub fn g2(scalar: Fr) -> [u8; 128] {
    encode_g2((G2Projective::generator() * scalar).into_affine())
}

/// A point of the twist that is not in the subgroup of prime order.
pub fn g2_outside_subgroup() -> [u8; 128] {
    loop {
        let x = Fq2::new(Fq::rand(&mut OsRng), Fq::rand(&mut OsRng));
        if let Some(point) = G2Affine::get_point_from_x_unchecked(x, false) {
            if !point.is_in_correct_subgroup_assuming_on_curve() {
                return encode_g2(point);
            }
        }
    }
}

/// The field element of these bytes, big-endian.
pub fn element(bytes: &[u8; 32]) -> attestation::Field {
    attestation::Field::from_be_bytes_mod_order(bytes)
}

/// A field element, big-endian.
pub fn field(element: impl PrimeField) -> [u8; 32] {
    let mut bytes = [0; 32];
    bytes.copy_from_slice(&element.into_bigint().to_bytes_be());
    bytes
}

fn join(minus_a: &[u8; 64], b: &[u8; 128], c: &[u8; 64]) -> Proof {
    let mut proof = [0; groth16::PROOF_LEN];
    proof[..64].copy_from_slice(minus_a);
    proof[64..192].copy_from_slice(b);
    proof[192..].copy_from_slice(c);
    proof
}

fn encode_g1(point: G1Affine) -> [u8; 64] {
    let mut bytes = [0; 64];
    if let Some((x, y)) = point.xy() {
        bytes[..32].copy_from_slice(&field(x));
        bytes[32..].copy_from_slice(&field(y));
    }
    bytes
}

fn encode_g2(point: G2Affine) -> [u8; 128] {
    let mut bytes = [0; 128];
    if let Some((x, y)) = point.xy() {
        for (chunk, coordinate) in bytes.chunks_exact_mut(32).zip([x.c1, x.c0, y.c1, y.c0]) {
            chunk.copy_from_slice(&field(coordinate));
        }
    }
    bytes
}

fn decode_g1(bytes: &[u8; 64]) -> G1Projective {
    let [x, y] = [&bytes[..32], &bytes[32..]].map(Fq::from_be_bytes_mod_order);
    G1Affine::new_unchecked(x, y).into()
}

fn decode_g2(bytes: &[u8; 128]) -> G2Projective {
    let coordinate = |index: usize| Fq::from_be_bytes_mod_order(&bytes[32 * index..][..32]);
    let x = Fq2::new(coordinate(1), coordinate(0));
    let y = Fq2::new(coordinate(3), coordinate(2));
    G2Affine::new_unchecked(x, y).into()
}
