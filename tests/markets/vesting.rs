//! Standard markets, who gets the fees that have not vested when trading ends, when a market is settled,
//! and when providers come and go around either; with exact balances.

use anchor_lang::{prelude::Pubkey, solana_program::instruction::Instruction};
use client::instructions::markets::*;
use market_core::MarketStatus;
use markets::error::MarketError;
use math::vesting::VESTING_SLOTS;
use testbed::{feed, ExpectError, MarketsWorld, Trader};

const PURSE: u64 = 1_000_000_000_000;
/// How many times what is there the attackers bring.
const TIMES: u64 = 99;
/// What the providers get of the fee of the one trade, and what the attackers bring for their part.
const FEES: u64 = 631_102;
const BROUGHT: u64 = 62_429_367;

/// A market whose provider is its creator, and a trade that has just paid fees to it.
fn traded(change: impl FnOnce(&mut CreateMarketArgs)) -> (MarketsWorld, Pubkey, Trader) {
    let mut markets = MarketsWorld::start(&Default::default());
    let mut args = markets.terms(2);
    change(&mut args);
    let market = markets.market(args);
    let (creator, trader) = (markets.creator(), markets.trader(PURSE));
    markets.open(&trader, market).expect("a position");
    markets.open_provider(&creator, market);
    markets
        .buy(&trader, market, 0, 100_000_000)
        .expect("a purchase");
    assert_eq!(markets.state(market).liquidity_fees, FEES);
    (markets, market, trader)
}

fn provider(markets: &mut MarketsWorld, market: Pubkey) -> Trader {
    let provider = markets.trader(PURSE);
    markets.open_provider(&provider, market);
    provider
}

/// What 99 times the liquidity costs, and of that what goes to the fees that have not vested; what it
/// makes of LP shares.
fn flood(markets: &MarketsWorld, market: Pubkey) -> (u64, u64, u64) {
    let mut copy = *markets.state(market);
    let amount = TIMES * copy.pool.cash;
    let bought = copy
        .add_liquidity(amount, markets.moment())
        .expect("a quote");
    (amount, bought.unvested_fees, bought.added.shares.0)
}

fn slot(markets: &MarketsWorld) -> u64 {
    markets.chain().slot()
}

fn owed(markets: &MarketsWorld, market: Pubkey, provider: &Trader) -> u64 {
    let (mut copy, mut liquidity) = (markets.state(market), markets.liquidity(market, provider));
    copy.take_fees(&mut liquidity, markets.moment())
        .expect("fees")
}

/// Adds, has trading ended, leaves and tries to collect, all in one transaction: the provider who was
/// there keeps all its fees, and what the other brought for his part of them on top.
fn flash(
    markets: &mut MarketsWorld,
    market: Pubkey,
    attacker: &Trader,
    end: Instruction,
    bond: u64,
) {
    let (amount, brought, shares) = flood(markets, market);
    let add = markets.build_add(attacker, market, amount).instruction();
    let remove = markets.build_remove(attacker, market, shares).instruction();
    let collect = markets.build_collect(attacker, market).instruction();
    let mut all = vec![add, end, remove];
    let purse = markets.balance(attacker.tokens);
    all.push(collect.clone());
    markets
        .send_all(&all, &[&attacker.key])
        .expect_refusal(MarketError::NothingToCollect);
    all.pop();
    markets.send_all(&all, &[&attacker.key]).expect("an end");
    markets
        .send(collect, &[])
        .expect_refusal(MarketError::NothingToCollect);
    let state = markets.state(market);
    assert!(!state.settlement.is_open());
    assert_eq!(brought, BROUGHT, "almost 99 times as much");
    assert_eq!(state.liquidity_fees, FEES + brought);

    // What he has left: money, and shares of the outcome that is worth less.
    let left = markets.balance(attacker.tokens);
    let held = markets.position(market, attacker).holdings.shares;
    for held in held {
        assert!(left + held + bond + brought <= purse, "{left} and {held}");
    }
}

/// Whoever adds 99 times the liquidity, proposes the result, which ends trading, leaves and collects
/// takes no fees. While all of them vested with the end of trading he took 624,790 of 631,102.
#[test]
fn liquidity_that_ends_trading_itself_takes_no_fees() {
    let (mut markets, market, trader) = traded(|_| {});
    let attacker = provider(&mut markets, market);
    let observation = markets.observe(market, 0);
    let propose = markets.build_propose(&attacker, market, observation);
    let bond = markets.bond(market);
    flash(&mut markets, market, &attacker, propose.instruction(), bond);
    assert_eq!(markets.state(market).proposer_claim, bond);
    markets.go_to_second(markets.state(market).dispute_until);
    markets.finalize(market).expect("an end");
    let creator = markets.creator();
    let fees = owed(&markets, market, &creator);
    assert_eq!(fees, FEES + BROUGHT - 1, "but for rounding");
    markets.claim_proposal(market, &attacker).expect("a bond");
    markets.resolve_all(market, &[&trader, &attacker]);
}

