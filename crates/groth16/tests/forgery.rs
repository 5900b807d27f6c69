//! Keys and proofs made from known trapdoors: what verifies, what `check` refuses and why.

mod trapdoor;

use ark_bn254::{Fq, Fq2, Fr, G2Affine};
use ark_ff::{BigInteger, One, PrimeField, UniformRand};
use groth16::{negate_g1, verify, KeyError, Point, VerifyError, VerifyingKey};
use rand::rngs::OsRng;
use trapdoor::{encode_g2, field, g1, proof, Trapdoor};

/// A point of the twist that is not in the subgroup of prime order.
fn g2_outside_subgroup() -> [u8; 128] {
    loop {
        let x = Fq2::new(Fq::rand(&mut OsRng), Fq::rand(&mut OsRng));
        if let Some(point) = G2Affine::get_point_from_x_unchecked(x, false) {
            if !point.is_in_correct_subgroup_assuming_on_curve() {
                return encode_g2(point);
            }
        }
    }
}

#[test]
fn verify_simulated_proof_accepts() {
    let trapdoor = Trapdoor::random();
    let key = trapdoor.key();
    assert_eq!(key.check(), Ok(()));
    for input in [Fr::from(0), Fr::from(1), -Fr::one(), Fr::rand(&mut OsRng)] {
        let proof = trapdoor.simulate(input);
        assert_eq!(verify(&key, &proof, &field(input)), Ok(()));
        assert_eq!(
            verify(&key, &proof, &field(input + Fr::one())),
            Err(VerifyError::InvalidProof)
        );
    }
}

#[test]
fn verify_under_another_key_refuses() {
    let (one, other) = (Trapdoor::random(), Trapdoor::random());
    let input = Fr::rand(&mut OsRng);
    assert_eq!(
        verify(&other.key(), &one.simulate(input), &field(input)),
        Err(VerifyError::InvalidProof)
    );
}

#[test]
fn verify_public_input_at_field_order_refuses() {
    let trapdoor = Trapdoor::random();
    let proof = trapdoor.simulate(Fr::from(5));
    let mut aliased = Fr::MODULUS;
    aliased.add_with_carry(&5u64.into());
    for input in [Fr::MODULUS, aliased] {
        let bytes: [u8; 32] = input.to_bytes_be().try_into().expect("32 bytes");
        assert_eq!(
            verify(&trapdoor.key(), &proof, &bytes),
            Err(VerifyError::PublicInputTooLarge)
        );
    }
}

#[test]
fn verify_malformed_point_is_named() {
    let trapdoor = Trapdoor::random();
    let input = Fr::from(5);
    for (offset, point) in [(63, Point::A), (191, Point::B), (255, Point::C)] {
        let mut proof = trapdoor.simulate(input);
        proof[offset] ^= 1;
        assert_eq!(
            verify(&trapdoor.key(), &proof, &field(input)),
            Err(VerifyError::MalformedPoint(point))
        );
    }
    let outside = proof(&g1(input), &g2_outside_subgroup(), &g1(input));
    assert_eq!(
        verify(&trapdoor.key(), &outside, &field(input)),
        Err(VerifyError::MalformedPoint(Point::B))
    );
}

#[test]
fn gamma_equal_delta_key_accepts_forged_proof_and_is_refused() {
    let mut trapdoor = Trapdoor::random();
    trapdoor.delta = trapdoor.gamma;
    let key = trapdoor.key();

    // From the key alone: A = α, B = β, C = −(IC₀ + x·IC₁).
    for input in [Fr::from(7), Fr::rand(&mut OsRng)] {
        let inputs = g1(trapdoor.ic[0] + input * trapdoor.ic[1]);
        let forged = proof(&negate_g1(&key.alpha_g1), &key.beta_g2, &negate_g1(&inputs));
        assert_eq!(verify(&key, &forged, &field(input)), Ok(()));
    }
    assert_eq!(
        key.check(),
        Err(KeyError::Related(Point::Gamma, Point::Delta))
    );

    trapdoor.delta = -trapdoor.gamma;
    assert_eq!(
        trapdoor.key().check(),
        Err(KeyError::Related(Point::Gamma, Point::Delta))
    );
}

#[test]
fn beta_equal_gamma_key_accepts_forged_proof_and_is_refused() {
    let mut trapdoor = Trapdoor::random();
    trapdoor.gamma = trapdoor.beta;
    let key = trapdoor.key();

    // From the key alone: A = α + IC₀ + x·IC₁, B = β, C = 0.
    let input = Fr::rand(&mut OsRng);
    let a = g1(trapdoor.alpha + trapdoor.ic[0] + input * trapdoor.ic[1]);
    let forged = proof(&negate_g1(&a), &key.beta_g2, &[0; 64]);
    assert_eq!(verify(&key, &forged, &field(input)), Ok(()));
    assert_eq!(
        key.check(),
        Err(KeyError::Related(Point::Beta, Point::Gamma))
    );
}

