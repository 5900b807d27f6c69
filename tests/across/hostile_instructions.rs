//! Instruction data of every program, damaged at random, with the accounts of instructions that are
//! right: whatever is taken, all books still balance.

use anchor_lang::{prelude::Pubkey, solana_program::instruction::Instruction};
use client::{
    accounts::decode,
    addresses::oracle as addresses,
    instructions::{
        flash_bets::{Pause, Resolve, Unpause},
        oracle::{ProposeProviderSet, ProposeVerifyingKey},
        orders::OrderSide,
    },
};
use fuzzing::search;
use oracle::{Observation, VerifyingKey};
use solana_keypair::Keypair;
use solana_signer::Signer;
use testbed::{
    feed, DeskWorld, FeeShare, FlashWorld, MarketsOptions, MarketsWorld, SendError, World,
};

use crate::support;

const PURSE: u64 = 10_000_000_000;
/// Time passes every so many inputs.
const INPUTS_PER_STEP: usize = 24;
const DISCRIMINATOR_LEN: usize = 8;

/// Instructions that are right, or were, or will be.
#[derive(Default)]
struct Steps(Vec<(Instruction, Vec<Keypair>)>);

impl Steps {
    fn add(&mut self, instruction: Instruction, signers: &[&Keypair]) {
        let signers = signers.iter().map(|key| key.insecure_clone()).collect();
        self.0.push((instruction, signers));
    }

    /// Their data, each after a byte that says whose accounts it comes with.
    fn corpus(&self) -> Vec<Vec<u8>> {
        let numbered = (0u8..).zip(&self.0);
        numbered
            .map(|(number, (instruction, _))| [&[number], &instruction.data[..]].concat())
            .collect()
    }

    /// Sends inputs; `step` is called before some of them, so that time passes.
    fn search<W>(
        self,
        name: &str,
        world: &mut W,
        send: impl Fn(&mut W, Instruction, &[&Keypair]) -> Result<(), SendError>,
        step: impl Fn(&mut W),
    ) {
        let (mut tried, mut taken) = (0, 0);
        search(name, &self.corpus(), |input| {
            let Some((number, data)) = input.split_first() else {
                return;
            };
            let (instruction, signers) = &self.0[usize::from(*number) % self.0.len()];
            let mut data = data.to_vec();
            // Most inputs are to reach the instruction.
            let is_named = data.len() % 4 != 0;
            if let (true, Some(name)) = (is_named, data.first_chunk_mut::<DISCRIMINATOR_LEN>()) {
                name.copy_from_slice(&instruction.data[..DISCRIMINATOR_LEN]);
            }
            let instruction = Instruction {
                data,
                ..instruction.clone()
            };
            let signers: Vec<_> = signers.iter().collect();
            tried += 1;
            taken += usize::from(send(world, instruction, &signers).is_ok());
            if tried % INPUTS_PER_STEP == 0 {
                step(world);
            }
        });
        println!("{name}: {taken} of {tried} taken");
        assert!(taken > 0, "nothing of the corpus is right");
    }
}

