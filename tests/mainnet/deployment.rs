use std::mem::offset_of;

use anchor_lang::{prelude::Pubkey, AccountSerialize};
use attestation::Field;
use client::{
    accounts::decode,
    addresses::oracle as addresses,
    instructions::oracle::{ProposeVerifyingKeyArgs, VerifyObservations},
};
use oracle::{
    error::OracleError, instructions::MIN_MAINNET_TIMELOCK_SECONDS, statement::domain, Network,
    OracleConfig, ProviderSet, VerifyingKey,
};
use solana_signer::Signer;
use testbed::{
    ExpectError, FlashWorld, MarketsOptions, MarketsWorld, PassedOn, PassedOnByMarkets,
    ProgramKind, Receipt, World, WorldError, WorldOptions,
};

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

/// Has the set be one that a program for another network took.
fn move_to_devnet(world: &mut World, set: Pubkey) {
    let mut account = world.chain.find_account(set).unwrap().unwrap();
    let place = 8 + offset_of!(ProviderSet, domain);
    account.data[place..place + 32].copy_from_slice(&domain(&oracle::ID, Network::Devnet));
    world.chain.set_account(set, account);
}

/// The key passes for one of a ceremony, as anybody's can where there is no timelock to look at it.
#[test]
fn set_from_before_the_programs_were_built_for_mainnet_says_nothing() {
    let mut world = World::start(&options()).unwrap();
    let key: VerifyingKey = world.chain.account(world.verifying_key).unwrap();
    assert_eq!(key.development, 0);
    world.observe(Field::from(7u64), 1, 1).unwrap();

    let set = world.provider_set;
    move_to_devnet(&mut world, set);
    refused(
        world.observe(Field::from(8u64), 1, 1),
        OracleError::WrongNetwork,
    );
    let verify = world.verify_observation(Field::from(8u64), 1, 1).unwrap();
    let batch = VerifyObservations {
        payer: world.keeper.pubkey(),
        provider_set: set,
        verifying_key: world.verifying_key,
        claims: vec![verify.args],
    };
    world
        .chain
        .send(&[batch.instruction()], &[&world.keeper])
        .expect_refusal(OracleError::WrongNetwork);
}

#[test]
fn flash_market_takes_no_set_from_before_the_programs_were_built_for_mainnet() {
    let (mut flash, _) = FlashWorld::with_liquidity(1_000_000_000);
    let set = flash.world.provider_set;
    move_to_devnet(&mut flash.world, set);
    let (event_book, terms) = (flash.create_event_book(), flash.terms(3));
    flash
        .try_market(event_book, terms)
        .expect_refusal(PassedOn(OracleError::WrongNetwork));
}

#[test]
fn market_takes_no_set_from_before_the_programs_were_built_for_mainnet() {
    for of_arbiters in [false, true] {
        let mut markets = MarketsWorld::start(&MarketsOptions::default());
        let set = match of_arbiters {
            true => markets.arbiter_set,
            false => markets.world.provider_set,
        };
        move_to_devnet(&mut markets.world, set);
        let (creator, terms) = (markets.creator(), markets.terms(3));
        markets
            .try_market(&creator, terms)
            .expect_refusal(PassedOnByMarkets(OracleError::WrongNetwork));
    }
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
