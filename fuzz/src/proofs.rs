//! What the chain verifies.

use attestation::{
    Attestation, Domain, FeedKind, Field, Millis, Observation, Provider, ProviderSet, Quorum,
    SecretKey,
};
use circuits::{Circuit, Keys};
use groth16::{verify, VerifyingKey, PROOF_LEN};
use prover::{Provenance, Prover};

use crate::Target;

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

fn proven() -> (VerifyingKey, Provenance) {
    let prover = Prover::new(Keys::generate(Circuit::Quorum3).expect("generates"));
    let made = prover.prove(&quorum()).expect("a proof");
    (*prover.verifying_key(), made)
}

/// Nothing but the proof verifies, or its points written otherwise.
pub fn proofs() -> Target {
    let (key, made) = proven();
    let whole = [&made.proof[..], &made.public_input].concat();
    Target::new("proofs", [whole.clone()], move |bytes| {
        let Some((proof, input)) = bytes.split_first_chunk::<PROOF_LEN>() else {
            return false;
        };
        let Ok(input) = input.try_into() else {
            return false;
        };
        let mut unsigned = bytes.to_vec();
        for y in SIGNED {
            unsigned[y] &= 0x7f;
        }
        let is_valid = verify(&key, proof, input).is_ok();
        assert_eq!(is_valid, unsigned == whole);
        is_valid
    })
}

/// A proof verifies under its key alone.
pub fn verifying_keys() -> Target {
    let (key, made) = proven();
    Target::new("verifying_keys", [key.as_bytes().to_vec()], move |bytes| {
        let Ok(read) = VerifyingKey::from_bytes(bytes) else {
            return false;
        };
        assert_eq!(read.as_bytes(), bytes);
        let is_taken = read.check().is_ok();
        if is_taken {
            let is_valid = verify(&read, &made.proof, &made.public_input).is_ok();
            assert_eq!(is_valid, read == key);
        }
        is_taken
    })
}
