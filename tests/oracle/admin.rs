use anchor_lang::prelude::Pubkey;
use client::{
    addresses::oracle::config,
    instructions::oracle::{AcceptAdmin, CancelAdmin, ProposeAdmin, ProposeProviderSet},
};
use oracle::{error::OracleError, OracleConfig};
use solana_keypair::Keypair;
use solana_signer::Signer;
use testbed::{ExpectError, Receipt, SendError, World};

use crate::support::{unsigned, with_account, world};

fn propose(world: &mut World, by: &Keypair, new_admin: Pubkey) -> Result<Receipt, SendError> {
    let admin = by.pubkey();
    let instruction = ProposeAdmin { admin, new_admin }.instruction();
    world.chain.send(&[instruction], &[by])
}

fn accept(world: &mut World, by: &Keypair) -> Result<Receipt, SendError> {
    let pending_admin = by.pubkey();
    let instruction = AcceptAdmin { pending_admin }.instruction();
    world.chain.send(&[instruction], &[by])
}

fn cancel(world: &mut World, by: &Keypair) -> Result<Receipt, SendError> {
    let authority = by.pubkey();
    let instruction = CancelAdmin { authority }.instruction();
    world.chain.send(&[instruction], &[by])
}

fn configuration(world: &World) -> OracleConfig {
    world.chain.account(config()).unwrap()
}

#[test]
fn accept_admin_waits_for_the_timelock_to_the_second() {
    let mut world = world();
    let (old, new) = (world.admin.insecure_clone(), Keypair::new());
    propose(&mut world, &old, new.pubkey()).unwrap();
    let proposed = configuration(&world);
    assert_eq!(proposed.admin, old.pubkey());
    assert_eq!(proposed.pending_admin, new.pubkey());
    assert_eq!(
        proposed.pending_admin_from,
        world.chain.now().seconds() + world.timelock
    );

    world.advance_seconds(world.timelock - 1);
    accept(&mut world, &new).expect_refusal(OracleError::TimelockNotPassed);
    world.advance_seconds(1);
    accept(&mut world, &new).unwrap();

    let accepted = configuration(&world);
    assert_eq!(accepted.admin, new.pubkey());
    assert_eq!(accepted.pending_admin, Pubkey::default());
    assert_eq!(accepted.pending_admin_from, 0);
}

#[test]
fn accept_admin_ends_the_powers_of_the_old_one() {
    let mut world = world();
    let (old, new) = (
        world.admin.insecure_clone(),
        world.chain.new_actor().unwrap(),
    );
    propose(&mut world, &old, new.pubkey()).unwrap();
    world.pass_timelock();
    accept(&mut world, &new).unwrap();

    let args = world.provider_set_args(World::PROVIDER_SET_ID, 1);
    let propose_by = |key: &Keypair| {
        let admin = key.pubkey();
        ProposeProviderSet { admin, args }.instruction()
    };
    let (by_old, by_new) = (propose_by(&old), propose_by(&new));
    world
        .chain
        .send(&[by_old], &[&old])
        .expect_refusal(OracleError::NotAdmin);
    world.chain.send(&[by_new], &[&new]).unwrap();
}

#[test]
fn propose_admin_by_another_is_refused() {
    let mut world = world();
    let strangers = [
        world.guardian.insecure_clone(),
        world.keeper.insecure_clone(),
    ];
    for stranger in strangers {
        propose(&mut world, &stranger, stranger.pubkey()).expect_refusal(OracleError::NotAdmin);
    }
    assert_eq!(configuration(&world).pending_admin, Pubkey::default());
}

#[test]
fn propose_admin_without_the_admins_signature_is_refused() {
    let mut world = world();
    let admin = world.admin.pubkey();
    let new_admin = world.keeper.pubkey();
    let instruction = unsigned(ProposeAdmin { admin, new_admin }.instruction(), admin);
    world
        .chain
        .send(&[instruction], &[])
        .expect_refusal(anchor_lang::error::ErrorCode::AccountNotSigner);
}

#[test]
fn propose_admin_default_key_is_refused() {
    let mut world = world();
    let admin = world.admin.insecure_clone();
    propose(&mut world, &admin, Pubkey::default()).expect_refusal(OracleError::DefaultKey);
}

#[test]
fn propose_admin_again_starts_the_timelock_anew() {
    let mut world = world();
    let admin = world.admin.insecure_clone();
    let (first, second) = (Keypair::new(), Keypair::new());
    propose(&mut world, &admin, first.pubkey()).unwrap();
    world.advance_seconds(world.timelock - 1);
    propose(&mut world, &admin, second.pubkey()).unwrap();
    world.advance_seconds(1);
    accept(&mut world, &first).expect_refusal(OracleError::NotPendingAdmin);
    accept(&mut world, &second).expect_refusal(OracleError::TimelockNotPassed);
}

