//! From signatures to an observation on the chain, with the circuit's own keys and proofs.

use std::{path::Path, sync::LazyLock};

use attestation::{Attestation, Domain, Field, Millis, Quorum, QuorumError};
use circuits::{Circuit, KeyStore};
use client::instructions::oracle::{
    ProposeVerifyingKeyArgs, VerifyObservation, VerifyObservationArgs, VerifyObservations,
};
use oracle::{error::OracleError, Aggregation, FeedKind, Observation};
use prover::Prover;
use result_tree::FeedResult;
use solana_signer::Signer;
use testbed::{
    simulation::{field, randomize},
    ExpectError, World, WorldOptions,
};

use crate::support::options;

const TIME: u64 = 1_671_375_600_000;
const GOALS: i64 = 3;

pub static QUORUM_3: LazyLock<Prover> = LazyLock::new(|| prover(Circuit::Quorum3));
static QUORUM_6: LazyLock<Prover> = LazyLock::new(|| prover(Circuit::Quorum6));
static MEDIAN_6: LazyLock<Prover> = LazyLock::new(|| prover(Circuit::Median6));

/// Keys are made once for a target folder.
fn prover(circuit: Circuit) -> Prover {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("../strobe-keys");
    Prover::new(KeyStore::new(folder).load_or_generate(circuit).unwrap())
}

fn feed() -> Field {
    Field::from(20_221_218u64)
}

/// A world that believes the prover's key.
fn world(prover: &Prover, threshold: u8) -> World {
    let mut world = World::initialized(&WorldOptions {
        threshold,
        ..options()
    })
    .unwrap();
    let set = world.provider_set_args(World::PROVIDER_SET_ID, 0);
    world.propose_provider_set(set).unwrap();
    let key = ProposeVerifyingKeyArgs {
        aggregation: match prover.circuit().aggregation() {
            attestation::Aggregation::Agreement => Aggregation::Agreement,
            attestation::Aggregation::Median => Aggregation::Median,
        },
        feed_kind: FeedKind::Tick,
        slots: prover.circuit().slots().try_into().unwrap(),
        development: prover.is_dev(),
        key: prover.verifying_key().as_bytes().to_vec(),
        ..world.key_args(World::CIRCUIT_ID, 0)
    };
    world.propose_verifying_key(key).unwrap();
    world.pass_timelock();
    world
}

/// What the provider with this index signs for one domain.
fn attest(world: &World, provider: usize, domain: Domain, value: i64) -> Attestation {
    let time = Millis::new(TIME).unwrap();
    let before = Millis::new(TIME - 1_000).unwrap();
    let observation = attestation::Observation::new(feed(), time, before, value).unwrap();
    Attestation::sign(&world.providers[provider], domain, observation)
}

fn quorum(
    world: &World,
    domain: Domain,
    attestations: &[Attestation],
) -> Result<Quorum, QuorumError> {
    let time = Millis::new(TIME).unwrap();
    Quorum::new(
        &world.members,
        domain,
        attestation::FeedKind::Tick,
        feed(),
        time,
        attestations,
        None,
    )
}

fn verify(world: &World, proof: groth16::Proof) -> VerifyObservation {
    VerifyObservation {
        payer: world.keeper.pubkey(),
        provider_set: world.provider_set,
        verifying_key: world.verifying_key,
        args: VerifyObservationArgs {
            feed_id: field(feed()),
            observe_at_ms: TIME,
            value: GOALS,
            proof,
        },
    }
}

/// A proof by all providers of the world.
fn proof(world: &World, prover: &Prover, domain: Domain) -> groth16::Proof {
    let attestations: Vec<_> = (0..world.providers.len())
        .map(|provider| attest(world, provider, domain, GOALS))
        .collect();
    let quorum = quorum(world, domain, &attestations).unwrap();
    prover.prove(&quorum).unwrap().proof
}

#[test]
fn quorum_outvotes_a_liar_and_does_without_a_latecomer() {
    let mut world = world(&QUORUM_3, 3);
    let domain = world.domain();
    let mut attestations: Vec<_> = (0..3)
        .map(|provider| attest(&world, provider, domain, GOALS))
        .collect();
    attestations.push(attest(&world, 3, domain, GOALS + 1));
    let quorum = quorum(&world, domain, &attestations).unwrap();
    let proof = QUORUM_3.prove(&quorum).unwrap().proof;

    let verify = verify(&world, proof);
    world.send_verify(&verify).unwrap();
    let found: Observation = world.chain.account(verify.observation()).unwrap();
    assert_eq!((found.observe_at_ms, found.value), (TIME, GOALS));
}