/// Nor does he by showing that the providers contradict themselves, which asks for no bond.
#[test]
fn liquidity_that_ends_trading_by_a_contradiction_takes_no_fees() {
    let (mut markets, market, trader) = traded(|args| {
        let strike_at_ms = args.observe_at_ms;
        args.rule = RuleTerms::ThresholdAtOpening { strike_at_ms };
        args.observe_at_ms += 60 * 60 * 1_000;
    });
    let attacker = provider(&mut markets, market);
    let (id, strike_at_ms) = {
        let state = markets.state(market);
        (state.id, state.evidence.strike_at_ms)
    };
    let observation = markets.observe_at(market, strike_at_ms, 100);
    let report = markets.world.report_conflict(feed(id), strike_at_ms, 200);
    markets
        .send(report.expect("a report").instruction(), &[])
        .expect("a contradiction");
    let conflict = DisputeConflict {
        venue: markets.venue,
        market,
        observation,
    };
    flash(&mut markets, market, &attacker, conflict.instruction(), 0);
    let state = markets.state(market);
    assert_eq!(state.settlement.status, MarketStatus::Disputed as u8);
    markets.go_to_second(state.arbitration_until);
    markets.void(market).expect("a void");
    let creator = markets.creator();
    assert_eq!(owed(&markets, market, &creator), FEES + BROUGHT - 1);
    markets.resolve_all(market, &[&trader, &attacker]);
}

/// Who has the arbiters' word at hand settles a market in the slot in which he came: all fees vest
/// there, and his part is what he brought for it.
#[test]
fn liquidity_that_settles_itself_takes_what_it_brought() {
    let (mut markets, market, trader) = traded(|_| {});
    let [attacker, accomplice] = [(); 2].map(|()| provider(&mut markets, market));
    let creator = markets.creator();
    let [observation, word] = [markets.observe(market, 0), markets.arbitrate(market, 0)];
    let (amount, brought, shares) = flood(&markets, market);
    let before = slot(&markets);
    markets.add(&attacker, market, amount).expect("liquidity");
    // Between the two it changes hands.
    let transfer = TransferLiquidity {
        owner: attacker.address(),
        venue: markets.venue,
        market,
        receiver: accomplice.address(),
        shares: shares / 2,
    };
    markets
        .send(transfer.instruction(), &[&attacker.key])
        .expect("a gift");
    markets
        .propose_on(&attacker, market, observation)
        .expect("a proposal");
    markets.dispute(&accomplice, market).expect("a dispute");
    let resolve = markets.build_resolve_dispute(market, word);
    markets.send(resolve.instruction(), &[]).expect("a word");
    assert_eq!(slot(&markets), before, "all in one slot");

    let taken = [&attacker, &accomplice].map(|who| owed(&markets, market, who));
    assert_eq!(brought, BROUGHT);
    assert_eq!(taken, [BROUGHT / 2; 2], "a unit less in all");
    assert_eq!(owed(&markets, market, &creator), FEES);
    markets.claim_proposal(market, &attacker).expect("a bond");
    markets.claim_dispute(market, &accomplice).expect("rent");
    markets.resolve_all(market, &[&trader, &attacker, &accomplice]);
}

/// Of the fees of a trade in the slot of the settlement everybody who provided for that trade has his
/// part, however short a time; of those before it nobody who came later.
#[test]
fn fees_of_the_last_trade_are_of_who_provided_for_it() {
    let (mut markets, market, trader) = traded(|_| {});
    let newcomer = provider(&mut markets, market);
    let creator = markets.creator();
    let [observation, word] = [markets.observe(market, 0), markets.arbitrate(market, 0)];
    let (amount, brought, _) = flood(&markets, market);
    markets.add(&newcomer, market, amount).expect("liquidity");
    let before = markets.state(market).liquidity_fees;
    markets
        .buy(&trader, market, 0, 100_000_000)
        .expect("the last trade");
    let last = markets.state(market).liquidity_fees - before;
    markets
        .propose_on(&newcomer, market, observation)
        .expect("a proposal");
    markets.dispute(&newcomer, market).expect("a dispute");
    let resolve = markets.build_resolve_dispute(market, word);
    markets.send(resolve.instruction(), &[]).expect("a word");
    let [new, old] = [&newcomer, &creator].map(|who| owed(&markets, market, who));
    let his = brought + last * TIMES / (TIMES + 1);
    assert!((his - 4..=his).contains(&new), "{new} of {his}");
    assert!(old >= FEES + last / (TIMES + 1), "{old}");
    markets.claim_proposal(market, &newcomer).expect("a bond");
    markets.claim_dispute(market, &newcomer).expect("rent");
    markets.resolve_all(market, &[&trader, &newcomer]);
}