#[test]
fn accept_admin_by_another_is_refused() {
    let mut world = world();
    let (admin, stranger) = (world.admin.insecure_clone(), world.keeper.insecure_clone());
    propose(&mut world, &admin, Pubkey::new_unique()).unwrap();
    world.pass_timelock();
    for key in [&admin, &stranger] {
        accept(&mut world, key).expect_refusal(OracleError::NotPendingAdmin);
    }
}

#[test]
fn accept_admin_when_nobody_is_proposed_is_refused() {
    let mut world = world();
    let stranger = world.keeper.insecure_clone();
    accept(&mut world, &stranger).expect_refusal(OracleError::NotPendingAdmin);
}

#[test]
fn accept_admin_twice_is_refused() {
    let mut world = world();
    let (admin, new) = (world.admin.insecure_clone(), Keypair::new());
    propose(&mut world, &admin, new.pubkey()).unwrap();
    world.pass_timelock();
    accept(&mut world, &new).unwrap();
    accept(&mut world, &new).expect_refusal(OracleError::NotPendingAdmin);
}

#[test]
fn cancel_admin_by_admin_or_guardian_withdraws_the_proposal() {
    let mut world = world();
    let (admin, guardian) = (
        world.admin.insecure_clone(),
        world.guardian.insecure_clone(),
    );
    for authority in [&admin, &guardian] {
        let new = Keypair::new();
        propose(&mut world, &admin, new.pubkey()).unwrap();
        world.pass_timelock();
        cancel(&mut world, authority).unwrap();
        assert_eq!(configuration(&world).pending_admin, Pubkey::default());
        accept(&mut world, &new).expect_refusal(OracleError::NotPendingAdmin);
    }
}

#[test]
fn cancel_admin_by_another_is_refused() {
    let mut world = world();
    let (admin, stranger) = (world.admin.insecure_clone(), world.keeper.insecure_clone());
    let new = Keypair::new();
    propose(&mut world, &admin, new.pubkey()).unwrap();
    for key in [&stranger, &new] {
        cancel(&mut world, key).expect_refusal(OracleError::NotAdminOrGuardian);
    }
}

#[test]
fn cancel_admin_when_nobody_is_proposed_is_refused() {
    let mut world = world();
    let admin = world.admin.insecure_clone();
    cancel(&mut world, &admin).expect_refusal(OracleError::NothingPending);
}

#[test]
fn admin_instruction_with_another_account_as_configuration_is_refused() {
    let mut world = world();
    let admin = world.admin.pubkey();
    let new_admin = world.keeper.pubkey();
    let instruction = ProposeAdmin { admin, new_admin }.instruction();
    let cases = [
        (
            world.provider_set,
            anchor_lang::error::ErrorCode::AccountDiscriminatorMismatch,
        ),
        (
            admin,
            anchor_lang::error::ErrorCode::AccountOwnedByWrongProgram,
        ),
    ];
    for (other, error) in cases {
        let instruction = with_account(instruction.clone(), config(), other);
        world
            .chain
            .send(&[instruction], &[&world.admin])
            .expect_refusal(error);
    }
}

#[test]
fn admin_instruction_with_a_forged_configuration_is_refused() {
    let mut world = world();
    // The bytes of the real one with another admin, in an account that anybody could fill.
    let attacker = world.keeper.insecure_clone();
    let mut forged = world.chain.find_account(config()).unwrap().unwrap();
    forged.owner = Pubkey::new_unique();
    let at = forged
        .data
        .windows(32)
        .position(|window| window == world.admin.pubkey().as_ref())
        .unwrap();
    forged.data[at..at + 32].copy_from_slice(attacker.pubkey().as_ref());
    let address = Pubkey::new_unique();
    world.chain.set_account(address, forged);

    let instruction = ProposeAdmin {
        admin: attacker.pubkey(),
        new_admin: attacker.pubkey(),
    }
    .instruction();
    world
        .chain
        .send(
            &[with_account(instruction, config(), address)],
            &[&attacker],
        )
        .expect_refusal(anchor_lang::error::ErrorCode::AccountOwnedByWrongProgram);
}

#[test]
fn admin_instruction_with_another_account_as_instructions_sysvar_is_refused() {
    let mut world = world();
    let admin = world.admin.pubkey();
    let new_admin = world.keeper.pubkey();
    // An account that shows a harmless first instruction where the real one would not.
    let real = solana_sdk_ids::sysvar::instructions::ID;
    let instruction = ProposeAdmin { admin, new_admin }.instruction();
    for other in [config(), solana_sdk_ids::sysvar::clock::ID, admin] {
        world
            .chain
            .send(
                &[with_account(instruction.clone(), real, other)],
                &[&world.admin],
            )
            .expect_refusal(OracleError::WrongAccount);
    }
}
