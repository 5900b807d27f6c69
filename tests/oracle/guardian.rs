use anchor_lang::prelude::Pubkey;
use client::{
    addresses::oracle::config,
    instructions::oracle::{CancelGuardian, SetGuardian, SuspendProviderSet},
};
use oracle::{error::OracleError, OracleConfig};
use solana_keypair::Keypair;
use solana_signer::Signer;
use testbed::{ExpectError, Receipt, SendError, World};

use crate::support::world;

fn set(world: &mut World, by: &Keypair, new_guardian: Pubkey) -> Result<Receipt, SendError> {
    let admin = by.pubkey();
    let instruction = SetGuardian {
        admin,
        new_guardian,
    }
    .instruction();
    world.chain.send(&[instruction], &[by])
}

fn suspend(world: &mut World, by: &Keypair) -> Result<Receipt, SendError> {
    let instruction = SuspendProviderSet {
        authority: by.pubkey(),
        provider_set: world.provider_set,
    }
    .instruction();
    world.chain.send(&[instruction], &[by])
}

#[test]
fn set_guardian_replaces_the_old_one_after_the_timelock() {
    let mut world = world();
    let (admin, old, new) = (
        world.admin.insecure_clone(),
        world.guardian.insecure_clone(),
        Keypair::new(),
    );
    set(&mut world, &admin, new.pubkey()).unwrap();
    let found: OracleConfig = world.chain.account(config()).unwrap();
    assert_eq!(found.guardian.value, old.pubkey());
    assert_eq!(found.guardian.pending, new.pubkey());
    assert_eq!(
        found.guardian.active_from,
        world.chain.now().seconds() + world.timelock
    );

    world.advance_seconds(world.timelock - 1);
    suspend(&mut world, &new).expect_refusal(OracleError::NotAdminOrGuardian);
    world.advance_seconds(1);
    suspend(&mut world, &old).expect_refusal(OracleError::NotAdminOrGuardian);
    suspend(&mut world, &new).unwrap();
}

#[test]
fn old_guardian_acts_until_the_last_second() {
    let mut world = world();
    let (admin, old) = (
        world.admin.insecure_clone(),
        world.guardian.insecure_clone(),
    );
    set(&mut world, &admin, Pubkey::new_unique()).unwrap();
    world.advance_seconds(world.timelock - 1);
    suspend(&mut world, &old).unwrap();
}

#[test]
fn set_guardian_again_before_the_timelock_keeps_the_present_one() {
    let mut world = world();
    let (admin, old) = (
        world.admin.insecure_clone(),
        world.guardian.insecure_clone(),
    );
    let (first, second) = (Keypair::new(), Keypair::new());
    set(&mut world, &admin, first.pubkey()).unwrap();
    world.advance_seconds(world.timelock - 1);
    set(&mut world, &admin, second.pubkey()).unwrap();
    world.advance_seconds(1);
    suspend(&mut world, &first).expect_refusal(OracleError::NotAdminOrGuardian);
    suspend(&mut world, &old).unwrap();
}

#[test]
fn set_guardian_again_after_the_timelock_keeps_the_one_in_force() {
    let mut world = world();
    let admin = world.admin.insecure_clone();
    let (first, second) = (Keypair::new(), Keypair::new());
    set(&mut world, &admin, first.pubkey()).unwrap();
    world.pass_timelock();
    set(&mut world, &admin, second.pubkey()).unwrap();
    let found: OracleConfig = world.chain.account(config()).unwrap();
    assert_eq!(found.guardian.value, first.pubkey());
    suspend(&mut world, &first).unwrap();
}

#[test]
fn set_guardian_by_another_is_refused() {
    let mut world = world();
    let strangers = [
        world.guardian.insecure_clone(),
        world.keeper.insecure_clone(),
    ];
    for stranger in strangers {
        set(&mut world, &stranger, stranger.pubkey()).expect_refusal(OracleError::NotAdmin);
    }
}

#[test]
fn set_guardian_default_key_is_refused() {
    let mut world = world();
    let admin = world.admin.insecure_clone();
    set(&mut world, &admin, Pubkey::default()).expect_refusal(OracleError::DefaultKey);
}

fn cancel(world: &mut World, by: &Keypair) -> Result<Receipt, SendError> {
    let authority = by.pubkey();
    let instruction = CancelGuardian { authority }.instruction();
    world.chain.send(&[instruction], &[by])
}

#[test]
fn next_guardian_can_be_withdrawn_until_it_takes_over() {
    let mut world = world();
    let (admin, old, new) = (
        world.admin.insecure_clone(),
        world.guardian.insecure_clone(),
        Keypair::new(),
    );
    cancel(&mut world, &admin).expect_refusal(OracleError::NothingPending);
    for authority in [&admin, &old] {
        set(&mut world, &admin, new.pubkey()).unwrap();
        world.advance_seconds(world.timelock - 1);
        cancel(&mut world, &new).expect_refusal(OracleError::NotAdminOrGuardian);
        cancel(&mut world, authority).unwrap();
        world.advance_seconds(1);
        suspend(&mut world, &new).expect_refusal(OracleError::NotAdminOrGuardian);
    }
    set(&mut world, &admin, new.pubkey()).unwrap();
    world.pass_timelock();
    cancel(&mut world, &old).expect_refusal(OracleError::NotAdminOrGuardian);
    cancel(&mut world, &new).expect_refusal(OracleError::NothingPending);
    suspend(&mut world, &new).unwrap();
}
