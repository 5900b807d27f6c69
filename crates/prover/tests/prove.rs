//! Proofs of real quorums: what verifies, and what does not.

use ark_bn254::{Bn254, Fq, Fq2, G1Affine, G2Affine};
use ark_ff::PrimeField;
use ark_groth16::Groth16;
use ark_snark::SNARK;
use attestation::{
    Attestation, Domain, FeedKind, Field, Millis, Observation, Provider, ProviderSet, Quorum,
    SecretKey,
};
use circuits::{Circuit, CircuitError, Keys};
use groth16::{negate_g1, VerifyError};
use prover::{Prover, ProverError};

const TIME: u64 = 1_671_375_600_000;

fn quorum(threshold: u64, size: usize, value: i64) -> Quorum {
    let domain = Domain::new(&[7; 32], "localnet");
    let millis = |time| Millis::new(time).expect("small");
    let secrets: Vec<_> = (0..size).map(|_| SecretKey::generate()).collect();
    let providers = secrets
        .iter()
        .map(|secret| Provider {
            name: String::new(),
            public_key: secret.public_key(),
        })
        .collect();
    let set = ProviderSet::new(threshold, providers).expect("keys are fresh");
    let observation = Observation::new(Field::from(42), millis(TIME + 5), millis(TIME - 5), value)
        .expect("times are in order");
    let attestations: Vec<_> = secrets
        .iter()
        .map(|secret| Attestation::sign(secret, domain, observation))
        .collect();
    Quorum::new(
        &set,
        domain,
        FeedKind::Tick,
        Field::from(42),
        millis(TIME),
        &attestations,
        None,
    )
    .expect("all agree")
}

#[test]
fn proof_verifies_for_its_statement_alone() {
    let keys = Keys::generate(Circuit::Quorum3).expect("generates");
    let ark_key = keys.proving_key.vk.clone();
    let prover = Prover::new(keys);
    let quorum = quorum(2, 5, -7);
    let made = prover.prove(&quorum).expect("proves");
    assert_eq!(made.statement, *quorum.statement());

    let verify = |proof, input| groth16::verify(prover.verifying_key(), proof, input);
    assert_eq!(verify(&made.proof, &made.public_input), Ok(()));

    // arkworks' own verifier agrees.
    let fq = |bytes: &[u8]| Fq::from_be_bytes_mod_order(bytes);
    let g1 = |bytes: &[u8]| G1Affine::new(fq(&bytes[..32]), fq(&bytes[32..]));
    let minus_a = made.proof[..64].try_into().expect("64 bytes");
    let b = &made.proof[64..192];
    let proof = ark_groth16::Proof::<Bn254> {
        a: g1(&negate_g1(&minus_a)),
        b: G2Affine::new(
            Fq2::new(fq(&b[32..64]), fq(&b[..32])),
            Fq2::new(fq(&b[96..]), fq(&b[64..96])),
        ),
        c: g1(&made.proof[192..]),
    };
    let inputs = [quorum.statement().hash()];
    assert!(Groth16::<Bn254>::verify(&ark_key, &inputs, &proof).expect("well-formed"));

    // The same quorum proven again: other bytes, same statement.
    let again = prover.prove(&quorum).expect("proves");
    assert_ne!(again.proof, made.proof);
    assert_eq!(again.public_input, made.public_input);

    let mut other_input = made.public_input;
    other_input[31] ^= 1;
    assert_eq!(
        verify(&made.proof, &other_input),
        Err(VerifyError::InvalidProof)
    );
    let mut mixed = made.proof;
    mixed[192..].copy_from_slice(&again.proof[192..]);
    assert_eq!(
        verify(&mixed, &made.public_input),
        Err(VerifyError::InvalidProof)
    );
    let other_keys = Keys::generate(Circuit::Quorum3).expect("generates");
    assert_eq!(
        groth16::verify(&other_keys.verifying_key, &made.proof, &made.public_input),
        Err(VerifyError::InvalidProof)
    );
}

#[test]
fn every_threshold_the_circuit_has_room_for_is_proven() {
    let prover = Prover::new(Keys::generate(Circuit::Quorum6).expect("generates"));
    for (threshold, size) in [(1, 1), (5, 6), (6, 16)] {
        let made = prover
            .prove(&quorum(threshold, size, 1 << 40))
            .expect("proves");
        assert_eq!(made.statement.threshold as u64, threshold);
    }
    assert_eq!(
        prover.prove(&quorum(7, 8, 1)).map(|_| ()),
        Err(ProverError::Circuit(CircuitError::ThresholdAboveSlots {
            threshold: 7,
            slots: 6
        }))
    );
}
