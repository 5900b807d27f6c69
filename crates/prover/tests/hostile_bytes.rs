//! Proofs and verifying keys, damaged at random: nothing panics, and nothing but the proof verifies, or its
//! points written otherwise.

use attestation::{
    Attestation, Domain, FeedKind, Field, Millis, Observation, Provider, ProviderSet, Quorum,
    SecretKey,
};
use circuits::{Circuit, Keys};
use fuzzing::search;
use groth16::{verify, VerifyingKey, PROOF_LEN};
use prover::Prover;

/// Where the y of A, B and C begin. Their highest bit is the sign of points that come without y, and
/// ignored here: proof bytes identify nothing.
const SIGNED: [usize; 3] = [32, 128, 224];

fn quorum() -> Quorum {
    let (domain, feed) = (Domain(Field::from(5)), Field::from(42));
    let at = Millis::new(1_671_375_600_000).expect("small");
    let observation = Observation::new(feed, at, Millis::default(), 3).expect("in order");
    let secrets: Vec<_> = (0..2).map(|_| SecretKey::generate()).collect();
    let providers = secrets.iter().map(|secret| Provider {
        name: String::new(),
        public_key: secret.public_key(),
    });
    let set = ProviderSet::new(2, providers.collect()).expect("fresh keys");
    let signed: Vec<_> = secrets
        .iter()
        .map(|secret| Attestation::sign(secret, domain, observation))
        .collect();
    Quorum::new(&set, domain, FeedKind::Event, feed, at, &signed, None).expect("all agree")
}

#[test]
fn proofs_and_keys() {
    let prover = Prover::new(Keys::generate(Circuit::Quorum3).expect("generates"));
    let key = *prover.verifying_key();
    let made = prover.prove(&quorum()).expect("a proof");
    let whole = [&made.proof[..], &made.public_input].concat();
    search("proofs", std::slice::from_ref(&whole), |bytes| {
        let Some((proof, input)) = bytes.split_first_chunk::<PROOF_LEN>() else {
            return;
        };
        let Ok(input) = input.try_into() else {
            return;
        };
        let mut unsigned = bytes.to_vec();
        for y in SIGNED {
            unsigned[y] &= 0x7f;
        }
        assert_eq!(verify(&key, proof, input).is_ok(), unsigned == whole);
    });
    search("verifying keys", &[key.as_bytes().to_vec()], |bytes| {
        let Ok(read) = VerifyingKey::from_bytes(bytes) else {
            return;
        };
        assert_eq!(read.as_bytes(), bytes);
        if read.check().is_ok() {
            let is_valid = verify(&read, &made.proof, &made.public_input).is_ok();
            assert_eq!(is_valid, read == key);
        }
    });
}
