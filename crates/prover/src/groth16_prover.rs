//! The Groth16 prover over a proving key and matrices that are kept ready.
//!
//! Groth16 (eprint 2016/260, section 3.2) with the quotient over a coset as in libsnark, whose keys
//! arkworks makes.

use ark_bn254::{g1, g2, Bn254, G1Projective, G2Projective};
use ark_ec::CurveGroup;
use ark_ff::{FftField, Field as _, UniformRand};
use ark_groth16::ProvingKey;
use ark_poly::{EvaluationDomain, Radix2EvaluationDomain};
use attestation::Field;
use circuits::{encode_g1, encode_g2, R1cs, PUBLIC_VARIABLES};
use groth16::{negate_g1, Proof};
use rand::rngs::OsRng;
use rayon::prelude::*;

use crate::msm::{Query, Scalars};

/// A proving key, taken apart for [`ProvingTables::prove`].
pub struct ProvingTables {
    r1cs: R1cs,
    domain: Radix2EvaluationDomain<Field>,
    coset: Radix2EvaluationDomain<Field>,
    /// Inverse of the vanishing polynomial on the coset, where it is constant.
    vanishing_inverse: Field,
    key: ProvingKey<Bn254>,
    a: Query<g1::Config>,
    b_g1: Query<g1::Config>,
    b_g2: Query<g2::Config>,
    l: Query<g1::Config>,
    h: Query<g1::Config>,
}

impl ProvingTables {
    pub fn new(r1cs: R1cs, mut key: ProvingKey<Bn254>) -> Self {
        let domain = Radix2EvaluationDomain::new(r1cs.domain_size())
            .expect("the field has roots of unity for every circuit");
        let coset = domain
            .get_coset(Field::GENERATOR)
            .expect("the generator is not zero");
        let vanishing_inverse = domain
            .evaluate_vanishing_polynomial(Field::GENERATOR)
            .inverse()
            .expect("the coset is disjoint from the domain");
        Self {
            r1cs,
            domain,
            coset,
            vanishing_inverse,
            a: Query::new(0, &std::mem::take(&mut key.a_query)),
            b_g1: Query::new(0, &std::mem::take(&mut key.b_g1_query)),
            b_g2: Query::new(0, &std::mem::take(&mut key.b_g2_query)),
            l: Query::new(PUBLIC_VARIABLES, &std::mem::take(&mut key.l_query)),
            h: Query::new(0, &std::mem::take(&mut key.h_query)),
            key,
        }
    }

    /// A proof for the values of all variables, blinded with the operating system's randomness.
    pub fn prove(&self, values: &[Field]) -> Proof {
        let (r, s) = (Field::rand(&mut OsRng), Field::rand(&mut OsRng));
        let scalars = Scalars::new(values);
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
        self.h.multiply(&Scalars::new(&self.quotient(values)))
    }

    fn quotient(&self, values: &[Field]) -> Vec<Field> {
        let constraints = self.r1cs.num_constraints();
        let evaluate = |matrix: &circuits::Matrix| {
            let mut evaluations: Vec<_> = (0..constraints)
                .into_par_iter()
                .map(|row| matrix.evaluate(row, values))
                .collect();
            evaluations.resize(self.domain.size(), Field::from(0u64));
            evaluations
        };
        let (mut a, mut b) = rayon::join(|| evaluate(&self.r1cs.a), || evaluate(&self.r1cs.b));
        // C·z is A·z ∘ B·z, since the constraints hold.
        let mut c: Vec<_> = a.iter().zip(&b).map(|(a, b)| *a * b).collect();
        // Rows that make the key's points of the public variables independent.
        a[constraints..constraints + PUBLIC_VARIABLES].copy_from_slice(&values[..PUBLIC_VARIABLES]);

        [&mut a, &mut b, &mut c]
            .into_par_iter()
            .for_each(|evaluations| {
                self.domain.ifft_in_place(evaluations);
                self.coset.fft_in_place(evaluations);
            });
        a.par_iter_mut().zip(b).zip(c).for_each(|((a, b), c)| {
            *a = (*a * b - c) * self.vanishing_inverse;
        });
        self.coset.ifft_in_place(&mut a);
        a
    }
}
