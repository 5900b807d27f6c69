use anchor_lang::{error::ErrorCode, prelude::Pubkey};
use ark_ff::{BigInteger, PrimeField};
use attestation::{Domain, Field, Statement};
use client::instructions::oracle::{
    CloseObservation, ProposeProviderSetArgs, VerifyObservation, VerifyObservationArgs,
};
use oracle::{
    error::OracleError,
    instructions::{ObservationClosed, ObservationVerified},
    state::CLOCK_TOLERANCE_MS,
    Aggregation, Observation, ObservationStatus, ProviderSet,
};
use solana_signer::Signer;
use testbed::{
    simulation::{field, randomize, Trapdoor},
    ExpectError, ProgramKind, World,
};

use crate::support::{with_account, world};

const TIME: u64 = 1_671_375_600_000;
const VALUE: i64 = -3;

fn feed() -> Field {
    Field::from(20_221_218u64)
}

/// The instruction for the feed, time and value of this file, with a proof of it.
fn verify(world: &World) -> VerifyObservation {
    world.verify_observation(feed(), TIME, VALUE).unwrap()
}

#[test]
fn verify_observation_records_what_was_proven() {
    let mut world = world();
    let verify = verify(&world);
    let receipt = world.send_verify(&verify).unwrap();

    let found: Observation = world.chain.account(verify.observation()).unwrap();
    assert_eq!(found.version, 1);
    assert_eq!(found.status, ObservationStatus::Valid as u8);
    assert_eq!(found.provider_set, world.provider_set);
    assert_eq!(found.verifying_key, world.verifying_key);
    assert_eq!(found.feed_id, field(feed()));
    assert_eq!((found.observe_at_ms, found.value), (TIME, VALUE));
    assert_eq!(found.verified_slot, world.chain.slot());
    assert_eq!(found.verified_at, world.chain.now().seconds());
    assert_eq!(found.rent_payer, world.keeper.pubkey());
    let seeds: [&[u8]; 5] = [
        b"obs",
        world.provider_set.as_ref(),
        world.verifying_key.as_ref(),
        &found.feed_id,
        &TIME.to_le_bytes(),
    ];
    assert_eq!(
        Pubkey::find_program_address(&seeds, &oracle::ID),
        (verify.observation(), found.bump)
    );

    if world.chain.kind() == ProgramKind::Sbf {
        let events: Vec<ObservationVerified> = receipt.events_of(&oracle::ID);
        assert_eq!(events.len(), 1);
        assert_eq!(events[0].observation, verify.observation());
        assert_eq!((events[0].observe_at_ms, events[0].value), (TIME, VALUE));
    }
}

#[test]
fn verify_observation_accepts_the_ends_of_every_range() {
    let mut world = world();
    let latest = u64::try_from(world.chain.now().seconds()).unwrap() * 1_000 + CLOCK_TOLERANCE_MS;
    for (feed, time, value) in [
        (Field::from(0u64), 1, i64::MIN),
        (-Field::from(1u64), latest, i64::MAX),
        (feed(), TIME, 0),
    ] {
        let address = world.observe(feed, time, value).unwrap();
        let found: Observation = world.chain.account(address).unwrap();
        assert_eq!((found.observe_at_ms, found.value), (time, value));
    }
}

#[test]
fn verify_observation_of_what_nobody_can_have_observed_yet_is_refused() {
    let mut world = world();
    let latest = u64::try_from(world.chain.now().seconds()).unwrap() * 1_000 + CLOCK_TOLERANCE_MS;
    for time in [latest + 1, u64::try_from(i64::MAX).unwrap()] {
        let verify = world.verify_observation(feed(), time, VALUE).unwrap();
        world
            .send_verify(&verify)
            .expect_refusal(OracleError::TimeAhead);
    }
    world.advance_seconds(1);
    world.observe(feed(), latest + 1, VALUE).unwrap();
}

