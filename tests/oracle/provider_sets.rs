use anchor_lang::prelude::Pubkey;
use ark_ff::{BigInteger, PrimeField};
use attestation::Field;
use client::{
    addresses::oracle::provider_set as address,
    instructions::oracle::{
        CancelProviderSet, ProposeProviderSet, ProposeProviderSetArgs, RetireProviderSet,
        SuspendProviderSet,
    },
};
use oracle::{error::OracleError, instructions::MAX_PROVIDERS, ProviderRole, ProviderSet};
use solana_keypair::Keypair;
use solana_signer::Signer;
use testbed::{simulation::field, ExpectError, Receipt, SendError, World};

use crate::support::{with_account, world};

const FEED: u64 = 7;
const TIME: u64 = 1_000;

fn propose(
    world: &mut World,
    by: &Keypair,
    args: ProposeProviderSetArgs,
) -> Result<Receipt, SendError> {
    let admin = by.pubkey();
    let instruction = ProposeProviderSet { admin, args }.instruction();
    world.chain.send(&[instruction], &[by])
}

fn cancel(world: &mut World, by: &Keypair, set: Pubkey) -> Result<Receipt, SendError> {
    let instruction = CancelProviderSet {
        authority: by.pubkey(),
        provider_set: set,
        rent_payer: world.admin.pubkey(),
    }
    .instruction();
    world.chain.send(&[instruction], &[by])
}

fn suspend(world: &mut World, by: &Keypair, set: Pubkey) -> Result<Receipt, SendError> {
    let instruction = SuspendProviderSet {
        authority: by.pubkey(),
        provider_set: set,
    }
    .instruction();
    world.chain.send(&[instruction], &[by])
}

fn retire(world: &mut World, by: &Keypair, set: Pubkey) -> Result<Receipt, SendError> {
    let instruction = RetireProviderSet {
        authority: by.pubkey(),
        provider_set: set,
    }
    .instruction();
    world.chain.send(&[instruction], &[by])
}

/// A world, its admin, and a proposal that nothing is wrong with.
fn with_proposal() -> (World, Keypair, ProposeProviderSetArgs) {
    let world = world();
    let admin = world.admin.insecure_clone();
    let args = world.provider_set_args(World::PROVIDER_SET_ID, 1);
    (world, admin, args)
}

#[test]
fn propose_provider_set_records_what_was_proposed() {
    let (mut world, admin, mut args) = with_proposal();
    args.role = ProviderRole::Arbiter;
    propose(&mut world, &admin, args).unwrap();

    let found: ProviderSet = world.chain.account(address(args.id, args.epoch)).unwrap();
    assert_eq!((found.id, found.epoch), (args.id, args.epoch));
    assert_eq!((found.threshold, found.size), (args.threshold, args.size));
    assert_eq!(found.role, ProviderRole::Arbiter as u8);
    assert_eq!(found.root, args.root);
    assert_eq!(found.domain, field(world.domain().0));
    assert_eq!(found.standing.suspended, 0);
    assert_eq!(found.standing.rent_payer, admin.pubkey());
    assert_eq!(
        found.standing.active_from,
        world.chain.now().seconds() + world.timelock
    );
}

#[test]
fn provider_set_is_usable_from_the_second_its_timelock_passes() {
    let (mut world, admin, args) = with_proposal();
    propose(&mut world, &admin, args).unwrap();
    world.provider_set = address(args.id, args.epoch);

    world.advance_seconds(world.timelock - 1);
    let verify = world
        .verify_observation(Field::from(FEED), TIME, 1)
        .unwrap();
    world
        .send_verify(&verify)
        .expect_refusal(OracleError::ProviderSetNotActive);
    world.advance_seconds(1);
    world.send_verify(&verify).unwrap();
}

#[test]
fn propose_provider_set_by_another_is_refused() {
    let (mut world, _, args) = with_proposal();
    let strangers = [
        world.guardian.insecure_clone(),
        world.keeper.insecure_clone(),
    ];
    for stranger in strangers {
        propose(&mut world, &stranger, args).expect_refusal(OracleError::NotAdmin);
    }
}

#[test]
fn propose_provider_set_again_fails_and_changes_nothing() {
    let (mut world, admin, args) = with_proposal();
    propose(&mut world, &admin, args).unwrap();
    let set = address(args.id, args.epoch);
    let before = world.chain.find_account(set).unwrap();

    let threshold = args.threshold - 1;
    propose(
        &mut world,
        &admin,
        ProposeProviderSetArgs { threshold, ..args },
    )
    .expect_refusal("AccountAlreadyInUse");
    assert_eq!(world.chain.find_account(set).unwrap(), before);
}

