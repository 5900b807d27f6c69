use anchor_lang::prelude::Pubkey;
use ark_bn254::Fr;
use attestation::Field;
use client::{
    addresses::oracle::verifying_key as address,
    instructions::oracle::{
        CancelVerifyingKey, ProposeVerifyingKey, ProposeVerifyingKeyArgs, RetireVerifyingKey,
        SuspendVerifyingKey,
    },
};
use oracle::{error::OracleError, Aggregation, FeedKind, VerifyingKey};
use sha2::{Digest, Sha256};
use solana_keypair::Keypair;
use solana_signer::Signer;
use testbed::{
    simulation::{g2_outside_subgroup, Trapdoor},
    ExpectError, Receipt, SendError, World,
};

use crate::support::{with_account, world};

/// Where the points of a key begin: α, β, γ, δ, IC₀, IC₁.
const POINTS: [std::ops::Range<usize>; 6] =
    [0..64, 64..192, 192..320, 320..448, 448..512, 512..576];

fn propose(
    world: &mut World,
    by: &Keypair,
    args: ProposeVerifyingKeyArgs,
) -> Result<Receipt, SendError> {
    let admin = by.pubkey();
    let instruction = ProposeVerifyingKey { admin, args }.instruction();
    world.chain.send(&[instruction], &[by])
}

fn cancel(world: &mut World, by: &Keypair, key: Pubkey) -> Result<Receipt, SendError> {
    let instruction = CancelVerifyingKey {
        authority: by.pubkey(),
        verifying_key: key,
        rent_payer: world.admin.pubkey(),
    }
    .instruction();
    world.chain.send(&[instruction], &[by])
}

fn suspend(world: &mut World, by: &Keypair, key: Pubkey) -> Result<Receipt, SendError> {
    let instruction = SuspendVerifyingKey {
        authority: by.pubkey(),
        verifying_key: key,
    }
    .instruction();
    world.chain.send(&[instruction], &[by])
}

fn retire(world: &mut World, by: &Keypair, key: Pubkey) -> Result<Receipt, SendError> {
    let instruction = RetireVerifyingKey {
        authority: by.pubkey(),
        verifying_key: key,
    }
    .instruction();
    world.chain.send(&[instruction], &[by])
}

/// A world, its admin, and a proposal that nothing is wrong with.
fn with_proposal() -> (World, Keypair, ProposeVerifyingKeyArgs) {
    let world = world();
    let admin = world.admin.insecure_clone();
    let args = world.key_args(World::CIRCUIT_ID, 1);
    (world, admin, args)
}

#[test]
fn propose_verifying_key_records_what_was_proposed() {
    let (mut world, admin, mut args) = with_proposal();
    args.development = false;
    args.transcript_hash = [7; 32];
    args.r1cs_hash = [8; 32];
    args.feed_kind = FeedKind::Tick;
    args.aggregation = Aggregation::Median;
    propose(&mut world, &admin, args.clone()).unwrap();

    let key = address(args.circuit_id, args.key_version);
    let found: VerifyingKey = world.chain.account(key).unwrap();
    assert_eq!(
        (found.circuit_id, found.key_version),
        (args.circuit_id, args.key_version)
    );
    assert_eq!((found.development, found.standing.suspended), (0, 0));
    assert_eq!(found.aggregation, Aggregation::Median as u8);
    assert_eq!(found.feed_kind, FeedKind::Tick as u8);
    assert_eq!((found.transcript_hash, found.r1cs_hash), ([7; 32], [8; 32]));
    assert_eq!(found.key[..], args.key[..]);
    assert_eq!(found.hash[..], Sha256::digest(&args.key)[..]);
    assert_eq!(found.standing.rent_payer, admin.pubkey());
    assert_eq!(
        found.standing.active_from,
        world.chain.now().seconds() + world.timelock
    );
}

#[test]
fn verifying_key_is_usable_from_the_second_its_timelock_passes() {
    let (mut world, admin, args) = with_proposal();
    world.verifying_key = address(args.circuit_id, args.key_version);
    propose(&mut world, &admin, args).unwrap();

    world.advance_seconds(world.timelock - 1);
    let verify = world.verify_observation(Field::from(7u64), 1, 1).unwrap();
    world
        .send_verify(&verify)
        .expect_refusal(OracleError::VerifyingKeyNotActive);
    world.advance_seconds(1);
    world.send_verify(&verify).unwrap();
}