#[test]
fn tick_is_no_answer_to_a_question_and_an_answer_no_tick() {
    // With `prev_at` 0 on every tick, the prover could choose among them.
    let mut world = world(&QUORUM_3, 3);
    let of_ticks = world.verifying_key;
    let key = ProposeVerifyingKeyArgs {
        feed_kind: FeedKind::Event,
        development: QUORUM_3.is_dev(),
        slots: 3,
        key: QUORUM_3.verifying_key().as_bytes().to_vec(),
        ..world.key_args(World::CIRCUIT_ID, 1)
    };
    let of_events = world.propose_verifying_key(key).unwrap();
    world.pass_timelock();

    let domain = world.domain();
    let [now, before, never] = [TIME, TIME - 1_000, 0].map(|time| Millis::new(time).unwrap());
    let claims = [
        (attestation::FeedKind::Tick, before, of_ticks, of_events),
        (attestation::FeedKind::Event, never, of_events, of_ticks),
    ]
    .map(|(kind, prev_at, right, wrong)| {
        let said = attestation::Observation::new(feed(), now, prev_at, GOALS).unwrap();
        let attestations: Vec<_> = world.providers[..3]
            .iter()
            .map(|provider| Attestation::sign(provider, domain, said))
            .collect();
        let quorum = Quorum::new(
            &world.members,
            domain,
            kind,
            feed(),
            now,
            &attestations,
            None,
        );
        let proof = QUORUM_3.prove(&quorum.unwrap()).unwrap().proof;
        [right, wrong].map(|verifying_key| VerifyObservation {
            verifying_key,
            ..verify(&world, proof)
        })
    });
    for [_, wrong] in &claims {
        world
            .send_verify(wrong)
            .expect_refusal(OracleError::ProofInvalid);
    }
    for [right, _] in &claims {
        world.send_verify(right).unwrap();
    }
}

#[test]
fn fewer_than_the_threshold_make_no_quorum() {
    let world = world(&QUORUM_3, 3);
    let domain = world.domain();
    let attestations = [0, 1].map(|provider| attest(&world, provider, domain, GOALS));
    assert_eq!(
        quorum(&world, domain, &attestations).map(|_| ()),
        Err(QuorumError::TooFew {
            value: GOALS.into(),
            have: 2,
            need: 3
        })
    );
}

#[test]
fn larger_circuit_proves_a_larger_quorum() {
    let mut world = world(&QUORUM_6, 5);
    let proof = proof(&world, &QUORUM_6, world.domain());
    let verify = verify(&world, proof);
    world.send_verify(&verify).unwrap();
}

#[test]
fn proof_of_another_circuit_is_refused() {
    let mut world = world(&QUORUM_6, 3);
    let proof = proof(&world, &QUORUM_3, world.domain());
    let verify = verify(&world, proof);
    world
        .send_verify(&verify)
        .expect_refusal(OracleError::ProofInvalid);
}

#[test]
fn signatures_for_another_network_or_program_prove_nothing_here() {
    let mut world = world(&QUORUM_3, 3);
    for domain in [
        Domain::new(&oracle::ID.to_bytes(), "mainnet"),
        Domain::new(&flash_bets::ID.to_bytes(), "localnet"),
    ] {
        let proof = proof(&world, &QUORUM_3, domain);
        let verify = verify(&world, proof);
        world
            .send_verify(&verify)
            .expect_refusal(OracleError::ProofInvalid);
    }
}

#[test]
fn proof_goes_with_its_value_feed_and_time_only() {
    let mut world = world(&QUORUM_3, 3);
    let proven = verify(&world, proof(&world, &QUORUM_3, world.domain()));
    let changes: [fn(&mut VerifyObservationArgs); 3] = [
        |args| args.value += 1,
        |args| args.observe_at_ms += 1,
        |args| args.feed_id[31] ^= 1,
    ];
    for change in changes {
        let mut claim = proven;
        change(&mut claim.args);
        world
            .send_verify(&claim)
            .expect_refusal(OracleError::ProofInvalid);
    }
    world.send_verify(&proven).unwrap();
}

#[test]
fn rerandomized_proof_is_as_good_and_a_replay() {
    let mut world = world(&QUORUM_3, 3);
    let first = verify(&world, proof(&world, &QUORUM_3, world.domain()));
    let other = randomize(&first.args.proof, QUORUM_3.verifying_key()).unwrap();
    assert_ne!(other, first.args.proof);
    let second = verify(&world, other);
    world.send_verify(&second).unwrap();
    world
        .send_verify(&first)
        .expect_refusal(OracleError::AlreadyObserved);
}