#[test]
fn propose_provider_set_cannot_be_kept_out_by_lamports_sent_ahead() {
    let (mut world, admin, args) = with_proposal();
    let set = address(args.id, args.epoch);
    let rent = world.chain.rent(0);
    world.chain.airdrop(set, rent).unwrap();
    propose(&mut world, &admin, args).unwrap();
    let found: ProviderSet = world.chain.account(set).unwrap();
    assert_eq!(found.root, args.root);
}

#[test]
fn propose_provider_set_at_the_address_of_another_is_refused() {
    let (mut world, admin, args) = with_proposal();
    let instruction = ProposeProviderSet {
        admin: admin.pubkey(),
        args,
    }
    .instruction();
    let other = address(args.id, args.epoch + 1);
    world
        .chain
        .send(
            &[with_account(
                instruction,
                address(args.id, args.epoch),
                other,
            )],
            &[&admin],
        )
        .expect_refusal(anchor_lang::error::ErrorCode::ConstraintSeeds);
}

#[test]
fn propose_provider_set_threshold_out_of_range_is_refused() {
    let (mut world, admin, args) = with_proposal();
    for threshold in [0, args.size + 1, u8::MAX] {
        propose(
            &mut world,
            &admin,
            ProposeProviderSetArgs { threshold, ..args },
        )
        .expect_refusal(OracleError::ThresholdOutOfRange);
    }
    let threshold = args.size;
    propose(
        &mut world,
        &admin,
        ProposeProviderSetArgs { threshold, ..args },
    )
    .unwrap();
}

#[test]
fn propose_provider_set_size_out_of_range_is_refused() {
    let (mut world, admin, args) = with_proposal();
    for size in [0, MAX_PROVIDERS + 1, u8::MAX] {
        propose(&mut world, &admin, ProposeProviderSetArgs { size, ..args })
            .expect_refusal(OracleError::ProviderCountOutOfRange);
    }
    let size = MAX_PROVIDERS;
    propose(&mut world, &admin, ProposeProviderSetArgs { size, ..args }).unwrap();
}

#[test]
fn propose_provider_set_median_slack_of_all_members_is_refused() {
    let (mut world, admin, args) = with_proposal();
    for median_slack in [args.size, u8::MAX] {
        let args = ProposeProviderSetArgs {
            median_slack,
            ..args
        };
        propose(&mut world, &admin, args).expect_refusal(OracleError::MedianSlackOutOfRange);
    }
}

#[test]
fn propose_provider_set_root_at_or_above_the_field_order_is_refused() {
    let (mut world, admin, args) = with_proposal();
    let order: [u8; 32] = Field::MODULUS.to_bytes_be().try_into().unwrap();
    for root in [order, [u8::MAX; 32]] {
        propose(&mut world, &admin, ProposeProviderSetArgs { root, ..args })
            .expect_refusal(OracleError::NotAFieldElement);
    }
    let root = field(-Field::from(1u64));
    propose(&mut world, &admin, ProposeProviderSetArgs { root, ..args }).unwrap();
}

#[test]
fn cancel_provider_set_before_it_is_active_gives_the_rent_back() {
    let (mut world, admin, args) = with_proposal();
    let guardian = world.guardian.insecure_clone();
    let set = address(args.id, args.epoch);
    for authority in [&admin, &guardian] {
        let before = world.chain.lamports(admin.pubkey()).unwrap();
        propose(&mut world, &admin, args).unwrap();
        let rent = world.chain.lamports(set).unwrap();
        assert_eq!(rent, world.chain.rent(8 + size_of::<ProviderSet>()));
        assert_eq!(world.chain.lamports(admin.pubkey()).unwrap(), before - rent);

        world.advance_seconds(world.timelock - 1);
        cancel(&mut world, authority, set).unwrap();
        assert_eq!(world.chain.find_account(set).unwrap(), None);
        assert_eq!(world.chain.lamports(admin.pubkey()).unwrap(), before);
    }
}

#[test]
fn cancel_provider_set_from_its_first_active_second_is_refused() {
    let (mut world, admin, args) = with_proposal();
    propose(&mut world, &admin, args).unwrap();
    world.pass_timelock();
    cancel(&mut world, &admin, address(args.id, args.epoch))
        .expect_refusal(OracleError::AlreadyActive);
}

