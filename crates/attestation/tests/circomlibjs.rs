//! Agreement with circomlibjs; `scripts/interop` wrote the vectors.

use attestation::{parse_field, poseidon, root_of_leaves, Attestation, Domain, Field, CAPACITY};
use serde::Deserialize;

#[derive(Deserialize)]
struct Vectors {
    hashes: Vec<Hash>,
    domain: String,
    attestations: Vec<Signed>,
    tree: Tree,
}

#[derive(Deserialize)]
struct Hash {
    inputs: Vec<String>,
    hash: String,
}

#[derive(Deserialize)]
struct Signed {
    message: String,
    attestation: Attestation,
}

#[derive(Deserialize)]
struct Tree {
    leaves: Vec<String>,
    root: String,
}

fn vectors() -> Vectors {
    serde_json::from_str(include_str!("fixtures/circomlibjs.json")).expect("vectors are readable")
}

fn field(text: &str) -> Field {
    parse_field(text).expect("vectors are canonical")
}

fn hash_of<const N: usize>(inputs: &[Field]) -> Field {
    poseidon::<N>(inputs.try_into().expect("caller matched the length"))
}

#[test]
fn poseidon_agrees() {
    for Hash { inputs, hash } in vectors().hashes {
        let inputs: Vec<Field> = inputs.iter().map(|input| field(input)).collect();
        let found = match inputs.len() {
            1 => hash_of::<1>(&inputs),
            2 => hash_of::<2>(&inputs),
            3 => hash_of::<3>(&inputs),
            4 => hash_of::<4>(&inputs),
            5 => hash_of::<5>(&inputs),
            6 => hash_of::<6>(&inputs),
            7 => hash_of::<7>(&inputs),
            8 => hash_of::<8>(&inputs),
            9 => hash_of::<9>(&inputs),
            10 => hash_of::<10>(&inputs),
            11 => hash_of::<11>(&inputs),
            12 => hash_of::<12>(&inputs),
            other => panic!("no hash of {other} inputs"),
        };
        assert_eq!(found, field(&hash));
    }
}

#[test]
fn signatures_are_accepted_and_messages_agree() {
    let vectors = vectors();
    let domain = Domain(field(&vectors.domain));
    for Signed {
        message,
        attestation,
    } in vectors.attestations
    {
        assert_eq!(attestation.observation.message(domain), field(&message));
        assert_eq!(attestation.verify(domain), Ok(()));
        assert!(attestation
            .verify(Domain(domain.0 + Field::from(1)))
            .is_err());
    }
}

#[test]
fn tree_agrees() {
    let tree = vectors().tree;
    let leaves: Vec<Field> = tree.leaves.iter().map(|leaf| field(leaf)).collect();
    let leaves: [Field; CAPACITY] = leaves.try_into().expect("one vector fills the tree");
    assert_eq!(root_of_leaves(&leaves), field(&tree.root));
}