#[test]
fn signatures_of_an_old_set_prove_nothing_for_the_new_one() {
    let mut world = world(&QUORUM_3, 3);
    let by_old = proof(&world, &QUORUM_3, world.domain());
    let mut members = world.members.providers().to_vec();
    members.reverse();
    world.members = attestation::ProviderSet::new(3, members).unwrap();
    let set = world.provider_set_args(World::PROVIDER_SET_ID, 1);
    world.provider_set = world.propose_provider_set(set).unwrap();
    world.pass_timelock();
    let verify = verify(&world, by_old);
    world
        .send_verify(&verify)
        .expect_refusal(OracleError::ProofInvalid);
}

#[test]
fn median_of_differing_values_is_recorded_and_no_other() {
    let mut world = world(&MEDIAN_6, 3);
    let domain = world.domain();
    let attestations: Vec<_> = [104, 97, 101, 5_000, 99]
        .into_iter()
        .enumerate()
        .map(|(provider, value)| attest(&world, provider, domain, value))
        .collect();
    let time = Millis::new(TIME).unwrap();
    let median = Quorum::median(
        &world.members,
        domain,
        attestation::FeedKind::Tick,
        feed(),
        time,
        &attestations,
        6,
    )
    .unwrap();
    assert_eq!(median.statement().value, 101.into());
    let proof = MEDIAN_6.prove(&median).unwrap().proof;
    let mut claim = verify(&world, proof);
    for value in [97, 99, 104, 5_000] {
        claim.args.value = value;
        world
            .send_verify(&claim)
            .expect_refusal(OracleError::ProofInvalid);
    }
    claim.args.value = 101;
    world.send_verify(&claim).unwrap();
    let found: Observation = world.chain.account(claim.observation()).unwrap();
    assert_eq!(found.value, 101);
}

#[test]
fn root_that_a_quorum_signed_is_verified_and_its_results_recorded() {
    let mut world = world(&QUORUM_3, 3);
    let domain = world.domain();
    let result = |number: u64| FeedResult {
        feed_id: field(Field::from(number)),
        time: TIME,
        value: GOALS,
    };
    let results: Vec<_> = (0..100).map(result).collect();
    let tree = world.result_tree(&results).unwrap();
    let time = Millis::new(TIME).unwrap();
    let before = Millis::new(TIME - 1_000).unwrap();
    let observation = attestation::Observation::new(feed(), time, before, tree.root()).unwrap();
    let attestations: Vec<_> = world.providers[..3]
        .iter()
        .map(|provider| Attestation::sign(provider, domain, observation))
        .collect();
    let quorum = quorum(&world, domain, &attestations).unwrap();
    let mut verify = world.verify_result_root(feed(), TIME, &tree).unwrap();
    verify.args.proof = QUORUM_3.prove(&quorum).unwrap().proof;
    world
        .chain
        .send(&[verify.instruction()], &[&world.keeper])
        .unwrap();
    let record = world.record_result(verify.result_root(), &tree, &result(77), 77);
    world
        .chain
        .send(&[record.instruction()], &[&world.keeper])
        .unwrap();
    let found: Observation = world.chain.account(record.observation()).unwrap();
    assert_eq!((found.observe_at_ms, found.value), (TIME, GOALS));
}

#[test]
fn real_proofs_are_verified_together() {
    let mut world = world(&QUORUM_3, 3);
    let domain = world.domain();
    let claims = (0..2u64).map(|number| {
        let time = Millis::new(TIME + number).unwrap();
        let before = Millis::new(TIME - 1_000).unwrap();
        let observation = attestation::Observation::new(feed(), time, before, GOALS).unwrap();
        let attestations: Vec<_> = world.providers[..3]
            .iter()
            .map(|provider| Attestation::sign(provider, domain, observation))
            .collect();
        let quorum = Quorum::new(
            &world.members,
            domain,
            attestation::FeedKind::Tick,
            feed(),
            time,
            &attestations,
            None,
        );
        VerifyObservationArgs {
            feed_id: field(feed()),
            observe_at_ms: TIME + number,
            value: GOALS,
            proof: QUORUM_3.prove(&quorum.unwrap()).unwrap().proof,
        }
    });
    let batch = VerifyObservations {
        payer: world.keeper.pubkey(),
        provider_set: world.provider_set,
        verifying_key: world.verifying_key,
        claims: claims.collect(),
    };
    world
        .chain
        .send_with_all_units(&batch.instruction(), &[&world.keeper])
        .unwrap();
    for address in batch.observations() {
        let found: Observation = world.chain.account(address).unwrap();
        assert_eq!(found.value, GOALS);
    }
}