#[test]
fn cancel_provider_set_by_another_is_refused() {
    let (mut world, admin, args) = with_proposal();
    let stranger = world.keeper.insecure_clone();
    propose(&mut world, &admin, args).unwrap();
    cancel(&mut world, &stranger, address(args.id, args.epoch))
        .expect_refusal(OracleError::NotAdminOrGuardian);
}

#[test]
fn cancel_provider_set_rent_to_another_is_refused() {
    let (mut world, admin, args) = with_proposal();
    propose(&mut world, &admin, args).unwrap();
    let instruction = CancelProviderSet {
        authority: admin.pubkey(),
        provider_set: address(args.id, args.epoch),
        rent_payer: world.keeper.pubkey(),
    }
    .instruction();
    world
        .chain
        .send(&[instruction], &[&admin])
        .expect_refusal(OracleError::WrongRentReceiver);
}

#[test]
fn suspend_provider_set_by_admin_or_guardian_stops_it_for_good() {
    for by_guardian in [false, true] {
        let mut world = world();
        let authority = match by_guardian {
            true => world.guardian.insecure_clone(),
            false => world.admin.insecure_clone(),
        };
        let set = world.provider_set;
        suspend(&mut world, &authority, set).unwrap();
        let found: ProviderSet = world.chain.account(set).unwrap();
        assert_eq!(found.standing.suspended, 1);
        let verify = world
            .verify_observation(Field::from(FEED), TIME, 1)
            .unwrap();
        world
            .send_verify(&verify)
            .expect_refusal(OracleError::ProviderSetSuspended);
        suspend(&mut world, &authority, set).expect_refusal(OracleError::ProviderSetSuspended);
    }
}

#[test]
fn retired_provider_set_is_believed_still_and_can_be_suspended() {
    for by_guardian in [false, true] {
        let mut world = world();
        let authority = match by_guardian {
            true => world.guardian.insecure_clone(),
            false => world.admin.insecure_clone(),
        };
        let set = world.provider_set;
        retire(&mut world, &authority, set).unwrap();
        let found: ProviderSet = world.chain.account(set).unwrap();
        assert_eq!((found.standing.retired, found.standing.suspended), (1, 0));
        let now = world.chain.now().seconds();
        assert!(found.require_usable(now).is_ok());
        let refused = anchor_lang::error::Error::from(OracleError::ProviderSetRetired);
        assert_eq!(found.require_offered(now), Err(refused));
        world.observe(Field::from(FEED), TIME, 1).unwrap();
        retire(&mut world, &authority, set).expect_refusal(OracleError::ProviderSetRetired);
        suspend(&mut world, &authority, set).unwrap();
    }
}

#[test]
fn retire_provider_set_by_another_is_refused() {
    let mut world = world();
    let (stranger, set) = (world.keeper.insecure_clone(), world.provider_set);
    retire(&mut world, &stranger, set).expect_refusal(OracleError::NotAdminOrGuardian);
}

#[test]
fn suspend_provider_set_before_it_is_active_stops_it_too() {
    let (mut world, admin, args) = with_proposal();
    propose(&mut world, &admin, args).unwrap();
    world.provider_set = address(args.id, args.epoch);
    let set = world.provider_set;
    suspend(&mut world, &admin, set).unwrap();
    world.pass_timelock();
    let verify = world
        .verify_observation(Field::from(FEED), TIME, 1)
        .unwrap();
    world
        .send_verify(&verify)
        .expect_refusal(OracleError::ProviderSetSuspended);
}

#[test]
fn suspend_provider_set_by_another_is_refused() {
    let mut world = world();
    let (stranger, set) = (world.keeper.insecure_clone(), world.provider_set);
    suspend(&mut world, &stranger, set).expect_refusal(OracleError::NotAdminOrGuardian);
}

#[test]
fn suspend_or_cancel_of_an_account_of_another_type_is_refused() {
    let mut world = world();
    let (admin, key) = (world.admin.insecure_clone(), world.verifying_key);
    let mismatch = anchor_lang::error::ErrorCode::AccountDiscriminatorMismatch;
    suspend(&mut world, &admin, key).expect_refusal(mismatch);
    cancel(&mut world, &admin, key).expect_refusal(mismatch);
}
