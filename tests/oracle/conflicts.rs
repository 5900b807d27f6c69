use anchor_lang::error::ErrorCode;
use attestation::Field;
use client::instructions::oracle::{CloseObservation, SuspendProviderSet, SuspendVerifyingKey};
use oracle::{
    error::OracleError, instructions::ConflictReported, Aggregation, Observation, ObservationStatus,
};
use solana_signer::Signer;
use testbed::{simulation::Trapdoor, ExpectError, ProgramKind, World};

use crate::support::{with_account, world};

const TIME: u64 = 1_671_375_600_000;
const VALUE: i64 = 3;

fn feed() -> Field {
    Field::from(20_221_218u64)
}

fn send(world: &mut World, value: i64) -> Result<testbed::Receipt, testbed::SendError> {
    let report = world.report_conflict(feed(), TIME, value).unwrap();
    world.chain.send(&[report.instruction()], &[])
}

#[test]
fn second_value_proven_makes_a_conflict() {
    let mut world = world();
    let address = world.observe(feed(), TIME, VALUE).unwrap();
    let receipt = send(&mut world, VALUE + 1).unwrap();
    let found: Observation = world.chain.account(address).unwrap();
    assert_eq!(found.status, ObservationStatus::Conflicted as u8);
    assert_eq!(found.value, VALUE);
    if world.chain.kind() == ProgramKind::Sbf {
        let events: Vec<ConflictReported> = receipt.events_of(&oracle::ID);
        assert_eq!(events[0].observation, address);
        assert_eq!((events[0].value, events[0].other_value), (VALUE, VALUE + 1));
    }
    send(&mut world, VALUE + 2).expect_refusal(OracleError::AlreadyConflicted);
}

#[test]
fn same_value_or_an_unproven_one_is_no_conflict() {
    let mut world = world();
    let address = world.observe(feed(), TIME, VALUE).unwrap();
    send(&mut world, VALUE).expect_refusal(OracleError::SameValue);

    let proven = world.report_conflict(feed(), TIME, VALUE + 1).unwrap();
    let mut wrong = [proven; 4];
    wrong[0].args.value += 1;
    wrong[1].args.proof = Trapdoor::random().prove(Field::from(1u64));
    // Proofs of another time and of another feed.
    let of = |time, feed| world.report_conflict(feed, time, VALUE + 1).unwrap();
    wrong[2].args.proof = of(TIME + 1, feed()).args.proof;
    wrong[3].args.proof = of(TIME, feed() + Field::from(1u64)).args.proof;
    for report in wrong {
        world
            .chain
            .send(&[report.instruction()], &[])
            .expect_refusal(OracleError::ProofInvalid);
    }
    let mut malformed = proven;
    malformed.args.proof[63] ^= 1;
    world
        .chain
        .send(&[malformed.instruction()], &[])
        .expect_refusal(OracleError::ProofMalformed);
    let found: Observation = world.chain.account(address).unwrap();
    assert!(found.is_valid());
}

#[test]
fn another_set_or_key_contradicts_nothing() {
    let mut world = world();
    world.observe(feed(), TIME, VALUE).unwrap();
    let set = world.provider_set_args(World::PROVIDER_SET_ID, 1);
    let other_set = world.propose_provider_set(set).unwrap();
    let key = world.key_args(World::CIRCUIT_ID, 1);
    let other_key = world.propose_verifying_key(key).unwrap();
    world.pass_timelock();
    let report = world.report_conflict(feed(), TIME, VALUE + 1).unwrap();
    for (own, other, error) in [
        (world.provider_set, other_set, OracleError::WrongProviderSet),
        (
            world.verifying_key,
            other_key,
            OracleError::WrongVerifyingKey,
        ),
    ] {
        world
            .chain
            .send(&[with_account(report.instruction(), own, other)], &[])
            .expect_refusal(error);
    }
    let no_observation = with_account(report.instruction(), report.observation, world.provider_set);
    world
        .chain
        .send(&[no_observation], &[])
        .expect_refusal(ErrorCode::AccountDiscriminatorMismatch);
}

#[test]
fn conflict_is_reported_under_a_suspended_set_and_key_too() {
    let mut world = world();
    let address = world.observe(feed(), TIME, VALUE).unwrap();
    let authority = world.guardian.pubkey();
    let set = SuspendProviderSet {
        authority,
        provider_set: world.provider_set,
    };
    let key = SuspendVerifyingKey {
        authority,
        verifying_key: world.verifying_key,
    };
    world
        .chain
        .send(&[set.instruction(), key.instruction()], &[&world.guardian])
        .unwrap();
    send(&mut world, VALUE + 1).unwrap();
    let found: Observation = world.chain.account(address).unwrap();
    assert!(found.is_conflicted());
}

#[test]
fn medians_do_not_contradict_each_other() {
    let mut world = world();
    let mut key = world.key_args(World::CIRCUIT_ID, 1);
    key.aggregation = Aggregation::Median;
    world.verifying_key = world.propose_verifying_key(key).unwrap();
    world.pass_timelock();
    world.observe(feed(), TIME, VALUE).unwrap();
    send(&mut world, VALUE + 1).expect_refusal(OracleError::MedianKey);
}

#[test]
fn conflict_never_goes_away() {
    let mut world = world();
    let observation = world.observe(feed(), TIME, VALUE).unwrap();
    send(&mut world, VALUE + 1).unwrap();
    let verify = world.verify_observation(feed(), TIME, VALUE).unwrap();
    let close = CloseObservation {
        observation,
        rent_payer: world.keeper.pubkey(),
    };
    for _ in 0..2 {
        world
            .send_verify(&verify)
            .expect_refusal(OracleError::AlreadyObserved);
        world
            .chain
            .send(&[close.instruction()], &[])
            .expect_refusal(OracleError::ConflictStays);
        world.advance_seconds(2 * world.retention);
    }
    let found: Observation = world.chain.account(observation).unwrap();
    assert!(found.is_conflicted());
}