#[test]
fn propose_verifying_key_by_another_is_refused() {
    let (mut world, _, args) = with_proposal();
    let strangers = [
        world.guardian.insecure_clone(),
        world.keeper.insecure_clone(),
    ];
    for stranger in strangers {
        propose(&mut world, &stranger, args.clone()).expect_refusal(OracleError::NotAdmin);
    }
}

#[test]
fn propose_verifying_key_of_an_impossible_circuit_is_refused() {
    let (mut world, admin, args) = with_proposal();
    for slots in [0, 17, u8::MAX] {
        let args = ProposeVerifyingKeyArgs {
            slots,
            ..args.clone()
        };
        propose(&mut world, &admin, args).expect_refusal(OracleError::SlotsOutOfRange);
    }
}

#[test]
fn propose_verifying_key_again_fails_and_changes_nothing() {
    let (mut world, admin, args) = with_proposal();
    let key = address(args.circuit_id, args.key_version);
    propose(&mut world, &admin, args.clone()).unwrap();
    let before = world.chain.find_account(key).unwrap();

    let other = Trapdoor::random().key().as_bytes().to_vec();
    propose(
        &mut world,
        &admin,
        ProposeVerifyingKeyArgs { key: other, ..args },
    )
    .expect_refusal("AccountAlreadyInUse");
    assert_eq!(world.chain.find_account(key).unwrap(), before);
}

#[test]
fn propose_verifying_key_cannot_be_kept_out_by_lamports_sent_ahead() {
    let (mut world, admin, args) = with_proposal();
    let key = address(args.circuit_id, args.key_version);
    let rent = world.chain.rent(0);
    world.chain.airdrop(key, rent).unwrap();
    propose(&mut world, &admin, args.clone()).unwrap();
    let found: VerifyingKey = world.chain.account(key).unwrap();
    assert_eq!(found.key[..], args.key[..]);
}

#[test]
fn propose_verifying_key_at_the_address_of_another_is_refused() {
    let (mut world, admin, args) = with_proposal();
    let own = address(args.circuit_id, args.key_version);
    let other = address(args.circuit_id, args.key_version + 1);
    let instruction = ProposeVerifyingKey {
        admin: admin.pubkey(),
        args,
    }
    .instruction();
    world
        .chain
        .send(&[with_account(instruction, own, other)], &[&admin])
        .expect_refusal(anchor_lang::error::ErrorCode::ConstraintSeeds);
}

/// Proposes the key of a changed trapdoor.
fn expect_trapdoor_refused(error: OracleError, change: impl Fn(&mut Trapdoor)) {
    let (mut world, admin, args) = with_proposal();
    let mut trapdoor = Trapdoor::random();
    change(&mut trapdoor);
    let key = trapdoor.key().as_bytes().to_vec();
    propose(&mut world, &admin, ProposeVerifyingKeyArgs { key, ..args }).expect_refusal(error);
}

/// Proposes a good key with each of the points at `places` changed in turn.
fn expect_points_refused(
    error: OracleError,
    places: &[std::ops::Range<usize>],
    change: impl Fn(&mut [u8]),
) {
    let (mut world, admin, args) = with_proposal();
    for place in places {
        let mut key = args.key.clone();
        change(&mut key[place.clone()]);
        propose(
            &mut world,
            &admin,
            ProposeVerifyingKeyArgs {
                key,
                ..args.clone()
            },
        )
        .expect_refusal(error);
    }
}

#[test]
fn propose_verifying_key_gamma_equal_delta_is_refused() {
    expect_trapdoor_refused(OracleError::KeyPointsRelated, |t| t.delta = t.gamma);
    expect_trapdoor_refused(OracleError::KeyPointsRelated, |t| t.delta = -t.gamma);
}

#[test]
fn propose_verifying_key_beta_equal_gamma_or_delta_is_refused() {
    expect_trapdoor_refused(OracleError::KeyPointsRelated, |t| t.beta = t.gamma);
    expect_trapdoor_refused(OracleError::KeyPointsRelated, |t| t.beta = -t.delta);
}

#[test]
fn propose_verifying_key_generator_is_refused() {
    for generator in [Fr::from(1), -Fr::from(1)] {
        expect_trapdoor_refused(OracleError::KeyPointIsGenerator, |t| t.beta = generator);
        expect_trapdoor_refused(OracleError::KeyPointIsGenerator, |t| t.delta = generator);
    }
}