/// Who leaves between the end of trading and the settlement has all that vested while he was there,
/// which is all that stood for long; what did not is of those who stay.
#[test]
fn provider_who_leaves_before_the_settlement_keeps_what_stood_long() {
    let (mut markets, market, trader) = traded(|_| {});
    let leaver = provider(&mut markets, market);
    let later = slot(&markets) + 20 * VESTING_SLOTS / 4;
    markets.go_to(later);
    let creator = markets.creator();
    let amount = markets.state(market).pool.cash;
    markets.add(&leaver, market, amount).expect("liquidity");
    let shares = markets.liquidity(market, &leaver).shares;
    markets
        .buy(&trader, market, 1, 100_000_000)
        .expect("a purchase while both are there");
    let fees = markets.state(market).liquidity_fees;
    let later = slot(&markets) + VESTING_SLOTS;
    markets.go_to(later);
    markets.propose(&creator, market, 0).expect("a proposal");
    let stood = owed(&markets, market, &leaver);
    markets.remove(&leaver, market, shares).expect("an exit");
    let purse = markets.balance(leaver.tokens);
    markets.collect(&leaver, market).expect("fees");
    assert_eq!(markets.balance(leaver.tokens) - purse, stood);
    // Half of the 63 % that vest in one time constant.
    let [most, least] = [33, 31].map(|hundredths| (fees - FEES) * hundredths / 100);
    assert!((least..=most).contains(&stood), "{stood} of {fees}");
    let all = markets.state(market).liquidity_fees;
    markets.go_to_second(markets.state(market).dispute_until);
    markets.finalize(market).expect("an end");
    assert!(all - owed(&markets, market, &creator) <= 1);
    markets.resolve_all(market, &[&trader, &leaver]);
}

/// The last provider takes all that is left of the fees, and the pool is over: nobody comes back.
#[test]
fn last_provider_takes_the_rest_and_nobody_comes_after() {
    let (mut markets, market, trader) = traded(|_| {});
    let creator = markets.creator();
    let supply = markets.state(market).liquidity_supply;
    markets.remove(&creator, market, supply).expect("an exit");
    let purse = markets.balance(creator.tokens);
    markets.collect(&creator, market).expect("fees");
    assert_eq!(markets.balance(creator.tokens) - purse, FEES - 1);
    let newcomer = provider(&mut markets, market);
    for who in [&newcomer, &creator] {
        markets
            .add(who, market, 1_000_000)
            .expect_refusal(MarketError::NoLiquidity);
    }
    markets.resolve_all(market, &[&trader, &newcomer]);
}

/// An L2 market takes liquidity only while no share is out, but there may be fees of shares sold back.
#[test]
fn newcomers_of_an_l2_market_bring_their_part_too() {
    let mut markets = MarketsWorld::start(&Default::default());
    let mut args = markets.terms(16);
    args.curve = Curve::L2;
    args.rule = RuleTerms::Scalar { low: 0, high: 100 };
    let market = markets.market(args);
    let trader = markets.trader(PURSE);
    markets.open(&trader, market).expect("a position");
    markets
        .buy_shares(&trader, market, 0, 200_000_000)
        .expect("a purchase");
    markets
        .sell(&trader, market, 0, 200_000_000)
        .expect("a sale");
    let fees = markets.state(market).liquidity_fees;
    let (amount, brought, shares) = flood(&markets, market);
    let attacker = provider(&mut markets, market);
    markets.add(&attacker, market, amount).expect("liquidity");
    assert_eq!(markets.liquidity(market, &attacker).shares, shares);
    let all = (fees + brought) * TIMES / (TIMES + 1);
    assert!(brought.abs_diff(all) <= brought / 100, "{brought} of {all}");
    markets.resolve(market, 0);
    assert!(owed(&markets, market, &attacker) <= brought);
    let creator = markets.creator();
    assert!(owed(&markets, market, &creator) + 1 >= fees);
    markets.resolve_all(market, &[&trader, &attacker]);
}
