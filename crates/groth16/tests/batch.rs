//! Proofs verified together: what is accepted is what each of them alone would be.

mod trapdoor;

use ark_bn254::Fr;
use ark_ff::{BigInteger, One, PrimeField, UniformRand};
use groth16::{negate_g1, verify, verify_batch, Claim, Proof, VerifyError, MAX_BATCH};
use rand::{rngs::OsRng, seq::SliceRandom, Rng};
use trapdoor::{field, g1, proof, Trapdoor};

fn batch(trapdoor: &Trapdoor, claims: &[(Proof, Fr)]) -> Result<(), VerifyError> {
    let claims: Vec<_> = claims
        .iter()
        .map(|(proof, input)| Claim {
            proof,
            public_input: field(*input),
        })
        .collect();
    verify_batch(&trapdoor.key(), &claims)
}

fn claims(trapdoor: &Trapdoor, count: usize) -> Vec<(Proof, Fr)> {
    (0..count)
        .map(|_| {
            let input = Fr::rand(&mut OsRng);
            (trapdoor.simulate(input), input)
        })
        .collect()
}

#[test]
fn every_size_is_accepted() {
    let trapdoor = Trapdoor::random();
    for count in 1..=MAX_BATCH {
        assert_eq!(batch(&trapdoor, &claims(&trapdoor, count)), Ok(()));
    }
}

#[test]
fn inputs_at_the_ends_of_the_field_are_accepted() {
    let trapdoor = Trapdoor::random();
    let inputs = [Fr::from(0), -Fr::one(), Fr::one(), -Fr::one(), -Fr::one()];
    let claims = inputs.map(|input| (trapdoor.simulate(input), input));
    assert_eq!(batch(&trapdoor, &claims), Ok(()));
}

#[test]
fn same_proof_twice_is_accepted_as_it_would_be_alone() {
    let trapdoor = Trapdoor::random();
    let claims = claims(&trapdoor, 2);
    let repeated = [claims[0], claims[1], claims[0], claims[0]];
    assert_eq!(batch(&trapdoor, &repeated), Ok(()));
}

#[test]
fn none_and_too_many_are_refused() {
    let trapdoor = Trapdoor::random();
    assert_eq!(
        batch(&trapdoor, &[]),
        Err(VerifyError::BatchSize { found: 0 })
    );
    let many = vec![claims(&trapdoor, 1)[0]; MAX_BATCH + 1];
    let found = MAX_BATCH + 1;
    assert_eq!(
        batch(&trapdoor, &many),
        Err(VerifyError::BatchSize { found })
    );
}

#[test]
fn one_wrong_proof_at_any_place_spoils_the_batch() {
    let trapdoor = Trapdoor::random();
    let good = claims(&trapdoor, 5);
    for place in 0..good.len() {
        let mut wrong_input = good.clone();
        wrong_input[place].1 += Fr::one();
        assert_eq!(
            batch(&trapdoor, &wrong_input),
            Err(VerifyError::InvalidProof)
        );

        let mut other_key = good.clone();
        other_key[place].0 = Trapdoor::random().simulate(good[place].1);
        assert_eq!(batch(&trapdoor, &other_key), Err(VerifyError::InvalidProof));

        for offset in [63, 191, 255] {
            let mut malformed = good.clone();
            malformed[place].0[offset] ^= 1;
            assert_eq!(batch(&trapdoor, &malformed), Err(VerifyError::InvalidProof));
        }
    }
}

#[test]
fn swapped_inputs_or_parts_of_proofs_are_refused() {
    let trapdoor = Trapdoor::random();
    let good = claims(&trapdoor, 5);
    for (first, second) in [(0, 1), (0, 4), (2, 3)] {
        let mut swapped = good.clone();
        swapped[first].1 = good[second].1;
        swapped[second].1 = good[first].1;
        assert_eq!(batch(&trapdoor, &swapped), Err(VerifyError::InvalidProof));

        for part in [0..64, 64..192, 192..256] {
            let mut mixed = good.clone();
            mixed[first].0[part.clone()].copy_from_slice(&good[second].0[part.clone()]);
            mixed[second].0[part.clone()].copy_from_slice(&good[first].0[part]);
            assert_eq!(batch(&trapdoor, &mixed), Err(VerifyError::InvalidProof));
        }
    }
}