/// Every ceremony that the field's own tools run makes such a key.
#[test]
fn propose_verifying_key_with_the_generator_as_gamma_is_taken() {
    let (mut world, admin, args) = with_proposal();
    let mut trapdoor = Trapdoor::random();
    trapdoor.gamma = Fr::from(1);
    let key = trapdoor.key().as_bytes().to_vec();
    propose(&mut world, &admin, ProposeVerifyingKeyArgs { key, ..args }).unwrap();
}

#[test]
fn propose_verifying_key_equal_or_opposite_ic_is_refused() {
    expect_trapdoor_refused(OracleError::KeyInputUnbound, |t| t.ic[1] = t.ic[0]);
    expect_trapdoor_refused(OracleError::KeyInputUnbound, |t| t.ic[1] = -t.ic[0]);
}

#[test]
fn propose_verifying_key_identity_is_refused() {
    expect_points_refused(OracleError::KeyPointIsIdentity, &POINTS, |point| {
        point.fill(0)
    });
}

#[test]
fn propose_verifying_key_identity_disguised_by_a_flag_is_refused() {
    // Bit 6 of the first byte of y tells the syscalls "identity", whatever the rest says.
    expect_points_refused(OracleError::KeyPointInvalid, &POINTS, |point| {
        point[point.len() / 2] |= 0x40;
    });
}

#[test]
fn propose_verifying_key_coordinate_above_the_field_order_is_refused() {
    expect_points_refused(OracleError::KeyPointInvalid, &POINTS, |point| {
        point[0] = 0xff
    });
}

#[test]
fn propose_verifying_key_point_off_the_curve_is_refused() {
    expect_points_refused(OracleError::KeyPointInvalid, &POINTS, |point| {
        let last = point.len() - 1;
        point[last] ^= 1;
    });
}

#[test]
fn propose_verifying_key_point_outside_the_subgroup_is_refused() {
    let outside = g2_outside_subgroup();
    expect_points_refused(OracleError::KeyPointInvalid, &POINTS[1..4], |point| {
        point.copy_from_slice(&outside);
    });
}

#[test]
fn propose_verifying_key_of_another_length_is_refused() {
    let (mut world, admin, args) = with_proposal();
    // None at all; without IC; one IC point, three; a byte missing, a byte more.
    for length in [0, 448, 512, 640, 575, 577] {
        let mut key = args.key.clone();
        key.resize(length, 1);
        propose(
            &mut world,
            &admin,
            ProposeVerifyingKeyArgs {
                key,
                ..args.clone()
            },
        )
        .expect_refusal(OracleError::KeyLength);
    }
}

#[test]
fn propose_verifying_key_without_ceremony_is_refused() {
    let (mut world, admin, args) = with_proposal();
    let of_ceremony = |transcript_hash, r1cs_hash| ProposeVerifyingKeyArgs {
        development: false,
        transcript_hash,
        r1cs_hash,
        ..args.clone()
    };
    for (args, error) in [
        (
            of_ceremony([0; 32], [7; 32]),
            OracleError::TranscriptMissing,
        ),
        (of_ceremony([7; 32], [0; 32]), OracleError::R1csHashMissing),
    ] {
        propose(&mut world, &admin, args).expect_refusal(error);
    }
    propose(&mut world, &admin, of_ceremony([7; 32], [8; 32])).unwrap();
    let found: VerifyingKey = world
        .chain
        .account(address(args.circuit_id, args.key_version))
        .unwrap();
    assert_eq!((found.transcript_hash, found.r1cs_hash), ([7; 32], [8; 32]));
}

#[test]
fn propose_verifying_key_for_development_with_a_ceremony_is_refused() {
    let (mut world, admin, args) = with_proposal();
    for (transcript_hash, r1cs_hash) in [([7; 32], [0; 32]), ([0; 32], [7; 32])] {
        let args = ProposeVerifyingKeyArgs {
            transcript_hash,
            r1cs_hash,
            ..args.clone()
        };
        propose(&mut world, &admin, args).expect_refusal(OracleError::DevelopmentKeyWithCeremony);
    }
}

