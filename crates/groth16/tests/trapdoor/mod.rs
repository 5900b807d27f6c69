//! Keys made from known secrets, so that proofs of anything can be simulated.

use ark_bn254::{Fr, G1Affine, G1Projective, G2Affine, G2Projective};
use ark_ec::{CurveGroup, PrimeGroup};
use ark_ff::{BigInteger, PrimeField, UniformRand};
use groth16::{negate_g1, Proof, VerifyingKey};
use rand::rngs::OsRng;

/// The secrets behind a key; whoever holds them can simulate a proof of anything.
#[derive(Clone)]
pub struct Trapdoor {
    pub alpha: Fr,
    pub beta: Fr,
    pub gamma: Fr,
    pub delta: Fr,
    pub ic: [Fr; 2],
}

impl Trapdoor {
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

    /// `c` such that `ab = αβ + γ(ic₀ + x·ic₁) + δc`.
    pub fn simulate(&self, input: Fr) -> Proof {
        let (a, b) = (Fr::rand(&mut OsRng), Fr::rand(&mut OsRng));
        let inputs = self.ic[0] + input * self.ic[1];
        let c = (a * b - self.alpha * self.beta - self.gamma * inputs) / self.delta;
        proof(&negate_g1(&g1(a)), &g2(b), &g1(c))
    }
}

pub fn proof(minus_a: &[u8; 64], b: &[u8; 128], c: &[u8; 64]) -> Proof {
    [&minus_a[..], b, c].concat().try_into().expect("256 bytes")
}

pub fn field(value: impl PrimeField) -> [u8; 32] {
    value
        .into_bigint()
        .to_bytes_be()
        .try_into()
        .expect("32 bytes")
}

fn encode_g1(point: G1Affine) -> [u8; 64] {
    [field(point.x), field(point.y)]
        .concat()
        .try_into()
        .expect("64 bytes")
}

pub fn encode_g2(point: G2Affine) -> [u8; 128] {
    [point.x.c1, point.x.c0, point.y.c1, point.y.c0]
        .map(field)
        .concat()
        .try_into()
        .expect("128 bytes")
}

pub fn g1(scalar: Fr) -> [u8; 64] {
    encode_g1((G1Projective::generator() * scalar).into_affine())
}

pub fn g2(scalar: Fr) -> [u8; 128] {
    encode_g2((G2Projective::generator() * scalar).into_affine())
}