#[test]
fn verify_observation_replay_fails_because_address_is_taken() {
    let mut world = world();
    let verify = verify(&world);
    world.send_verify(&verify).unwrap();
    let before = world.chain.find_account(verify.observation()).unwrap();
    world
        .send_verify(&verify)
        .expect_refusal(OracleError::AlreadyObserved);
    assert_eq!(
        world.chain.find_account(verify.observation()).unwrap(),
        before
    );
}

#[test]
fn verify_observation_rerandomized_proof_is_a_replay_too() {
    let mut world = world();
    let first = verify(&world);
    let proof = randomize(&first.args.proof, &world.trapdoor.key()).unwrap();
    assert_ne!(proof, first.args.proof);
    let mut second = first;
    second.args.proof = proof;

    // Either is a proof, and they have one address.
    world.send_verify(&second).unwrap();
    assert_eq!(second.observation(), first.observation());
    world
        .send_verify(&first)
        .expect_refusal(OracleError::AlreadyObserved);
}

#[test]
fn verify_observation_second_value_for_a_time_is_refused() {
    let mut world = world();
    world.observe(feed(), TIME, VALUE).unwrap();
    let other = world.verify_observation(feed(), TIME, VALUE + 1).unwrap();
    world
        .send_verify(&other)
        .expect_refusal(OracleError::AlreadyObserved);
}

#[test]
fn verify_observation_lamports_sent_ahead_cannot_keep_it_out() {
    let rent_of = |world: &World| world.chain.rent(8 + size_of::<Observation>());
    for gift in [
        |_: u64| 1,
        |rent: u64| rent - 1,
        |rent: u64| rent,
        |rent: u64| rent + 1,
    ] {
        let mut world = world();
        let verify = verify(&world);
        let rent = rent_of(&world);
        // Sent while the address has no account: less than an account's rent is refused to a
        // transfer, not to a genesis or to the lamports of a closed account.
        world.chain.set_account(
            verify.observation(),
            solana_account::Account {
                lamports: gift(rent),
                rent_epoch: u64::MAX,
                ..Default::default()
            },
        );
        let before = world.chain.lamports(world.keeper.pubkey()).unwrap();
        world.send_verify(&verify).unwrap();
        let found: Observation = world.chain.account(verify.observation()).unwrap();
        assert_eq!(found.value, VALUE);
        assert_eq!(
            world.chain.lamports(verify.observation()).unwrap(),
            rent.max(gift(rent))
        );
        assert_eq!(
            world.chain.lamports(world.keeper.pubkey()).unwrap(),
            before - rent.saturating_sub(gift(rent))
        );
    }
}

/// Has a proof of one claim go with another claim.
fn expect_unproven(world: &mut World, change: impl Fn(&mut VerifyObservationArgs)) {
    let mut verify = verify(world);
    change(&mut verify.args);
    world
        .send_verify(&verify)
        .expect_refusal(OracleError::ProofInvalid);
    assert_eq!(
        world.chain.find_account(verify.observation()).unwrap(),
        None
    );
}

#[test]
fn verify_observation_proof_of_another_feed_time_or_value_is_refused() {
    let mut world = world();
    let other_feed = field(feed() + Field::from(1u64));
    expect_unproven(&mut world, |args| args.feed_id = other_feed);
    expect_unproven(&mut world, |args| args.observe_at_ms += 1);
    expect_unproven(&mut world, |args| args.observe_at_ms -= 1);
    expect_unproven(&mut world, |args| args.value += 1);
    expect_unproven(&mut world, |args| args.value = -args.value);
}

/// Has a proof of another statement go with this file's claim.
fn expect_statement_refused(change: impl Fn(&mut Statement)) {
    let mut world = world();
    let mut statement = world.statement(feed(), TIME, VALUE).unwrap();
    change(&mut statement);
    let mut verify = verify(&world);
    verify.args.proof = world.trapdoor.prove(statement.hash());
    world
        .send_verify(&verify)
        .expect_refusal(OracleError::ProofInvalid);
}

#[test]
fn verify_observation_proof_of_another_set_is_refused() {
    expect_statement_refused(|statement| statement.root += Field::from(1u64));
    expect_statement_refused(|statement| statement.threshold -= 1);
}

