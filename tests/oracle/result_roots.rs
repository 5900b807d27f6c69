use anchor_lang::{error::ErrorCode, prelude::Pubkey};
use attestation::{Domain, Field, Statement, Value};
use client::instructions::oracle::{
    CloseResultRoot, RecordResult, ReportResultConflict, ReportResultConflictArgs,
    VerifyObservation, VerifyObservationArgs, VerifyResultRoot, VerifyResultRootArgs,
};
use oracle::{
    error::OracleError,
    instructions::{ResultRootClosed, ResultRootVerified},
    Aggregation, Observation, ObservationStatus, ResultRoot,
};
use result_tree::{FeedResult, ResultTree, MAX_LEAVES};
use solana_signer::Signer;
use testbed::{
    simulation::{field, randomize, Trapdoor},
    ExpectError, ProgramKind, World,
};

use crate::support::{suspension, with_account, world};

const TIME: u64 = 1_671_375_600_000;

/// Feed on which the roots of this file are published.
fn feed() -> Field {
    Field::from(9u64)
}

fn result(number: u64) -> FeedResult {
    FeedResult {
        feed_id: field(Field::from(1_000 + number)),
        time: TIME + number,
        value: 7 - number.cast_signed(),
    }
}

fn results() -> Vec<FeedResult> {
    (0..10).map(result).collect()
}

fn tree(world: &World) -> ResultTree {
    world.result_tree(&results()).unwrap()
}

fn verify(world: &World) -> VerifyResultRoot {
    world
        .verify_result_root(feed(), TIME, &tree(world))
        .unwrap()
}

/// Has a proof of one root go with another claim.
fn expect_unproven(world: &mut World, change: impl Fn(&mut VerifyResultRootArgs)) {
    let mut verify = verify(world);
    change(&mut verify.args);
    world
        .chain
        .send(&[verify.instruction()], &[&world.keeper])
        .expect_refusal(OracleError::ProofInvalid);
}

#[test]
fn verify_result_root_records_what_was_proven() {
    let mut world = world();
    let verify = verify(&world);
    let receipt = world
        .chain
        .send(&[verify.instruction()], &[&world.keeper])
        .unwrap();
    let found: ResultRoot = world.chain.account(verify.result_root()).unwrap();
    assert_eq!((found.version, found.leaves), (1, 10));
    assert_eq!(found.provider_set, world.provider_set);
    assert_eq!(found.verifying_key, world.verifying_key);
    assert_eq!(found.domain, world.domain().to_bytes());
    assert_eq!(found.top, tree(&world).top());
    assert_eq!((found.feed_id, found.observe_at_ms), (field(feed()), TIME));
    assert_eq!(found.verified_slot, world.chain.slot());
    assert_eq!(found.verified_at, world.chain.now().seconds());
    assert_eq!(found.rent_payer, world.keeper.pubkey());
    if world.chain.kind() == ProgramKind::Sbf {
        let events: Vec<ResultRootVerified> = receipt.events_of(&oracle::ID);
        assert_eq!(events[0].result_root, verify.result_root());
        assert_eq!(events[0].leaves, 10);
    }

    // A replay, and one with another proof of the same root.
    let proof = randomize(&verify.args.proof, &world.trapdoor.key()).unwrap();
    let mut again = verify;
    again.args.proof = proof;
    for replay in [verify, again] {
        world
            .chain
            .send(&[replay.instruction()], &[&world.keeper])
            .expect_refusal(OracleError::AlreadyVerified);
    }
}

#[test]
fn verify_result_root_with_anything_else_is_refused() {
    let mut world = world();
    expect_unproven(&mut world, |args| args.top[0] ^= 1);
    expect_unproven(&mut world, |args| args.leaves += 1);
    expect_unproven(&mut world, |args| args.observe_at_ms += 1);
    expect_unproven(&mut world, |args| args.feed_id[31] ^= 1);
    let other = Trapdoor::random().prove(Field::from(1u64));
    expect_unproven(&mut world, |args| args.proof = other);

    for leaves in [0, MAX_LEAVES + 1, u32::MAX] {
        let mut verify = verify(&world);
        verify.args.leaves = leaves;
        world
            .chain
            .send(&[verify.instruction()], &[&world.keeper])
            .expect_refusal(OracleError::ResultCountOutOfRange);
    }
    for time in [0, u64::MAX] {
        let mut verify = verify(&world);
        verify.args.observe_at_ms = time;
        world
            .chain
            .send(&[verify.instruction()], &[&world.keeper])
            .expect_refusal(OracleError::TimeOutOfRange);
    }
}

#[test]
fn root_must_be_signed_as_a_root() {
    // Signatures over the same field elements in the domain of numbers, or of another deployment's
    // roots.
    let mut world = world();
    let root = tree(&world).root();
    let numbers = world.domain();
    for domain in [
        numbers,
        Domain::new(&oracle::ID.to_bytes(), "mainnet").of_roots(),
    ] {
        let statement = world.statement(feed(), TIME, 0).unwrap();
        let hash = attestation::poseidon([
            domain.0,
            statement.root,
            Field::from(statement.threshold),
            statement.feed_id,
            Field::from(TIME),
            Value::from(root).to_field(),
        ]);
        let proof = world.trapdoor.prove(hash);
        expect_unproven(&mut world, |args| args.proof = proof);
    }
}