#[test]
fn cancel_verifying_key_before_it_is_active_gives_the_rent_back() {
    let (mut world, admin, args) = with_proposal();
    let guardian = world.guardian.insecure_clone();
    let key = address(args.circuit_id, args.key_version);
    for authority in [&admin, &guardian] {
        let before = world.chain.lamports(admin.pubkey()).unwrap();
        propose(&mut world, &admin, args.clone()).unwrap();
        let rent = world.chain.rent(8 + size_of::<VerifyingKey>());
        assert_eq!(world.chain.lamports(key).unwrap(), rent);
        assert_eq!(world.chain.lamports(admin.pubkey()).unwrap(), before - rent);

        world.advance_seconds(world.timelock - 1);
        cancel(&mut world, authority, key).unwrap();
        assert_eq!(world.chain.find_account(key).unwrap(), None);
        assert_eq!(world.chain.lamports(admin.pubkey()).unwrap(), before);
    }
}

#[test]
fn cancel_verifying_key_from_its_first_active_second_is_refused() {
    let (mut world, admin, args) = with_proposal();
    let key = address(args.circuit_id, args.key_version);
    propose(&mut world, &admin, args).unwrap();
    world.pass_timelock();
    cancel(&mut world, &admin, key).expect_refusal(OracleError::AlreadyActive);
}

#[test]
fn cancel_verifying_key_by_another_is_refused() {
    let (mut world, admin, args) = with_proposal();
    let (stranger, key) = (
        world.keeper.insecure_clone(),
        address(args.circuit_id, args.key_version),
    );
    propose(&mut world, &admin, args).unwrap();
    cancel(&mut world, &stranger, key).expect_refusal(OracleError::NotAdminOrGuardian);
}

#[test]
fn cancel_verifying_key_rent_to_another_is_refused() {
    let (mut world, admin, args) = with_proposal();
    let instruction = CancelVerifyingKey {
        authority: admin.pubkey(),
        verifying_key: address(args.circuit_id, args.key_version),
        rent_payer: world.keeper.pubkey(),
    }
    .instruction();
    propose(&mut world, &admin, args).unwrap();
    world
        .chain
        .send(&[instruction], &[&admin])
        .expect_refusal(OracleError::WrongRentReceiver);
}

#[test]
fn suspend_verifying_key_by_admin_or_guardian_stops_it_for_good() {
    for by_guardian in [false, true] {
        let mut world = world();
        let authority = match by_guardian {
            true => world.guardian.insecure_clone(),
            false => world.admin.insecure_clone(),
        };
        let key = world.verifying_key;
        suspend(&mut world, &authority, key).unwrap();
        let found: VerifyingKey = world.chain.account(key).unwrap();
        assert_eq!(found.standing.suspended, 1);
        let verify = world.verify_observation(Field::from(7u64), 1, 1).unwrap();
        world
            .send_verify(&verify)
            .expect_refusal(OracleError::VerifyingKeySuspended);
        suspend(&mut world, &authority, key).expect_refusal(OracleError::VerifyingKeySuspended);
    }
}

#[test]
fn retired_verifying_key_is_believed_still_and_no_new_market_may_take_it() {
    let mut world = world();
    let (guardian, key) = (world.guardian.insecure_clone(), world.verifying_key);
    let stranger = world.keeper.insecure_clone();
    retire(&mut world, &stranger, key).expect_refusal(OracleError::NotAdminOrGuardian);
    retire(&mut world, &guardian, key).unwrap();
    let found: VerifyingKey = world.chain.account(key).unwrap();
    assert_eq!((found.standing.retired, found.standing.suspended), (1, 0));
    let refused = anchor_lang::error::Error::from(OracleError::VerifyingKeyRetired);
    let now = world.chain.now().seconds();
    assert_eq!(found.require_offered(now), Err(refused));
    world.observe(Field::from(7u64), 1, 1).unwrap();
    retire(&mut world, &guardian, key).expect_refusal(OracleError::VerifyingKeyRetired);
}

#[test]
fn suspend_verifying_key_by_another_is_refused() {
    let mut world = world();
    let (stranger, key) = (world.keeper.insecure_clone(), world.verifying_key);
    suspend(&mut world, &stranger, key).expect_refusal(OracleError::NotAdminOrGuardian);
}

#[test]
fn suspend_or_cancel_of_an_account_of_another_type_is_refused() {
    let mut world = world();
    let (admin, set) = (world.admin.insecure_clone(), world.provider_set);
    let mismatch = anchor_lang::error::ErrorCode::AccountDiscriminatorMismatch;
    suspend(&mut world, &admin, set).expect_refusal(mismatch);
    cancel(&mut world, &admin, set).expect_refusal(mismatch);
}