#[test]
fn flash_bets_books_balance_whatever_the_data() {
    let (mut flash, provider) = FlashWorld::with_liquidity(1_000_000_000_000);
    let event_book = flash.create_event_book();
    let terms = flash.lasting(3, 600);
    let market = flash.market_on(event_book, terms);
    let [user, other] = [flash.user(PURSE), flash.user(PURSE)];
    flash.open_ticket(&user, market).expect("a ticket");
    flash.place(&user, market, 0, 1_000_000).expect("a bet");
    let (operator, admin) = (
        flash.operator.insecure_clone(),
        flash.world.admin.insecure_clone(),
    );
    let guardian = flash.world.guardian.insecure_clone();
    let (vault, evidence) = (flash.vault, flash.market_state(market).evidence);

    let mut steps = Steps::default();
    steps.add(
        flash.build_bet(&user, market, 1, 1_000_000).instruction(),
        &[&user.key],
    );
    steps.add(
        flash
            .build_buy_shares(&user, market, 2, [500_000, 500_000])
            .instruction(),
        &[&user.key],
    );
    steps.add(
        flash
            .build_cash_out(&user, market, 0, 100_000)
            .instruction(),
        &[&user.key],
    );
    steps.add(
        flash.build_ticket(&other, market).instruction(),
        &[&other.key],
    );
    steps.add(
        flash.build_bet(&other, market, 0, 2_000_000).instruction(),
        &[&other.key],
    );
    steps.add(
        flash.build_deposit(&user, 1_000_000).instruction(),
        &[&user.key],
    );
    steps.add(flash.build_execute_deposit(&user).instruction(), &[]);
    steps.add(
        flash.build_cancel_deposit(&user).instruction(),
        &[&user.key],
    );
    steps.add(
        flash.build_request(&provider, 1_000_000).instruction(),
        &[&provider.key],
    );
    steps.add(flash.build_withdraw(&provider).instruction(), &[]);
    steps.add(
        flash.build_cancel_withdraw(&provider).instruction(),
        &[&provider.key],
    );
    steps.add(flash.build_lapse_withdraw(&provider).instruction(), &[]);
    steps.add(flash.build_suspend(market, 10).instruction(), &[&operator]);
    steps.add(flash.build_resume(market).instruction(), &[&operator]);
    steps.add(flash.build_settle(market, &[&user]).instruction(), &[]);
    steps.add(flash.build_release(market).instruction(), &[]);
    steps.add(flash.build_void(market).instruction(), &[]);
    steps.add(
        flash.build_collect(FeeShare::Operator).instruction(),
        &[&operator],
    );
    steps.add(flash.build_collect(FeeShare::Protocol).instruction(), &[]);
    let (authority, of_admin) = (guardian.pubkey(), admin.pubkey());
    steps.add(Pause { authority, vault }.instruction(), &[&guardian]);
    steps.add(
        Unpause {
            authority: of_admin,
            vault,
        }
        .instruction(),
        &[&admin],
    );
    let resolve = Resolve {
        market,
        observation: evidence.observation,
        strike_observation: None,
    };
    steps.add(resolve.instruction(), &[]);

    steps.search(
        "instruction data of flash-bets",
        &mut flash,
        |flash, instruction, signers| flash.send(instruction, signers).map(drop),
        |flash| {
            let slot = flash.chain().slot() + 60;
            flash.go_to(slot);
            let is_over = flash.chain().now().0 >= evidence.observe_at_ms;
            if is_over && flash.find::<Observation>(evidence.observation).is_none() {
                flash.observe(market, 1);
            }
        },
    );
}