#[test]
fn verify_observation_proof_of_another_domain_is_refused() {
    let of = |program: Pubkey, network| Domain::new(&program.to_bytes(), network);
    expect_statement_refused(|statement| statement.domain = of(oracle::ID, "mainnet"));
    expect_statement_refused(|statement| statement.domain = of(oracle::ID, "devnet"));
    expect_statement_refused(|statement| statement.domain = of(flash_bets::ID, "localnet"));
}

#[test]
fn verify_observation_proof_under_another_key_is_refused() {
    let mut world = world();
    let mut verify = verify(&world);
    let statement = world.statement(feed(), TIME, VALUE).unwrap();
    verify.args.proof = Trapdoor::random().prove(statement.hash());
    world
        .send_verify(&verify)
        .expect_refusal(OracleError::ProofInvalid);
}

#[test]
fn verify_observation_with_another_provider_set_or_key_is_refused() {
    let mut world = world();
    let proposed = world.provider_set_args(World::PROVIDER_SET_ID + 1, 0);
    let other_set = world
        .propose_provider_set(ProposeProviderSetArgs {
            threshold: proposed.threshold - 1,
            ..proposed
        })
        .unwrap();
    let mut key = world.key_args(World::CIRCUIT_ID, 1);
    key.key = Trapdoor::random().key().as_bytes().to_vec();
    let other_key = world.propose_verifying_key(key).unwrap();
    world.pass_timelock();

    let proven = verify(&world);
    for claim in [
        VerifyObservation {
            provider_set: other_set,
            ..proven
        },
        VerifyObservation {
            verifying_key: other_key,
            ..proven
        },
    ] {
        world
            .send_verify(&claim)
            .expect_refusal(OracleError::ProofInvalid);
    }
    world.send_verify(&proven).unwrap();
}

#[test]
fn verify_observation_under_two_keys_gives_two_observations() {
    let mut world = world();
    let key = world.key_args(World::CIRCUIT_ID, 1);
    let second_key = world.propose_verifying_key(key).unwrap();
    world.pass_timelock();
    let first = world.observe(feed(), TIME, VALUE).unwrap();
    world.verifying_key = second_key;
    let second = world.observe(feed(), TIME, VALUE).unwrap();
    assert_ne!(first, second);
}

#[test]
fn verify_observation_tampered_proof_is_refused() {
    let mut world = world();
    let proven = verify(&world);
    let size = proven.args.proof.len();
    // Another point of the curve: A and C of another proof, or B of one.
    let other = world.trapdoor.prove(Field::from(1u64));
    for place in [0..64, 64..192, 192..256] {
        let mut verify = proven;
        verify.args.proof[place.clone()].copy_from_slice(&other[place]);
        world
            .send_verify(&verify)
            .expect_refusal(OracleError::ProofInvalid);
    }
    // No point at all.
    for byte in [0, 31, 32, 63, 64, 100, 191, 192, 223, size - 1] {
        let mut verify = proven;
        verify.args.proof[byte] ^= 1;
        world
            .send_verify(&verify)
            .expect_refusal(OracleError::ProofMalformed);
    }
}

#[test]
fn verify_observation_proof_of_zeros_is_refused() {
    let mut world = world();
    let mut verify = verify(&world);
    verify.args.proof = [0; groth16::PROOF_LEN];
    world
        .send_verify(&verify)
        .expect_refusal(OracleError::ProofInvalid);
}

#[test]
fn verify_observation_feed_at_or_above_the_field_order_is_refused() {
    let mut world = world();
    let mut order = Field::MODULUS;
    let at_order: [u8; 32] = order.to_bytes_be().try_into().unwrap();
    // The same feed plus the order, which means the same to arithmetic modulo the order.
    order.add_with_carry(&feed().into_bigint());
    let aliased: [u8; 32] = order.to_bytes_be().try_into().unwrap();
    for feed_id in [at_order, aliased, [u8::MAX; 32]] {
        let mut verify = verify(&world);
        verify.args.feed_id = feed_id;
        world
            .send_verify(&verify)
            .expect_refusal(OracleError::NotAFieldElement);
    }
}

