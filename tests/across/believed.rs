//! Those whom markets believe, turned against them: who made a verifying key and kept its trapdoor, k
//! of n providers who sign what is not true (the same to the chain), and arbiters. The bounds are those
//! that SECURITY.md names.

use anchor_lang::prelude::Pubkey;
use attestation::Field;
use client::{
    addresses::{flash_bets as flash_addresses, oracle as addresses},
    instructions::flash_bets::Resolve,
};
use flash_bets::error::FlashError;
use flash_bets::state::Caps;
use markets::error::MarketError;
use testbed::{
    simulation::Trapdoor, ExpectError, FlashOptions, FlashWorld, MarketsOptions, MarketsWorld,
    User, World,
};

use crate::support::suspend;

const LIQUIDITY: u64 = 100_000_000_000;
const PURSE: u64 = 1_000_000_000_000;
const STAKE: u64 = 300_000_000;
const DAILY_LOSS: u64 = 5_000_000_000;
const HOUR: i64 = 3_600;

/// A market in which `honest` bets on what will be true, and `accomplice` on what is made to.
fn lie(flash: &mut FlashWorld, event_book: Pubkey, honest: &User, accomplice: &User) -> bool {
    let mut terms = flash.lasting(2, 5);
    terms.fee_rate = 0;
    let operator = flash.operator.insecure_clone();
    let create = flash.build_market(event_book, terms);
    let market = flash_addresses::market(&flash.vault, create.id);
    if flash.send(create.instruction(), &[&operator]).is_err() {
        flash.forget(market);
        return false;
    }
    flash.pass_to(flash.market_state(market).hours.opens_at);
    for (user, outcome, stake) in [(honest, 0, STAKE), (accomplice, 1, 8_000_000_000)] {
        flash
            .open_and_place(user, market, outcome, stake)
            .expect("a bet");
    }
    flash.resolve(market, 1).expect("a proof of a lie");
    flash
        .settle(market, &[honest, accomplice])
        .expect("a payout");
    flash.close(market).expect("a closing");
    flash.forget(market);
    true
}

/// In any number of markets that an honest operator opens at fair prices, within any day no more than the
/// vault's cap and what others staked in them.
#[test]
fn who_proves_lies_takes_a_days_loss_and_what_others_staked() {
    let options = FlashOptions::default();
    let mut flash = FlashWorld::start(&FlashOptions {
        caps: Caps {
            daily_loss: DAILY_LOSS,
            ..options.caps
        },
        ..options
    });
    let provider = flash.user(LIQUIDITY);
    flash.deposit(&provider, LIQUIDITY).expect("a deposit");
    let [honest, accomplice] = [(); 2].map(|()| flash.user(PURSE));
    let event_book = flash.create_event_book();
    let start = flash.chain().now().seconds();
    let mut rounds = 0;
    let mut is_open = true;
    while flash.chain().now().seconds() < start + 23 * HOUR {
        is_open = lie(&mut flash, event_book, &honest, &accomplice);
        if is_open {
            rounds += 1;
        } else {
            flash.pass_to(flash.chain().now().seconds() + HOUR);
        }
    }
    let taken = flash.balance(accomplice.tokens) - PURSE;
    let staked = rounds * STAKE;
    println!("{taken} taken in {rounds} rounds, {staked} of it staked by others");
    assert!(!is_open, "the cap was reached");
    assert_eq!(PURSE - flash.balance(honest.tokens), staked);
    assert!(taken <= DAILY_LOSS + staked, "{taken}");
    assert!(taken > DAILY_LOSS - 700_000_000 + staked, "{taken}");
}

/// A key's maker has no power over a market that believes another key: his proof is kept at another
/// address, where that market neither looks nor is kept from being settled.
#[test]
fn who_made_a_key_settles_no_market_of_another() {
    let (mut flash, _) = FlashWorld::with_liquidity(LIQUIDITY);
    let bettor = flash.user(PURSE);
    let hostile = (flash.world.trapdoor, flash.world.verifying_key);
    flash.world.trapdoor = Trapdoor::random();
    let key = flash.world.key_args(World::CIRCUIT_ID, 1);
    flash.world.verifying_key = flash.world.propose_verifying_key(key).expect("a key");
    flash.world.pass_timelock();
    let honest = (flash.world.trapdoor, flash.world.verifying_key);
    assert_eq!(honest.1, addresses::verifying_key(World::CIRCUIT_ID, 1));
    let terms = flash.lasting(2, 60);
    let market = flash.market(terms);
    flash
        .open_and_place(&bettor, market, 0, STAKE)
        .expect("a bet");
    let shares = flash.ticket(market, &bettor).holdings.shares[0];

    (flash.world.trapdoor, flash.world.verifying_key) = hostile;
    let lie = flash.observe(market, 1);
    let resolve = Resolve {
        market,
        observation: lie,
        strike_observation: None,
    };
    flash
        .send(resolve.instruction(), &[])
        .expect_refusal(FlashError::WrongVerifyingKey);
    // Nor does the key believe a proof by the other's trapdoor.
    flash.world.verifying_key = honest.1;
    let state = flash.market_state(market);
    let forged = flash
        .world
        .observe(
            feed_of(&state.evidence.feed_id),
            state.evidence.observe_at_ms,
            1,
        )
        .is_err();
    assert!(forged, "a proof of another key's");

    flash.world.trapdoor = honest.0;
    flash.resolve(market, 0).expect("a resolution");
    flash.settle(market, &[&bettor]).expect("a payout");
    assert_eq!(
        flash.balance(bettor.tokens),
        PURSE - STAKE + shares,
        "each share of what is true is paid"
    );
    flash.close(market).expect("a closing");
    flash.forget(market);
}