#[test]
fn markets_books_balance_whatever_the_data() {
    let mut world = MarketsWorld::start(&MarketsOptions::default());
    let terms = world.terms(3);
    let market = world.market(terms);
    let [trader, other] = [world.trader(PURSE), world.trader(PURSE)];
    for one in [&trader, &other] {
        world.open_provider(one, market);
    }
    world
        .buy(&trader, market, 0, 1_000_000)
        .expect("a purchase");
    let creator = world.creator();
    let evidence = world.state(market).evidence;

    let mut steps = Steps::default();
    let key = &trader.key;
    steps.add(
        world.build_buy(&trader, market, 1, 1_000_000).instruction(),
        &[key],
    );
    steps.add(
        world
            .build_buy_shares(&trader, market, 2, 500_000)
            .instruction(),
        &[key],
    );
    steps.add(
        world.build_sell(&trader, market, 0, 100_000).instruction(),
        &[key],
    );
    steps.add(
        world.build_split(&trader, market, 1_000_000).instruction(),
        &[key],
    );
    steps.add(
        world.build_merge(&trader, market, 500_000).instruction(),
        &[key],
    );
    steps.add(
        world.build_add(&other, market, 1_000_000).instruction(),
        &[&other.key],
    );
    steps.add(
        world.build_remove(&other, market, 1_000).instruction(),
        &[&other.key],
    );
    steps.add(
        world.build_collect(&other, market).instruction(),
        &[&other.key],
    );
    steps.add(
        world.build_collect_creator(market).instruction(),
        &[&creator.key],
    );
    steps.add(world.build_release(market).instruction(), &[]);
    steps.add(world.build_collect_protocol().instruction(), &[]);
    let propose = world.build_propose(&trader, market, evidence.observation);
    steps.add(propose.instruction(), &[key]);
    steps.add(
        world.build_dispute(&other, market).instruction(),
        &[&other.key],
    );
    steps.add(world.build_finalize(market).instruction(), &[]);
    steps.add(
        world.build_redeem(market, &[&trader, &other]).instruction(),
        &[],
    );
    steps.add(
        world.build_redeem_liquidity(market, &other).instruction(),
        &[],
    );

    steps.search(
        "instruction data of markets",
        &mut world,
        |world, instruction, signers| world.send(instruction, signers).map(drop),
        |world| {
            let slot = world.chain().slot() + 400;
            world.go_to(slot);
            let is_over = world.chain().now().0 >= evidence.observe_at_ms;
            if is_over && world.find::<Observation>(evidence.observation).is_none() {
                world.observe(market, 1);
            }
        },
    );
}

#[test]
fn orders_books_balance_whatever_the_data() {
    let mut desk = DeskWorld::start();
    let owner = desk.trader();
    let terms = desk.iceberg(OrderSide::Buy, 1_000_000, 900);
    desk.placed.insert((owner.address(), 1));
    let mut steps = Steps::default();
    steps.add(
        desk.build_place(&owner, 1, terms).instruction(),
        &[&owner.key],
    );
    steps.add(desk.build_fill(&owner, 1), &[]);
    steps.add(desk.build_return(&owner, 1).instruction(), &[&owner.key]);
    steps.search(
        "instruction data of orders",
        &mut desk,
        |desk, instruction, signers| desk.send(&[instruction], signers).map(drop),
        |desk| desk.pass(200),
    );
}

/// The oracle has no money. What it recorded stays, what it knows of itself too, and no key is one that
/// it would refuse.
#[test]
fn oracle_records_stay_whatever_the_data() {
    let mut world = support::world();
    let observation = world.observe(feed(7), 1, 5).expect("an observation");
    let read = |world: &World, address: Pubkey| {
        let account = world.chain.find_account(address).expect("the chain");
        account.expect("it stays").data
    };
    let kept = |world: &World| (read(world, addresses::config()), read(world, observation));
    let before = kept(&world);
    let admin = world.admin.insecure_clone();
    let (admin_key, keeper) = (admin.pubkey(), world.keeper.insecure_clone());

    let mut steps = Steps::default();
    let verify = world.verify_observation(feed(8), 1, 6).expect("a proof");
    steps.add(verify.instruction(), &[&keeper]);
    let set = ProposeProviderSet {
        admin: admin_key,
        args: world.provider_set_args(9, 0),
    };
    steps.add(set.instruction(), &[&admin]);
    let key = ProposeVerifyingKey {
        admin: admin_key,
        args: world.key_args(World::CIRCUIT_ID, 7),
    };
    steps.add(key.instruction(), &[&admin]);
    let proposed = addresses::verifying_key(World::CIRCUIT_ID, 7);
    steps.search(
        "instruction data of the oracle",
        &mut world,
        |world, instruction, signers| {
            let sent = world.chain.send(&[instruction], signers).map(drop);
            assert_eq!(kept(world), before);
            if let Some(account) = world.chain.find_account(proposed).expect("the chain") {
                let key: VerifyingKey = decode(&account.owner, &account.data).expect("a key");
                let key = groth16::VerifyingKey::from_bytes(&key.key).expect("a key");
                assert_eq!(key.check(), Ok(()));
            }
            sent
        },
        |world| world.advance_seconds(30),
    );
}
