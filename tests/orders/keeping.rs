//! A keeper who does what its plan says takes orders of a flash market with a bet delay from the first slice to the
//! closing of the desk.

use std::collections::BTreeMap;

use anchor_lang::prelude::AccountMeta;
use client::instructions::orders::*;
use keeper::{Settings, Snapshot};
use solana_signer::Signer;
use testbed::{thousandths, FlashDeskWorld, User, TIP};

const SLICE: u64 = 2_000_000;
const TOTAL: u64 = 4 * SLICE;
const STAKE: u64 = 50_000_000;

/// Does what is due now, and says what that was.
fn round(world: &mut FlashDeskWorld) -> Vec<&'static str> {
    let chain = world.flash.chain();
    let accounts = chain.accounts_of(&[flash_bets::ID, orders::ID]);
    let snapshot = Snapshot::new(accounts.expect("the chain"));
    let mint = world.flash.mint.address;
    let token_programs = BTreeMap::from([(mint, world.flash.token_program())]);
    let settings = Settings {
        keeper: world.keeper.pubkey(),
        proposer: None,
        poke_after_seconds: i64::MAX,
        pays_in_one_call: false,
    };
    let plan = snapshot.plan(&token_programs, &settings, chain.clock());
    let key = world.keeper.insecure_clone();
    let mut done = vec![];
    for action in plan.into_values().flatten() {
        let instruction = action.instruction();
        let is_signer = |account: &&AccountMeta| account.is_signer;
        let signers: Vec<_> = instruction.accounts.iter().filter(is_signer).collect();
        let keys: &[&solana_keypair::Keypair] = if signers.is_empty() { &[] } else { &[&key] };
        let sent = world.send(std::slice::from_ref(&instruction), keys);
        sent.unwrap_or_else(|error| panic!("{}: {error:?}", action.name()));
        done.push(action.name());
    }
    done
}

fn bettor(world: &mut FlashDeskWorld) -> User {
    let (user, market) = (world.user(), world.market);
    for outcome in 0..2 {
        let bet = world.flash.place(&user, market, outcome, STAKE);
        bet.expect("a bet");
    }
    user
}

#[test]
fn keeper_takes_orders_from_the_first_slice_to_the_closing_of_their_desk() {
    let mut world = FlashDeskWorld::start_with(|terms| {
        terms.observe_at_ms -= u64::from(terms.duration_seconds) * 1_000;
        terms.delay_ms = 2_000;
        terms.execution_seconds = 4;
    });
    let owners = [bettor(&mut world), bettor(&mut world)];
    world.pass(5);
    round(&mut world);
    let had = owners.each_ref().map(|user| world.lamports(user.address()));
    for (owner, side, limit) in [
        (&owners[0], OrderSide::Buy, 600),
        (&owners[1], OrderSide::Sell, 400),
    ] {
        let terms = world.iceberg(side, TOTAL, thousandths(limit));
        world.place(owner, 1, terms).expect("an order");
        let slice = world.accounts().slice(owner.address(), 1);
        world.flash.know(world.market, slice.pending());
    }
    let keeper = world.lamports(world.keeper.pubkey());
    let mut counts = BTreeMap::<_, u32>::new();
    for _ in 0..60 {
        for name in round(&mut world) {
            *counts.entry(name).or_default() += 1;
        }
        world.pass(5);
    }
    assert_eq!(counts["placing a slice of an order"], 8);
    assert_eq!(counts["booking a slice of an order"], 8);
    assert_eq!(counts["returning an order"], 2);
    // A tip for each slice and each return, and every rent is back.
    assert_eq!(world.lamports(world.keeper.pubkey()), keeper + 10 * TIP);
    for (owner, had) in owners.iter().zip(had) {
        assert!(world.find_order(owner, 1).is_none());
        assert_eq!(world.lamports(owner.address()), had - 5 * TIP);
    }

    // One more slice is in the market when that is resolved.
    let terms = world.iceberg(OrderSide::Buy, TOTAL, thousandths(600));
    world.place(&owners[0], 1, terms).expect("an order");
    let placed = round(&mut world);
    assert_eq!(placed, ["placing a slice of an order"]);
    let market = world.market;
    world.flash.resolve(market, 0).expect("a result");
    for _ in 0..10 {
        round(&mut world);
        world.pass(5);
    }
    let desk = world.desk();
    let accounts = [desk, world.accounts().tokens_of(&desk), market];
    assert_eq!(accounts.map(|account| world.lamports(account)), [0; 3]);
}
