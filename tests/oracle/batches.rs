use anchor_lang::prelude::{AccountMeta, Pubkey};
use attestation::Field;
use client::instructions::oracle::{VerifyObservation, VerifyObservations};
use oracle::{error::OracleError, instructions::ObservationVerified, Observation};
use solana_signer::Signer;
use testbed::{
    simulation::{randomize, Trapdoor},
    ExpectError, ProgramKind, World,
};

use crate::support::world;

const TIME: u64 = 1_671_375_600_000;
/// Bytes of a transaction of version 1.
const TRANSACTION_BYTES: usize = 4_096;

fn batch(world: &World, count: u64) -> VerifyObservations {
    let claim = |number: u64| {
        let feed = Field::from(50 + number);
        let verify = world.verify_observation(feed, TIME + number, number.cast_signed() - 2);
        verify.unwrap().args
    };
    VerifyObservations {
        payer: world.keeper.pubkey(),
        provider_set: world.provider_set,
        verifying_key: world.verifying_key,
        claims: (0..count).map(claim).collect(),
    }
}

fn send(
    world: &mut World,
    batch: &VerifyObservations,
) -> Result<testbed::Receipt, testbed::SendError> {
    world
        .chain
        .send_with_all_units(&batch.instruction(), &[&world.keeper])
}

/// The batch is refused and leaves nothing behind.
fn refused(world: &mut World, batch: &VerifyObservations, error: OracleError) {
    send(world, batch).expect_refusal(error);
    for address in batch.observations() {
        assert_eq!(world.chain.find_account(address).unwrap(), None);
    }
}

#[test]
fn batches_record_every_claim() {
    for count in [1, 2, 5, 10] {
        let mut world = world();
        let batch = batch(&world, count);
        let receipt = send(&mut world, &batch).unwrap();
        for (address, claim) in batch.observations().into_iter().zip(&batch.claims) {
            let found: Observation = world.chain.account(address).unwrap();
            assert!(found.is_valid());
            assert_eq!(
                (found.feed_id, found.observe_at_ms, found.value),
                (claim.feed_id, claim.observe_at_ms, claim.value)
            );
            assert_eq!(found.rent_payer, world.keeper.pubkey());
        }
        if world.chain.kind() == ProgramKind::Sbf {
            let events: Vec<ObservationVerified> = receipt.events_of(&oracle::ID);
            assert_eq!(events.len() as u64, count);
        }
    }
}

#[test]
fn ten_claims_fit_a_transaction() {
    let world = world();
    let instruction = batch(&world, 10).instruction();
    // Beside the instruction's data: its accounts by address, two signatures, and what a message
    // has of its own, amply.
    let accounts = 34 * instruction.accounts.len();
    assert!(instruction.data.len() + accounts + 2 * 96 + 128 < TRANSACTION_BYTES);
}

#[test]
fn one_bad_claim_spoils_the_batch() {
    let mut world = world();
    let good = batch(&world, 5);
    for place in 0..5 {
        let mut changed = good.clone();
        changed.claims[place].value += 1;
        refused(&mut world, &changed, OracleError::ProofInvalid);

        let mut changed = good.clone();
        changed.claims[place].proof = Trapdoor::random().prove(Field::from(1u64));
        refused(&mut world, &changed, OracleError::ProofInvalid);

        let mut changed = good.clone();
        changed.claims[place].proof[63] ^= 1;
        refused(&mut world, &changed, OracleError::ProofInvalid);
    }
    send(&mut world, &good).unwrap();
}

#[test]
fn swapped_proofs_are_refused() {
    let mut world = world();
    let good = batch(&world, 5);
    for (first, second) in [(0, 1), (0, 4), (2, 3)] {
        let mut swapped = good.clone();
        swapped.claims[first].proof = good.claims[second].proof;
        swapped.claims[second].proof = good.claims[first].proof;
        refused(&mut world, &swapped, OracleError::ProofInvalid);
    }
}

#[test]
fn claim_twice_in_a_batch_or_in_two_is_a_replay() {
    let mut world = world();
    let mut twice = batch(&world, 2);
    twice.claims[1] = twice.claims[0];
    twice.claims[1].proof = randomize(&twice.claims[0].proof, &world.trapdoor.key()).unwrap();
    refused(&mut world, &twice, OracleError::AlreadyObserved);

    let alone = VerifyObservation {
        payer: twice.payer,
        provider_set: twice.provider_set,
        verifying_key: twice.verifying_key,
        args: twice.claims[0],
    };
    world.send_verify(&alone).unwrap();
    let batch = batch(&world, 3);
    send(&mut world, &batch).expect_refusal(OracleError::AlreadyObserved);
    let [_, second, third] = batch.observations()[..] else {
        panic!("three claims have three observations")
    };
    for address in [second, third] {
        assert_eq!(world.chain.find_account(address).unwrap(), None);
    }
}

#[test]
fn none_too_many_or_without_an_account_each_are_refused() {
    let mut world = world();
    let none = batch(&world, 0);
    refused(&mut world, &none, OracleError::BatchSizeOutOfRange);
    let many = batch(&world, 17);
    refused(&mut world, &many, OracleError::BatchSizeOutOfRange);

    let two = batch(&world, 2);
    let mut fewer = two.instruction();
    fewer.accounts.pop();
    let mut more = two.instruction();
    more.accounts
        .push(AccountMeta::new(Pubkey::new_unique(), false));
    for instruction in [fewer, more] {
        world
            .chain
            .send(&[instruction], &[&world.keeper])
            .expect_refusal(OracleError::BatchSizeOutOfRange);
    }
}

#[test]
fn accounts_in_another_order_are_refused() {
    let mut world = world();
    let two = batch(&world, 2);
    let mut swapped = two.instruction();
    let last = swapped.accounts.len() - 1;
    swapped.accounts.swap(last, last - 1);
    world
        .chain
        .send(&[swapped], &[&world.keeper])
        .expect_refusal(OracleError::WrongObservationAddress);
}

#[test]
fn field_elements_and_times_out_of_range_are_refused() {
    let mut world = world();
    let good = batch(&world, 3);
    let mut feed = good.clone();
    feed.claims[1].feed_id = [u8::MAX; 32];
    refused(&mut world, &feed, OracleError::NotAFieldElement);
    for time in [0, u64::MAX] {
        let mut changed = good.clone();
        changed.claims[2].observe_at_ms = time;
        refused(&mut world, &changed, OracleError::TimeOutOfRange);
    }
}

#[test]
fn suspended_key_is_refused() {
    let mut world = world();
    let good = batch(&world, 2);
    let suspend = client::instructions::oracle::SuspendVerifyingKey {
        authority: world.guardian.pubkey(),
        verifying_key: world.verifying_key,
    };
    world
        .chain
        .send(&[suspend.instruction()], &[&world.guardian])
        .unwrap();
    refused(&mut world, &good, OracleError::VerifyingKeySuspended);
}