#[test]
fn verify_observation_time_out_of_range_is_refused() {
    let mut world = world();
    let above = u64::try_from(i64::MAX).unwrap() + 1;
    for time in [0, above, u64::MAX] {
        let mut verify = verify(&world);
        verify.args.observe_at_ms = time;
        world
            .send_verify(&verify)
            .expect_refusal(OracleError::TimeOutOfRange);
    }
}

#[test]
fn verify_observation_at_another_address_is_refused() {
    let mut world = world();
    let proven = verify(&world);
    let own = proven.observation();
    let of_other_time = world
        .verify_observation(feed(), TIME + 1, VALUE)
        .unwrap()
        .observation();
    let instruction = proven.instruction();
    for other in [of_other_time, Pubkey::new_unique()] {
        world
            .chain
            .send(
                &[with_account(instruction.clone(), own, other)],
                &[&world.keeper],
            )
            .expect_refusal(OracleError::WrongObservationAddress);
    }
    for taken in [world.provider_set, client::addresses::oracle::config()] {
        world
            .chain
            .send(
                &[with_account(instruction.clone(), own, taken)],
                &[&world.keeper],
            )
            .expect_refusal(OracleError::AlreadyObserved);
    }
}

#[test]
fn verify_observation_at_an_address_of_a_lesser_bump_is_refused() {
    let mut world = world();
    let verify = verify(&world);
    let found = {
        let seeds: [&[u8]; 5] = [
            b"obs",
            world.provider_set.as_ref(),
            world.verifying_key.as_ref(),
            &verify.args.feed_id,
            &TIME.to_le_bytes(),
        ];
        let (_, bump) = Pubkey::find_program_address(&seeds, &oracle::ID);
        (0..bump)
            .rev()
            .find_map(|lesser| {
                let [prefix, set, key, feed, time] = seeds;
                Pubkey::create_program_address(
                    &[prefix, set, key, feed, time, &[lesser]],
                    &oracle::ID,
                )
                .ok()
            })
            .unwrap()
    };
    let instruction = with_account(verify.instruction(), verify.observation(), found);
    world
        .chain
        .send(&[instruction], &[&world.keeper])
        .expect_refusal(OracleError::WrongObservationAddress);
}