/// Two proofs whose errors cancel when their equations are multiplied without coefficients: C of
/// one is as much too large as that of the other is too small.
fn cancelling_pair(trapdoor: &Trapdoor, ratio: Fr) -> [(Proof, Fr); 2] {
    let error = Fr::rand(&mut OsRng);
    let with_error = |error: Fr| {
        let input = Fr::rand(&mut OsRng);
        let (a, b) = (Fr::rand(&mut OsRng), Fr::rand(&mut OsRng));
        let inputs = trapdoor.ic[0] + input * trapdoor.ic[1];
        let c = (a * b - trapdoor.alpha * trapdoor.beta - trapdoor.gamma * inputs) / trapdoor.delta;
        let proof = proof(&negate_g1(&g1(a)), &trapdoor::g2(b), &g1(c + error));
        (proof, input)
    };
    [with_error(error * ratio), with_error(-error)]
}

#[test]
fn wrong_proofs_that_cancel_each_other_are_refused() {
    let trapdoor = Trapdoor::random();
    // Cancelling under equal coefficients, and under guesses that a fixed choice would meet.
    let guesses = [
        Fr::one(),
        Fr::from(2),
        Fr::from(3),
        Fr::from(u64::MAX),
        Fr::from(u128::MAX),
        Fr::rand(&mut OsRng),
    ];
    for ratio in guesses {
        let pair = cancelling_pair(&trapdoor, ratio);
        for (proof, input) in &pair {
            assert_eq!(
                verify(&trapdoor.key(), proof, &field(*input)),
                Err(VerifyError::InvalidProof)
            );
        }
        let mut five = claims(&trapdoor, 3);
        five.extend(pair);
        for _ in 0..4 {
            assert_eq!(batch(&trapdoor, &five), Err(VerifyError::InvalidProof));
            five.shuffle(&mut OsRng);
        }
    }
}

#[test]
fn inputs_that_cancel_each_other_are_refused() {
    // Honest proofs, and inputs moved by opposite amounts: the forgery against a challenge that
    // leaves the inputs out.
    let trapdoor = Trapdoor::random();
    let mut claims = claims(&trapdoor, 5);
    let step = Fr::rand(&mut OsRng);
    claims[1].1 += step;
    claims[3].1 -= step;
    assert_eq!(batch(&trapdoor, &claims), Err(VerifyError::InvalidProof));
}

#[test]
fn input_at_or_above_the_order_is_refused() {
    let trapdoor = Trapdoor::random();
    let claims = claims(&trapdoor, 3);
    let mut aliased = Fr::MODULUS;
    aliased.add_with_carry(&claims[1].1.into_bigint());
    let aliased: [u8; 32] = aliased.to_bytes_be().try_into().expect("32 bytes");
    let claims: Vec<_> = claims
        .iter()
        .enumerate()
        .map(|(place, (proof, input))| Claim {
            proof,
            public_input: if place == 1 { aliased } else { field(*input) },
        })
        .collect();
    assert_eq!(
        verify_batch(&trapdoor.key(), &claims),
        Err(VerifyError::PublicInputTooLarge)
    );
}

#[test]
fn batch_of_proofs_of_zeros_is_refused() {
    let trapdoor = Trapdoor::random();
    let zeros = vec![([0; groth16::PROOF_LEN], Fr::from(5)); 5];
    assert_eq!(batch(&trapdoor, &zeros), Err(VerifyError::InvalidProof));
}

#[test]
fn batch_agrees_with_single_verification() {
    let trapdoor = Trapdoor::random();
    for _ in 0..30 {
        let mut claims = claims(&trapdoor, OsRng.gen_range(1..=4));
        for claim in &mut claims {
            if OsRng.gen_ratio(1, 4) {
                claim.1 += Fr::one();
            }
        }
        let alone = claims
            .iter()
            .try_for_each(|(proof, input)| verify(&trapdoor.key(), proof, &field(*input)));
        assert_eq!(batch(&trapdoor, &claims), alone);
    }
}