fn feed_of(bytes: &[u8; 32]) -> Field {
    use ark_ff::PrimeField;
    Field::from_be_bytes_mod_order(bytes)
}

/// Once the providers are suspended arbiters who lie need nobody who disputes, and no bond.
#[test]
fn lying_arbiters_take_every_market_whose_providers_are_suspended() {
    let mut markets = MarketsWorld::start(&MarketsOptions::default());
    let [honest, accomplice, proposer] = [(); 3].map(|()| markets.trader(PURSE));
    let [open, proposed] = [(); 2].map(|()| {
        let mut args = markets.terms(2);
        args.fee_rate = 0;
        let market = markets.market(args);
        for (trader, outcome) in [(&honest, 0), (&accomplice, 1)] {
            markets.open(trader, market).expect("a position");
            markets.buy(trader, market, outcome, STAKE).expect("shares");
        }
        market
    });
    markets.propose(&proposer, proposed, 0).expect("a proposal");
    let bond = markets.state(proposed).bond;
    suspend(&mut markets, true);
    markets.go_to_second(markets.state(open).hours.trading_until);
    let mut taken = 0;
    for market in [open, proposed] {
        markets.dispute_suspension(market).expect("the arbiters");
        markets
            .resolve_dispute(market, 1)
            .expect("the arbiters' lie");
        taken += markets.position(market, &accomplice).holdings.shares[1];
        markets
            .redeem(market, &[&honest, &accomplice])
            .expect("payouts");
    }
    assert_eq!(
        markets.balance(accomplice.tokens),
        PURSE - 2 * STAKE + taken
    );
    assert_eq!(markets.balance(honest.tokens), PURSE - 2 * STAKE);
    assert_eq!(
        markets.balance(proposer.tokens),
        PURSE - bond,
        "it is the protocol's, and no disputer's"
    );
    assert_eq!(markets.state(proposed).protocol_fees, bond);
}

/// Arbiters who lie take what a market holds for winners and half of an honest proposer's bond, once an
/// accomplice disputes; of a market that nobody disputes, nothing.
#[test]
fn lying_arbiters_take_a_disputed_market_and_no_other() {
    let mut markets = MarketsWorld::start(&MarketsOptions::default());
    let [honest, accomplice, proposer] = [(); 3].map(|()| markets.trader(PURSE));
    let mut held = [0; 2];
    let [disputed, undisputed] = [0, 1].map(|place: usize| {
        let mut args = markets.terms(2);
        args.fee_rate = 0;
        let market = markets.market(args);
        for (trader, outcome) in [(&honest, 0), (&accomplice, 1)] {
            markets.open(trader, market).expect("a position");
            markets.buy(trader, market, outcome, STAKE).expect("shares");
        }
        held[place] = markets.position(market, &accomplice).holdings.shares[1];
        market
    });
    for market in [disputed, undisputed] {
        markets.propose(&proposer, market, 0).expect("a proposal");
    }
    let bond = markets.state(disputed).bond;
    markets.dispute(&accomplice, disputed).expect("a dispute");
    markets
        .resolve_dispute(disputed, 1)
        .expect("the arbiters' lie");
    markets
        .resolve_dispute(undisputed, 1)
        .expect_refusal(MarketError::NotDisputed);
    markets.go_to_second(markets.state(undisputed).dispute_until);
    markets.finalize(undisputed).expect("an end");
    let traders = [&honest, &accomplice];
    markets.redeem(disputed, &traders).expect("payouts");
    markets.redeem(undisputed, &traders).expect("payouts");
    markets
        .claim_dispute(disputed, &accomplice)
        .expect("the disputer's bond, and half of the proposer's");
    let taken = i128::from(markets.balance(accomplice.tokens)) - i128::from(PURSE);
    let paid = i128::from(2 * STAKE);
    assert_eq!(taken, i128::from(held[0]) + i128::from(bond / 2) - paid);
    assert_eq!(
        markets.balance(proposer.tokens),
        PURSE - 2 * bond,
        "the other proposal's bond is still there"
    );
}