#[test]
fn proof_of_a_root_is_no_proof_of_a_number() {
    // The root whose field element is that of the least number.
    let mut world = world();
    let zero = result_tree::Root::from_bytes([0; 32]).unwrap();
    let statement = Statement {
        value: zero.into(),
        ..world.statement(feed(), TIME, 0).unwrap()
    };
    let verify = VerifyObservation {
        payer: world.keeper.pubkey(),
        provider_set: world.provider_set,
        verifying_key: world.verifying_key,
        args: VerifyObservationArgs {
            feed_id: field(feed()),
            observe_at_ms: TIME,
            value: i64::MIN,
            proof: world.trapdoor.prove(statement.hash()),
        },
    };
    world
        .send_verify(&verify)
        .expect_refusal(OracleError::ProofInvalid);
}

#[test]
fn verify_result_root_under_a_median_key_is_refused() {
    let mut world = world();
    let mut key = world.key_args(World::CIRCUIT_ID, 1);
    key.aggregation = Aggregation::Median;
    world.verifying_key = world.propose_verifying_key(key).unwrap();
    world.pass_timelock();
    let verify = verify(&world);
    world
        .chain
        .send(&[verify.instruction()], &[&world.keeper])
        .expect_refusal(OracleError::MedianKey);
}

#[test]
fn verify_result_root_with_wrong_accounts_is_refused() {
    let mut world = world();
    let verify = verify(&world);
    let instruction = verify.instruction();
    for (own, other, error) in [
        (
            world.provider_set,
            world.verifying_key,
            ErrorCode::AccountDiscriminatorMismatch,
        ),
        (
            world.verifying_key,
            world.keeper.pubkey(),
            ErrorCode::AccountOwnedByWrongProgram,
        ),
    ] {
        world
            .chain
            .send(
                &[with_account(instruction.clone(), own, other)],
                &[&world.keeper],
            )
            .expect_refusal(error);
    }
    let elsewhere = with_account(instruction, verify.result_root(), Pubkey::new_unique());
    world
        .chain
        .send(&[elsewhere], &[&world.keeper])
        .expect_refusal(OracleError::WrongRootAddress);
}

#[test]
fn verify_result_root_by_a_suspended_set_or_key_is_refused() {
    for by_set in [true, false] {
        let mut world = world();
        let (suspend, error) = suspension(&world, by_set);
        let verify = verify(&world);
        world.chain.send(&[suspend], &[&world.guardian]).unwrap();
        world
            .chain
            .send(&[verify.instruction()], &[&world.keeper])
            .expect_refusal(error);
    }
}

/// A world with the root of this file, and the instruction that records one of its results.
fn recording(index: u32) -> (World, RecordResult) {
    let mut world = world();
    let tree = tree(&world);
    let root = world.publish(feed(), TIME, &tree).unwrap();
    let record = world.record_result(root, &tree, &result(index.into()), index);
    (world, record)
}

#[test]
fn record_result_makes_the_observation_of_a_leaf() {
    let (mut world, record) = recording(9);
    world
        .chain
        .send(&[record.instruction()], &[&world.keeper])
        .unwrap();
    let found: Observation = world.chain.account(record.observation()).unwrap();
    let leaf = result(9);
    assert_eq!(
        (found.feed_id, found.observe_at_ms, found.value),
        (leaf.feed_id, leaf.time, leaf.value)
    );
    assert_eq!(found.status, ObservationStatus::Valid as u8);
    assert_eq!(found.provider_set, world.provider_set);
    assert_eq!(found.verifying_key, world.verifying_key);
    world
        .chain
        .send(&[record.instruction()], &[&world.keeper])
        .expect_refusal(OracleError::AlreadyObserved);
}

#[test]
fn record_result_of_what_is_not_in_the_root_is_refused() {
    let (mut world, record) = recording(4);
    let changes: [fn(&mut RecordResult); 6] = [
        |record| record.args.value += 1,
        |record| record.args.observe_at_ms += 1,
        |record| record.args.feed_id[31] ^= 1,
        |record| record.args.index += 1,
        |record| record.args.path[40] ^= 1,
        |record| record.args.path.truncate(96),
    ];
    for change in changes {
        let mut record = record.clone();
        change(&mut record);
        world
            .chain
            .send(&[record.instruction()], &[&world.keeper])
            .expect_refusal(OracleError::NotInRoot);
    }
    let elsewhere = Pubkey::new_unique();
    let instruction = with_account(record.instruction(), record.observation(), elsewhere);
    world
        .chain
        .send(&[instruction], &[&world.keeper])
        .expect_refusal(OracleError::WrongObservationAddress);
    let no_root = with_account(
        record.instruction(),
        record.result_root,
        world.verifying_key,
    );
    world
        .chain
        .send(&[no_root], &[&world.keeper])
        .expect_refusal(ErrorCode::AccountDiscriminatorMismatch);
}