#[test]
fn verify_observation_with_accounts_swapped_or_forged_is_refused() {
    let mut world = world();
    let instruction = verify(&world).instruction();
    let (set, key, keeper) = (
        world.provider_set,
        world.verifying_key,
        world.keeper.pubkey(),
    );
    for (own, other, error) in [
        (set, key, ErrorCode::AccountDiscriminatorMismatch),
        (key, set, ErrorCode::AccountDiscriminatorMismatch),
        (set, keeper, ErrorCode::AccountOwnedByWrongProgram),
        (key, keeper, ErrorCode::AccountOwnedByWrongProgram),
        (
            anchor_lang::system_program::ID,
            oracle::ID,
            ErrorCode::InvalidProgramId,
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

    // The bytes of the real accounts, owned by somebody else.
    for own in [set, key] {
        let forged = Pubkey::new_unique();
        let mut account = world.chain.find_account(own).unwrap().unwrap();
        account.owner = flash_bets::ID;
        world.chain.set_account(forged, account);
        world
            .chain
            .send(
                &[with_account(instruction.clone(), own, forged)],
                &[&world.keeper],
            )
            .expect_refusal(ErrorCode::AccountOwnedByWrongProgram);
    }
}

#[test]
fn close_observation_gives_the_rent_back_after_its_retention() {
    let mut world = world();
    let payer = world.keeper.pubkey();
    let before = world.chain.lamports(payer).unwrap();
    let observation = world.observe(feed(), TIME, VALUE).unwrap();
    let rent = world.chain.rent(8 + size_of::<Observation>());
    assert_eq!(world.chain.lamports(payer).unwrap(), before - rent);
    let close = CloseObservation {
        observation,
        rent_payer: payer,
    }
    .instruction();

    world.advance_seconds(world.retention - 1);
    world
        .chain
        .send(std::slice::from_ref(&close), &[])
        .expect_refusal(OracleError::RetentionNotPassed);
    world.advance_seconds(1);
    // Nobody but the payer of fees signs.
    let receipt = world.chain.send(std::slice::from_ref(&close), &[]).unwrap();
    assert_eq!(world.chain.find_account(observation).unwrap(), None);
    assert_eq!(world.chain.lamports(payer).unwrap(), before);
    if world.chain.kind() == ProgramKind::Sbf {
        let events: Vec<ObservationClosed> = receipt.events_of(&oracle::ID);
        assert_eq!(events[0].observation, observation);
    }
    world
        .chain
        .send(&[close], &[])
        .expect_refusal(ErrorCode::AccountOwnedByWrongProgram);
}

#[test]
fn close_observation_rent_to_another_is_refused() {
    let mut world = world();
    let observation = world.observe(feed(), TIME, VALUE).unwrap();
    world.advance_seconds(world.retention);
    let close = CloseObservation {
        observation,
        rent_payer: world.admin.pubkey(),
    };
    world
        .chain
        .send(&[close.instruction()], &[])
        .expect_refusal(OracleError::WrongRentReceiver);
}

#[test]
fn close_observation_of_an_account_of_another_type_is_refused() {
    let mut world = world();
    let close = CloseObservation {
        observation: world.provider_set,
        rent_payer: world.admin.pubkey(),
    };
    world
        .chain
        .send(&[close.instruction()], &[])
        .expect_refusal(ErrorCode::AccountDiscriminatorMismatch);
}

#[test]
fn close_and_verify_in_one_transaction_leaves_a_whole_observation() {
    let mut world = world();
    let verify = verify(&world);
    world.send_verify(&verify).unwrap();
    world.advance_seconds(world.retention);
    let close = CloseObservation {
        observation: verify.observation(),
        rent_payer: world.keeper.pubkey(),
    };
    world
        .chain
        .send(
            &[close.instruction(), verify.instruction()],
            &[&world.keeper],
        )
        .unwrap();
    let found: Observation = world.chain.account(verify.observation()).unwrap();
    assert_eq!(found.verified_at, world.chain.now().seconds());
}

#[test]
fn prover_cannot_choose_a_median_by_leaving_members_out() {
    // With three of five signatures any value from the second to the fourth is some median.
    let mut world = world();
    let mut key = world.key_args(World::CIRCUIT_ID, 1);
    key.aggregation = Aggregation::Median;
    world.verifying_key = world.propose_verifying_key(key).unwrap();
    let set = |epoch, threshold, median_slack| ProposeProviderSetArgs {
        threshold,
        median_slack,
        ..world.provider_set_args(World::PROVIDER_SET_ID, epoch)
    };
    let sets = [set(1, 3, 1), set(2, 4, 1), set(3, 3, 2), set(4, 5, 0)];
    let [of_three, of_four, slack, of_all] =
        sets.map(|args| world.propose_provider_set(args).unwrap());
    world.pass_timelock();

    for (set, ranks) in [
        (of_three, (2, 4)),
        (of_four, (2, 4)),
        (slack, (2, 4)),
        (of_all, (3, 3)),
    ] {
        let found: ProviderSet = world.chain.account(set).unwrap();
        assert_eq!(found.median_ranks(), ranks);
        world.provider_set = set;
        let mut statement = world.statement(feed(), TIME, 1).unwrap();
        statement.threshold = found.threshold;
        let mut verify = world.verify_observation(feed(), TIME, 1).unwrap();
        verify.args.proof = world.trapdoor.prove(statement.hash());
        let sent = world.send_verify(&verify);
        if set == of_three {
            sent.expect_refusal(OracleError::MedianOfTooFew);
        } else {
            sent.unwrap();
        }
    }
}
