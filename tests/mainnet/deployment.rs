use std::mem::offset_of;

use anchor_lang::AccountSerialize;
use attestation::Field;
use client::{
    accounts::decode, addresses::oracle as addresses, instructions::oracle::ProposeVerifyingKeyArgs,
};
use oracle::{
    error::OracleError, instructions::MIN_MAINNET_TIMELOCK_SECONDS, Network, OracleConfig,
    VerifyingKey,
};
use testbed::{ExpectError, ProgramKind, Receipt, World, WorldError, WorldOptions};

fn options() -> WorldOptions {
    WorldOptions::new(ProgramKind::Native)
}

fn refused<T>(result: Result<T, WorldError>, expected: OracleError) {
    match result {
        Err(WorldError::Send(error)) => Err::<Receipt, _>(error).expect_refusal(expected),
        Err(other) => panic!("expected {expected:?}, but it failed with {other}"),
        Ok(_) => panic!("expected {expected:?}, but it succeeded"),
    }
}

#[test]
fn deployment_cannot_say_that_it_is_on_another_network() {
    for network in [Network::Localnet, Network::Devnet] {
        let world = World::initialized(&WorldOptions {
            network,
            timelock: 0,
            ..options()
        });
        refused(world, OracleError::WrongNetwork);
    }
    for timelock in [0, MIN_MAINNET_TIMELOCK_SECONDS - 1] {
        let world = World::initialized(&WorldOptions {
            timelock,
            ..options()
        });
        refused(world, OracleError::TimelockOutOfRange);
    }
}

#[test]
fn development_key_is_refused_whatever_it_says() {
    let mut world = World::initialized(&options()).unwrap();
    let development = ProposeVerifyingKeyArgs {
        development: true,
        ..world.key_args(World::CIRCUIT_ID, 0)
    };
    let ceremony = |transcript_hash, r1cs_hash| ProposeVerifyingKeyArgs {
        transcript_hash,
        r1cs_hash,
        ..development.clone()
    };
    for args in [
        ceremony([0; 32], [0; 32]),
        ceremony([7; 32], [0; 32]),
        ceremony([7; 32], [7; 32]),
    ] {
        refused(
            world.propose_verifying_key(args),
            OracleError::DevelopmentKeyOnMainnet,
        );
    }
    // Without the flag: the hashes of nothing are refused.
    for (args, error) in [
        (ceremony([0; 32], [0; 32]), OracleError::TranscriptMissing),
        (ceremony([0; 32], [7; 32]), OracleError::TranscriptMissing),
        (ceremony([7; 32], [0; 32]), OracleError::R1csHashMissing),
    ] {
        let args = ProposeVerifyingKeyArgs {
            development: false,
            ..args
        };
        refused(world.propose_verifying_key(args), error);
    }
}

#[test]
fn development_key_from_before_the_programs_were_built_for_mainnet_is_dead() {
    let mut world = World::start(&options()).unwrap();
    world.observe(Field::from(7u64), 1, 1).unwrap();

    let address = world.verifying_key;
    let mut account = world.chain.find_account(address).unwrap().unwrap();
    account.data[8 + offset_of!(VerifyingKey, development)] = 1;
    world.chain.set_account(address, account);
    refused(
        world.observe(Field::from(8u64), 1, 1),
        OracleError::DevelopmentKeyOnMainnet,
    );
}

/// An upgrade makes no mainnet deployment of one that was initialized without a timelock.
#[test]
fn deployment_of_another_network_takes_no_key_after_an_upgrade() {
    let mut world = World::initialized(&options()).unwrap();
    let address = addresses::config();
    let mut account = world.chain.find_account(address).unwrap().unwrap();
    let mut config: OracleConfig = decode(&account.owner, &account.data).unwrap();
    (config.network, config.timelock_seconds) = (Network::Devnet, 0);
    account.data.clear();
    config.try_serialize(&mut account.data).unwrap();
    world.chain.set_account(address, account);
    let key = world.key_args(World::CIRCUIT_ID, 0);
    refused(world.propose_verifying_key(key), OracleError::WrongNetwork);
}