#[test]
fn leaf_of_another_deployment_is_refused() {
    let mut world = world();
    let elsewhere = Domain::new(&oracle::ID.to_bytes(), "mainnet").to_bytes();
    let tree = ResultTree::new(&elsewhere, &results()).unwrap();
    let root = world.publish(feed(), TIME, &tree).unwrap();
    let record = world.record_result(root, &tree, &result(3), 3);
    world
        .chain
        .send(&[record.instruction()], &[&world.keeper])
        .expect_refusal(OracleError::NotInRoot);
}

#[test]
fn roots_that_contradict_each_other_are_shown_leaf_by_leaf() {
    let mut world = world();
    let first = tree(&world);
    let root = world.publish(feed(), TIME, &first).unwrap();
    let mut others = results();
    others[2].value += 1;
    let second = world.result_tree(&others).unwrap();
    let other_root = world.publish(feed(), TIME + 1, &second).unwrap();
    let record = world.record_result(root, &first, &result(2), 2);
    world
        .chain
        .send(&[record.instruction()], &[&world.keeper])
        .unwrap();
    let observation = record.observation();
    let report = |result_root, tree: &ResultTree, index: u32, value| ReportResultConflict {
        result_root,
        observation,
        args: ReportResultConflictArgs {
            value,
            index,
            path: tree.path(index).unwrap(),
        },
    };
    let (value, other) = (result(2).value, others[2].value);
    for (report, error) in [
        (report(root, &first, 2, value), OracleError::SameValue),
        (report(root, &first, 2, other), OracleError::NotInRoot),
        // Another leaf, which says something of another feed.
        (
            report(other_root, &second, 3, others[3].value),
            OracleError::NotInRoot,
        ),
    ] {
        world
            .chain
            .send(&[report.instruction()], &[])
            .expect_refusal(error);
    }
    let proven = report(other_root, &second, 2, other);
    world.chain.send(&[proven.instruction()], &[]).unwrap();
    let found: Observation = world.chain.account(observation).unwrap();
    assert!(found.is_conflicted());
    world
        .chain
        .send(&[proven.instruction()], &[])
        .expect_refusal(OracleError::AlreadyConflicted);
}

#[test]
fn root_of_another_set_or_key_contradicts_nothing() {
    let mut world = world();
    let tree = tree(&world);
    let leaf = result(2);
    let observation = world
        .observe(Field::from(1_002u64), leaf.time, leaf.value + 1)
        .unwrap();
    let key = world.key_args(World::CIRCUIT_ID, 1);
    let other_key = world.propose_verifying_key(key).unwrap();
    let set = world.provider_set_args(World::PROVIDER_SET_ID, 1);
    let other_set = world.propose_provider_set(set).unwrap();
    world.pass_timelock();
    let (own_set, own_key) = (world.provider_set, world.verifying_key);
    for (set, key, error) in [
        (own_set, other_key, OracleError::WrongVerifyingKey),
        (other_set, own_key, OracleError::WrongProviderSet),
    ] {
        (world.provider_set, world.verifying_key) = (set, key);
        let result_root = world.publish(feed(), TIME, &tree).unwrap();
        let report = ReportResultConflict {
            result_root,
            observation,
            args: ReportResultConflictArgs {
                value: leaf.value,
                index: 2,
                path: tree.path(2).unwrap(),
            },
        };
        world
            .chain
            .send(&[report.instruction()], &[])
            .expect_refusal(error);
    }
}

#[test]
fn close_result_root_gives_the_rent_back_after_its_retention() {
    let mut world = world();
    let tree = tree(&world);
    let payer = world.keeper.pubkey();
    let before = world.chain.lamports(payer).unwrap();
    let result_root = world.publish(feed(), TIME, &tree).unwrap();
    let close = |rent_payer| {
        CloseResultRoot {
            result_root,
            rent_payer,
        }
        .instruction()
    };
    world.advance_seconds(world.retention - 1);
    world
        .chain
        .send(&[close(payer)], &[])
        .expect_refusal(OracleError::RetentionNotPassed);
    world.advance_seconds(1);
    world
        .chain
        .send(&[close(world.admin.pubkey())], &[])
        .expect_refusal(OracleError::WrongRentReceiver);
    let receipt = world.chain.send(&[close(payer)], &[]).unwrap();
    assert_eq!(world.chain.lamports(payer).unwrap(), before);
    if world.chain.kind() == ProgramKind::Sbf {
        let events: Vec<ResultRootClosed> = receipt.events_of(&oracle::ID);
        assert_eq!(events[0].result_root, result_root);
    }
    // Proven again it is the same root.
    assert_eq!(world.publish(feed(), TIME, &tree).unwrap(), result_root);
}

/// A root speaks for more than anybody looked at when it was verified.
#[test]
fn record_result_after_a_suspension_is_refused() {
    for of_set in [true, false] {
        let (mut world, record) = recording(4);
        let (suspend, error) = suspension(&world, of_set);
        world.chain.send(&[suspend], &[&world.guardian]).unwrap();
        world
            .chain
            .send(&[record.instruction()], &[&world.keeper])
            .expect_refusal(error);
    }
}