#[test]
fn beta_equal_delta_key_accepts_forged_proof_and_is_refused() {
    let mut trapdoor = Trapdoor::random();
    trapdoor.delta = trapdoor.beta;
    let key = trapdoor.key();

    // From the key alone: A = IC₀ + x·IC₁, B = γ, C = −α.
    let input = Fr::rand(&mut OsRng);
    let a = g1(trapdoor.ic[0] + input * trapdoor.ic[1]);
    let forged = proof(&negate_g1(&a), &key.gamma_g2, &negate_g1(&key.alpha_g1));
    assert_eq!(verify(&key, &forged, &field(input)), Ok(()));
    assert_eq!(
        key.check(),
        Err(KeyError::Related(Point::Beta, Point::Delta))
    );
}

#[test]
fn related_ic_key_accepts_forged_proof_and_is_refused() {
    for (sign, input) in [(Fr::one(), -Fr::one()), (-Fr::one(), Fr::one())] {
        let mut trapdoor = Trapdoor::random();
        trapdoor.ic[1] = trapdoor.ic[0] * sign;
        let key = trapdoor.key();

        // From the key alone: A = α, B = β, C = 0.
        let forged = proof(&negate_g1(&key.alpha_g1), &key.beta_g2, &[0; 64]);
        assert_eq!(verify(&key, &forged, &field(input)), Ok(()));
        assert_eq!(key.check(), Err(KeyError::RelatedIc));
    }
}

#[test]
fn generator_in_key_is_refused_but_for_gamma() {
    for generator in [Fr::one(), -Fr::one()] {
        let with = |set: fn(&mut Trapdoor, Fr)| {
            let mut trapdoor = Trapdoor::random();
            set(&mut trapdoor, generator);
            trapdoor.key().check()
        };
        assert_eq!(
            with(|t, g| t.beta = g),
            Err(KeyError::Generator(Point::Beta))
        );
        assert_eq!(with(|t, g| t.gamma = g), Ok(()));
        assert_eq!(
            with(|t, g| t.delta = g),
            Err(KeyError::Generator(Point::Delta))
        );
    }
}

/// The bytes of a good key with `change` made to the point at each offset in turn.
fn changed_at_each_point(change: impl Fn(&mut [u8])) -> Vec<(Point, Result<(), KeyError>)> {
    let good = Trapdoor::random().key();
    [
        (Point::Alpha, 0..64),
        (Point::Beta, 64..192),
        (Point::Gamma, 192..320),
        (Point::Delta, 320..448),
        (Point::Ic0, 448..512),
        (Point::Ic1, 512..576),
    ]
    .into_iter()
    .map(|(point, range)| {
        let mut bytes = good.as_bytes().to_vec();
        change(&mut bytes[range]);
        (
            point,
            VerifyingKey::from_bytes(&bytes).and_then(|key| key.check()),
        )
    })
    .collect()
}

#[test]
fn identity_in_key_is_refused() {
    for (point, result) in changed_at_each_point(|bytes| bytes.fill(0)) {
        assert_eq!(result, Err(KeyError::Identity(point)));
    }
}

#[test]
fn identity_disguised_by_a_flag_bit_is_refused() {
    // The syscalls take bit 6 of the last coordinate for "identity", whatever the rest says.
    for (point, result) in changed_at_each_point(|bytes| bytes[bytes.len() / 2] |= 0x40) {
        assert_eq!(result, Err(KeyError::NotCanonical(point)));
    }
    for (point, result) in changed_at_each_point(|bytes| bytes[0] = 0xff) {
        assert_eq!(result, Err(KeyError::NotCanonical(point)));
    }
}

#[test]
fn point_off_curve_in_key_is_refused() {
    for (point, result) in changed_at_each_point(|bytes| bytes[bytes.len() - 1] ^= 1) {
        let expected = match point {
            Point::Alpha | Point::Ic0 | Point::Ic1 => KeyError::NotOnCurve(point),
            _ => KeyError::NotInSubgroup(point),
        };
        assert_eq!(result, Err(expected));
    }
}

#[test]
fn point_outside_subgroup_in_key_is_refused() {
    let outside = g2_outside_subgroup();
    let good = Trapdoor::random().key();
    let keys = [
        (
            Point::Beta,
            VerifyingKey {
                beta_g2: outside,
                ..good
            },
        ),
        (
            Point::Gamma,
            VerifyingKey {
                gamma_g2: outside,
                ..good
            },
        ),
        (
            Point::Delta,
            VerifyingKey {
                delta_g2: outside,
                ..good
            },
        ),
    ];
    for (point, key) in keys {
        assert_eq!(key.check(), Err(KeyError::NotInSubgroup(point)));
    }
}

#[test]
fn key_of_wrong_length_is_refused() {
    let bytes = Trapdoor::random().key().as_bytes().to_vec();
    assert_eq!(VerifyingKey::LEN, 576);
    assert_eq!(
        VerifyingKey::from_bytes(&bytes).map(|key| key.as_bytes().to_vec()),
        Ok(bytes)
    );
    for (length, error) in [
        (0, KeyError::Length { found: 0 }),
        (447, KeyError::Length { found: 447 }),
        (575, KeyError::Length { found: 575 }),
        (448, KeyError::IcLength { found: 0 }),
        (512, KeyError::IcLength { found: 1 }),
        (640, KeyError::IcLength { found: 3 }),
    ] {
        assert_eq!(VerifyingKey::from_bytes(&vec![1; length]), Err(error));
    }
}
