//! The Groth16 prover over a proving key and matrices that are kept ready.
//!
//! Groth16 (eprint 2016/260, section 3.2) with the quotient over a coset as in libsnark, whose keys
//! arkworks makes.

use std::mem::take;

use ark_bn254::{g1, g2, Bn254, G1Projective, G2Projective};
use ark_ec::CurveGroup;
use ark_ff::{FftField, Field as _, UniformRand, Zero};
use ark_groth16::ProvingKey;
use ark_poly::{EvaluationDomain, Radix2EvaluationDomain};
use attestation::Field;
use circuits::{encode_g1, encode_g2, Matrix, R1cs, PUBLIC_VARIABLES};
use groth16::{negate_g1, Proof};
use rand::rngs::OsRng;
use rayon::prelude::*;

use crate::msm::{Layout, Query, Scalars};

/// A proving key, taken apart for [`ProvingTables::prove`].
pub struct ProvingTables {
    r1cs: R1cs,
    domain: Radix2EvaluationDomain<Field>,
    coset: Radix2EvaluationDomain<Field>,
    /// `1/(1 − gⁿ)` for the coset's offset `g` and its size `n`.
    quotient_factor: Field,
    layout: Layout,
    key: ProvingKey<Bn254>,
    a: Query<g1::Config>,
    b_g1: Query<g1::Config>,
    b_g2: Query<g2::Config>,
    l: Query<g1::Config>,
    h: Query<g1::Config>,
}

impl ProvingTables {
    /// Points that are kept in more than one multiple make faster proofs, see [`Layout`].
    pub fn new(r1cs: R1cs, mut key: ProvingKey<Bn254>, layout: fn(usize) -> Layout) -> Self {
        let domain = Radix2EvaluationDomain::new(r1cs.domain_size())
            .expect("the field has roots of unity for every circuit");
        let coset = domain
            .get_coset(Field::GENERATOR)
            .expect("the generator is not zero");
        let quotient_factor = (-domain.evaluate_vanishing_polynomial(Field::GENERATOR))
            .inverse()
            .expect("the coset is disjoint from the domain");
        let layout = layout(domain.size());
        Self {
            a: Query::new(0, &take(&mut key.a_query), layout),
            b_g1: Query::new(0, &take(&mut key.b_g1_query), layout),
            b_g2: Query::new(0, &take(&mut key.b_g2_query), layout),
            l: Query::new(PUBLIC_VARIABLES, &take(&mut key.l_query), layout),
            h: Query::new(0, &take(&mut key.h_query), layout),
            r1cs,
            domain,
            coset,
            quotient_factor,
            layout,
            key,
        }
    }

    /// A proof for the values of all variables, blinded with the operating system's randomness.
    pub fn prove(&self, values: &[Field]) -> Proof {
        let (r, s) = (Field::rand(&mut OsRng), Field::rand(&mut OsRng));
        let scalars = Scalars::new(values, self.layout);
        let ((h, l), ((a, b_g1), b_g2)) = rayon::join(
            || {
                rayon::join(
                    || self.multiply_quotient(values),
                    || self.l.multiply(&scalars),
                )
            },
            || {
                rayon::join(
                    || {
                        rayon::join(
                            || self.a.multiply(&scalars),
                            || self.b_g1.multiply(&scalars),
                        )
                    },
                    || self.b_g2.multiply(&scalars),
                )
            },
        );
        let key = &self.key;
        let a: G1Projective = a + key.vk.alpha_g1 + key.delta_g1 * r;
        let b_g1: G1Projective = b_g1 + key.beta_g1 + key.delta_g1 * s;
        let b: G2Projective = b_g2 + key.vk.beta_g2 + key.vk.delta_g2 * s;
        let c: G1Projective = h + l + a * s + b_g1 * r - key.delta_g1 * (r * s);

        let mut proof = [0; groth16::PROOF_LEN];
        proof[..64].copy_from_slice(&negate_g1(&encode_g1(&a.into_affine())));
        proof[64..192].copy_from_slice(&encode_g2(&b.into_affine()));
        proof[192..].copy_from_slice(&encode_g1(&c.into_affine()));
        proof
    }

    /// The quotient `(A·B − C)/Z`, its coefficients multiplied with the key.
    fn multiply_quotient(&self, values: &[Field]) -> G1Projective {
        self.h
            .multiply(&Scalars::new(&self.quotient(values), self.layout))
    }

    /// Coefficients of the quotient `H = (A·B − C)/(Xⁿ − 1)`.
    ///
    /// `A·B = C + H·(Xⁿ − 1)` has the coefficients `cᵢ − hᵢ`, and `hᵢ` at `i + n`. Interpolation of
    /// its values on the domain gives `cᵢ − hᵢ + hᵢ`, on the coset `cᵢ − hᵢ + gⁿ·hᵢ`; `H` is the
    /// difference of the two over `1 − gⁿ`. This takes six transforms, of A and B alone.
    fn quotient(&self, values: &[Field]) -> Vec<Field> {
        let constraints = self.r1cs.num_constraints();
        let evaluate = |matrix: &Matrix| {
            let mut evaluations: Vec<_> = (0..constraints)
                .into_par_iter()
                .map(|row| matrix.evaluate(row, values))
                .collect();
            evaluations.resize(self.domain.size(), Field::zero());
            evaluations
        };
        let (mut a, mut b) = rayon::join(|| evaluate(&self.r1cs.a), || evaluate(&self.r1cs.b));
        // Rows that keep the key's points of the public variables independent; B is zero there.
        a[constraints..constraints + PUBLIC_VARIABLES].copy_from_slice(&values[..PUBLIC_VARIABLES]);

        let mut on_domain = product(&a, &b);
        let ((), on_coset) = rayon::join(
            || self.domain.ifft_in_place(&mut on_domain),
            || {
                let to_coset = |evaluations: &mut Vec<Field>| {
                    self.domain.ifft_in_place(evaluations);
                    self.coset.fft_in_place(evaluations);
                };
                rayon::join(|| to_coset(&mut a), || to_coset(&mut b));
                let mut on_coset = product(&a, &b);
                self.coset.ifft_in_place(&mut on_coset);
                on_coset
            },
        );
        on_domain
            .into_par_iter()
            .zip(on_coset)
            .map(|(domain, coset)| (domain - coset) * self.quotient_factor)
            .collect()
    }
}

fn product(left: &[Field], right: &[Field]) -> Vec<Field> {
    left.par_iter()
        .zip(right)
        .map(|(left, right)| *left * right)
        .collect()
}
