//! Standard markets whose provider set or key is suspended: the arbiters decide, by what was recorded
//! before their own suspension too, and what a void is worth to a guardian's accomplice.

use std::collections::BTreeMap;

use anchor_lang::{error::ErrorCode, prelude::Pubkey};
use client::{
    addresses::oracle as oracle_addresses,
    instructions::{
        markets::*,
        oracle::{RetireProviderSet, RetireVerifyingKey, SuspendProviderSet, SuspendVerifyingKey},
    },
};
use keeper::{Settings, Snapshot};
use market_core::settlement::MarketStatus;
use markets::{error::MarketError, instructions::ResolutionDisputed};
use oracle::{error::OracleError, Aggregation};
use solana_signer::Signer;
use testbed::{ExpectError, MarketsOptions, MarketsWorld, PassedOnByMarkets, Trader, World};

use crate::support::{suspend, with_account};

const PURSE: u64 = 1_000_000_000_000;
const STAKE: u64 = 300_000_000;
const CREATOR_BOND: u64 = 50_000_000;

/// A market whose arbiters have a key of their own, somebody who holds each outcome, and who proposes.
struct Scene {
    markets: MarketsWorld,
    market: Pubkey,
    holders: [Trader; 2],
    proposer: Trader,
}

impl Scene {
    fn new() -> Self {
        Self::of(|_| {})
    }

    fn of(change: impl FnOnce(&mut CreateMarketArgs)) -> Self {
        let options = MarketsOptions::default();
        let mut markets = MarketsWorld::start(&MarketsOptions {
            terms: Terms {
                creator_bond: CREATOR_BOND,
                ..options.terms
            },
            ..options
        });
        markets.part_keys();
        let mut args = markets.terms(2);
        change(&mut args);
        let market = markets.market(args);
        let [first, second, proposer] = [(); 3].map(|()| markets.trader(PURSE));
        for (trader, outcome) in [(&first, 0), (&second, 1)] {
            markets.open(trader, market).expect("a position");
            markets.buy(trader, market, outcome, STAKE).expect("a buy");
        }
        Self {
            markets,
            market,
            holders: [first, second],
            proposer,
        }
    }

    fn call(&mut self) {
        self.markets
            .dispute_suspension(self.market)
            .expect("arbiters are called");
    }

    fn is_refused(&mut self, error: MarketError) {
        self.markets
            .dispute_suspension(self.market)
            .expect_refusal(error);
    }

    fn end_trading(&mut self) {
        let until = self.markets.state(self.market).hours.trading_until;
        self.markets.go_to_second(until);
    }

    fn propose(&mut self, value: i64) {
        self.markets
            .propose(&self.proposer, self.market, value)
            .expect("a proposal");
    }

    fn suspend(&mut self, of_set: bool) -> OracleError {
        suspend(&mut self.markets, of_set)
    }

    /// That holders of the winning outcome are paid a unit a share, and others nothing.
    fn is_paid_to(&mut self, winner: usize) {
        let state = self.markets.state(self.market);
        assert_eq!(state.settlement.status, MarketStatus::Resolved as u8);
        assert_eq!(usize::from(state.settlement.winning_outcome), winner);
        let shares = self.markets.position(self.market, &self.holders[winner]);
        let won = shares.holdings.shares[winner];
        let [first, second] = &self.holders;
        self.markets
            .redeem(self.market, &[first, second])
            .expect("payouts");
        for (place, holder) in self.holders.iter().enumerate() {
            let paid = if place == winner { won } else { 0 };
            assert_eq!(self.markets.balance(holder.tokens), PURSE - STAKE + paid);
        }
    }
}

fn suspend_arbiters(markets: &mut MarketsWorld) {
    let guardian = markets.world.guardian.insecure_clone();
    let set = SuspendProviderSet {
        authority: guardian.pubkey(),
        provider_set: markets.arbiter_set,
    };
    let key = SuspendVerifyingKey {
        authority: guardian.pubkey(),
        verifying_key: markets.arbiter_key.expect("a key of their own"),
    };
    for suspend in [set.instruction(), key.instruction()] {
        markets.send(suspend, &[&guardian]).expect("a suspension");
    }
}

#[test]
fn market_of_a_suspended_set_or_key_is_the_arbiters_after_trading() {
    for of_set in [true, false] {
        let mut scene = Scene::new();
        let market = scene.market;
        let observation = scene.markets.observe(market, 0);
        let error = scene.suspend(of_set);
        scene
            .markets
            .propose_on(&scene.proposer, market, observation)
            .expect_refusal(PassedOnByMarkets(error));
        let until = scene.markets.state(market).hours.trading_until;
        scene.markets.go_to_second(until - 1);
        scene.is_refused(MarketError::TradingNotOver);
        scene
            .markets
            .sell(&scene.holders[0], market, 0, 1_000)
            .expect("exits are open");
        scene
            .markets
            .buy(&scene.holders[0], market, 0, 1_000)
            .expect("so is trading");
        scene.markets.go_to_second(until);
        let receipt = scene.markets.dispute_suspension(market).expect("arbiters");
        let state = scene.markets.state(market);
        assert_eq!(state.settlement.status, MarketStatus::Disputed as u8);
        let own = i64::from(state.arbitration_seconds);
        assert_eq!(state.arbitration_until, state.proposal_until + own);
        if receipt.compute_units.is_some() {
            let events = receipt.events_of::<ResolutionDisputed>(&markets::ID);
            let [event] = &events[..] else {
                panic!("one event");
            };
            assert_eq!((event.market, event.bond), (market, 0));
            assert_eq!(event.disputer, Pubkey::default());
            assert_eq!(event.arbitration_until, state.arbitration_until);
        }
        scene.is_refused(MarketError::NotProposed);
        scene.markets.resolve_dispute(market, 1).expect("a word");
        scene.is_refused(MarketError::NotProposed);
        let state = scene.markets.state(market);
        assert_eq!(state.creator_bond, 0);
        assert!(state.creator_fees >= CREATOR_BOND, "it goes back");
        assert_eq!(state.settlement.winning_outcome, 1);
    }
}

/// A wrong proposer saves nothing by calling the arbiters before somebody disputes; a right one loses the
/// part of the fees that it would have earned, and no bond.
#[test]
fn proposal_of_a_suspended_set_or_key_is_the_arbiters_at_once() {
    for (of_set, said) in [(true, 0), (false, 0), (true, 1), (false, 1)] {
        let mut scene = Scene::new();
        let market = scene.market;
        scene.propose(0);
        let before = scene.markets.state(market);
        scene.is_refused(MarketError::ProvidersNotSuspended);
        scene.suspend(of_set);
        scene.call();
        let called = scene.markets.state(market);
        assert_eq!(called.settlement.status, MarketStatus::Disputed as u8);
        scene
            .markets
            .dispute(&scene.holders[1], market)
            .expect_refusal(MarketError::NotProposed);
        scene.is_refused(MarketError::NotProposed);
        scene.markets.resolve_dispute(market, said).expect("a word");
        let settled = scene.markets.state(market);
        let lost = if said == 0 { 0 } else { before.bond };
        assert_eq!(settled.proposer_claim, before.bond - lost);
        assert_eq!(settled.protocol_fees, before.protocol_fees + lost);
        assert_eq!(settled.disputer_claim, 0);
        scene.is_paid_to(usize::try_from(said).expect("an outcome"));
    }
}

#[test]
fn arbiters_are_called_by_nothing_but_a_suspension() {
    for is_open in [true, false] {
        let mut scene = Scene::new();
        let market = scene.market;
        if is_open {
            scene.is_refused(MarketError::ProvidersNotSuspended);
            scene.end_trading();
        } else {
            scene.propose(0);
        }
        scene.is_refused(MarketError::ProvidersNotSuspended);
        // The arbiters' suspension says nothing about the providers.
        suspend_arbiters(&mut scene.markets);
        scene.is_refused(MarketError::ProvidersNotSuspended);
        // Nor does a retirement: who is retired is believed still.
        let guardian = scene.markets.world.guardian.insecure_clone();
        let set = RetireProviderSet {
            authority: guardian.pubkey(),
            provider_set: scene.markets.world.provider_set,
        };
        let key = RetireVerifyingKey {
            authority: guardian.pubkey(),
            verifying_key: scene.markets.world.verifying_key,
        };
        for retire in [set.instruction(), key.instruction()] {
            scene
                .markets
                .send(retire, &[&guardian])
                .expect("a retirement");
        }
        scene.is_refused(MarketError::ProvidersNotSuspended);
        if is_open {
            scene.propose(0);
        }
        let until = scene.markets.state(market).dispute_until;
        scene.markets.go_to_second(until);
        scene.markets.finalize(market).expect("an end");
        scene.is_refused(MarketError::NotProposed);
    }
}

#[test]
fn suspension_of_others_calls_no_arbiters() {
    let mut scene = Scene::new();
    let (market, arbiter_set) = (scene.market, scene.markets.arbiter_set);
    scene.end_trading();
    let own = scene.markets.world.verifying_key;
    let key = scene.markets.world.key_args(World::CIRCUIT_ID, 1);
    let other = scene
        .markets
        .world
        .propose_verifying_key(key)
        .expect("a key");
    let guardian = scene.markets.world.guardian.insecure_clone();
    scene.markets.world.verifying_key = other;
    scene.suspend(false);
    scene.markets.world.verifying_key = own;
    suspend_arbiters(&mut scene.markets);
    let right = scene.markets.build_dispute_suspension(market);
    let wrong = DisputeSuspension {
        verifying_key: other,
        ..right
    };
    scene
        .markets
        .send(wrong.instruction(), &[])
        .expect_refusal(MarketError::WrongVerifyingKey);
    let wrong = DisputeSuspension {
        provider_set: arbiter_set,
        ..right
    };
    scene
        .markets
        .send(wrong.instruction(), &[])
        .expect_refusal(MarketError::WrongProviderSet);
    let swapped = DisputeSuspension {
        provider_set: right.verifying_key,
        verifying_key: right.provider_set,
        ..right
    };
    scene
        .markets
        .send(swapped.instruction(), &[])
        .expect_refusal(ErrorCode::AccountDiscriminatorMismatch);
    let mint = scene.markets.new_mint();
    let venue = scene
        .markets
        .build_venue(mint, MarketsOptions::default().terms);
    let admin = scene.markets.world.admin.insecure_clone();
    scene
        .markets
        .send(venue.instruction(), &[&admin])
        .expect("a venue");
    let elsewhere = client::addresses::markets::venue(&mint.address);
    scene
        .markets
        .send(
            with_account(right.instruction(), right.venue, elsewhere),
            &[],
        )
        .expect_refusal(MarketError::WrongAccount);
    // The right accounts, once the right key is suspended.
    let suspend = SuspendVerifyingKey {
        authority: guardian.pubkey(),
        verifying_key: oracle_addresses::verifying_key(World::CIRCUIT_ID, 0),
    };
    scene
        .markets
        .send(suspend.instruction(), &[&guardian])
        .expect("a suspension");
    scene
        .markets
        .send(right.instruction(), &[])
        .expect("arbiters are called");
}

#[test]
fn suspension_that_nobody_shows_in_time_leaves_the_market_void() {
    let mut scene = Scene::new();
    let market = scene.market;
    scene.suspend(true);
    let until = scene.markets.state(market).proposal_until;
    scene.markets.go_to_second(until);
    scene.is_refused(MarketError::ProposalOver);
    scene.markets.void(market).expect("a void");
    scene.is_refused(MarketError::NotProposed);
}

/// Whoever calls the arbiters for a market that nobody reports on does not save its creator's bond.
#[test]
fn silent_arbiters_after_a_suspension_cost_the_creator_its_bond() {
    let mut scene = Scene::new();
    let market = scene.market;
    scene.suspend(true);
    scene.end_trading();
    scene.call();
    let before = scene.markets.state(market);
    scene.markets.go_to_second(before.arbitration_until - 1);
    scene
        .markets
        .void(market)
        .expect_refusal(MarketError::DeadlineNotPassed);
    scene.markets.go_to_second(before.arbitration_until);
    scene.markets.void(market).expect("a void");
    let state = scene.markets.state(market);
    assert_eq!(
        (state.creator_bond, state.creator_fees),
        (0, before.creator_fees)
    );
    assert_eq!(state.protocol_fees, before.protocol_fees + CREATOR_BOND);
}

/// Where the strike was observed, the arbiters say it too, whether it was set before the suspension or not.
#[test]
fn arbiters_say_the_strike_of_a_suspended_set() {
    for is_strike_set in [true, false] {
        let mut scene = Scene::of(|args| {
            let strike_at_ms = args.observe_at_ms;
            args.rule = RuleTerms::ThresholdAtOpening { strike_at_ms };
            args.observe_at_ms += 60 * 60 * 1_000;
        });
        let market = scene.market;
        let opening = scene.markets.state(market).evidence.strike_at_ms;
        if is_strike_set {
            let observation = scene.markets.observe_at(market, opening, 90);
            scene
                .markets
                .set_strike(market, observation)
                .expect("a strike");
        }
        scene.suspend(true);
        scene.end_trading();
        scene.call();
        let word = scene.markets.arbitrate(market, 95);
        let resolve = scene.markets.build_resolve_dispute(market, word);
        scene
            .markets
            .send(resolve.instruction(), &[])
            .expect_refusal(MarketError::StrikePending);
        scene.markets.arbitrate_at(market, opening, 100);
        let resolve = scene.markets.build_resolve_dispute(market, word);
        scene
            .markets
            .send(resolve.instruction(), &[])
            .expect("a word");
        scene.is_paid_to(0);
    }
}

/// What the arbiters proved while they were believed counts after their suspension: of a dispute, of an open
/// market, and of a proposal whose providers were suspended with them.
#[test]
fn word_of_arbiters_recorded_before_their_suspension_settles() {
    for (is_proposed, is_disputed) in [(true, true), (true, false), (false, false)] {
        let mut scene = Scene::new();
        let market = scene.market;
        if is_proposed {
            scene.propose(0);
        }
        if is_disputed {
            scene
                .markets
                .dispute(&scene.holders[1], market)
                .expect("a dispute");
        }
        let word = scene.markets.arbitrate(market, 1);
        suspend_arbiters(&mut scene.markets);
        scene.suspend(true);
        scene.suspend(false);
        if !is_disputed {
            scene.end_trading();
            scene.call();
        }
        let resolve = scene.markets.build_resolve_dispute(market, word);
        let set = scene.markets.world.provider_set;
        let wrong = ResolveDispute {
            arbiter_set: set,
            ..resolve
        };
        scene
            .markets
            .send(wrong.instruction(), &[])
            .expect_refusal(MarketError::WrongProviderSet);
        scene
            .markets
            .send(resolve.instruction(), &[])
            .expect("a word");
        let state = scene.markets.state(market);
        assert_eq!(state.settlement.winning_outcome, 1);
    }
}

/// Who held the arbiters' key may have recorded lies before somebody noticed: the arbiters' own proof
/// takes them away, after the suspension as well.
#[test]
fn lie_recorded_before_the_suspension_is_contradicted_after_it() {
    let mut scene = Scene::new();
    let market = scene.market;
    let lie = scene.markets.arbitrate(market, 1);
    suspend_arbiters(&mut scene.markets);
    scene.propose(0);
    scene
        .markets
        .dispute(&scene.holders[1], market)
        .expect("a dispute");
    let truth = scene.markets.build_arbiters_conflict(market, lie, 0);
    scene
        .markets
        .send(truth.instruction(), &[])
        .expect("a contradiction");
    let resolve = scene.markets.build_resolve_dispute(market, lie);
    scene
        .markets
        .send(resolve.instruction(), &[])
        .expect_refusal(MarketError::ObservationNotValid);
}

/// Medians contradict nothing: of them a lie recorded before the suspension decides what is disputed after it.
#[test]
fn lie_of_medians_recorded_before_the_suspension_decides() {
    let Scene {
        mut markets,
        holders: [disputer, _],
        proposer,
        ..
    } = Scene::new();
    let mut key = markets.world.key_args(World::CIRCUIT_ID, 1);
    key.aggregation = Aggregation::Median;
    let key = markets.world.propose_verifying_key(key).expect("a key");
    markets.world.pass_timelock();
    markets.arbiter_key = Some(key);
    let mut args = markets.terms(2);
    args.rule = RuleTerms::Threshold { strikes: vec![1] };
    let market = markets.market(args);
    let lie = markets.arbitrate(market, 1);
    suspend_arbiters(&mut markets);
    let truth = markets.build_arbiters_conflict(market, lie, 0);
    markets
        .send(truth.instruction(), &[])
        .expect_refusal(OracleError::MedianKey);
    markets.propose(&proposer, market, 0).expect("a proposal");
    markets.dispute(&disputer, market).expect("a dispute");
    let resolve = markets.build_resolve_dispute(market, lie);
    markets
        .send(resolve.instruction(), &[])
        .expect("the recorded word");
    assert_eq!(markets.state(market).settlement.winning_outcome, 1);
}

/// New proofs of suspended arbiters there are none.
#[test]
fn suspended_arbiters_prove_nothing_new() {
    let mut scene = Scene::new();
    let market = scene.market;
    scene.suspend(true);
    suspend_arbiters(&mut scene.markets);
    scene.end_trading();
    scene.call();
    let time = scene.markets.state(market).evidence.observe_at_ms;
    let verify = scene.markets.build_arbitration(market, time, 1);
    scene
        .markets
        .world
        .send_verify(&verify)
        .expect_refusal(OracleError::ProviderSetSuspended);
}

impl Scene {
    /// Does what the keeper finds due, and says what that was.
    fn keep(&mut self) -> Vec<&'static str> {
        let chain = self.markets.chain();
        let accounts = chain.accounts_of(&[::markets::ID, oracle::ID]);
        let snapshot = Snapshot::new(accounts.expect("the chain"));
        let token_programs =
            BTreeMap::from([(self.markets.mint.address, self.markets.token_program())]);
        let settings = Settings {
            keeper: Pubkey::default(),
            proposer: None,
            poke_after_seconds: i64::MAX,
            pays_in_one_call: false,
        };
        let plan = snapshot.plan(&token_programs, &settings, chain.clock());
        let mut done = Vec::new();
        for action in plan.into_values().flatten() {
            let sent = self.markets.send(action.instruction(), &[]);
            sent.unwrap_or_else(|error| panic!("{}: {error:?}", action.name()));
            done.push(action.name());
        }
        done
    }
}

#[test]
fn keeper_takes_a_market_of_suspended_providers_to_its_result() {
    let mut scene = Scene::new();
    scene.markets.observe(scene.market, 0);
    scene.suspend(true);
    assert!(scene.keep().is_empty());
    // Before the end of trading.
    scene.markets.arbitrate(scene.market, 1);
    suspend_arbiters(&mut scene.markets);
    assert_eq!(scene.keep(), ["calling the arbiters after a suspension"]);
    assert_eq!(scene.keep(), ["resolving a dispute"]);
    let state = scene.markets.state(scene.market);
    assert_eq!(state.settlement.winning_outcome, 1);
}

/// The depth of the markets of what follows.
const DEPTH: u64 = 1_000_000_000;
/// Shares that move a price from .40 to .02, or back: the depth times the difference of the log odds.
const MOVE: u64 = 3_486_355_189;
/// The time constant of a market of an hour.
const TIME_CONSTANT: i64 = 225;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Suspended {
    /// One rung.
    Providers,
    /// Both, before anybody has recorded anything.
    Both,
    /// Both, once the arbiters have.
    BothTooLate,
    /// The one key of both.
    KeyOfBoth,
}

impl Suspended {
    fn suspend(self, markets: &mut MarketsWorld) {
        suspend(markets, self != Self::KeyOfBoth);
        if matches!(self, Self::Both | Self::BothTooLate) {
            suspend_arbiters(markets);
        }
    }
}

/// When the accomplice buys what loses, so long before the lock, and who answers.
#[derive(Clone, Copy, Debug)]
enum Purchase {
    /// Nobody after it.
    Unanswered,
    /// Somebody trades the price back in the next slot.
    Answered,
    /// In the second before the lock.
    Last,
}

/// News takes an outcome from .40 to .02 so many seconds before the lock, the guardian suspends, and an
/// accomplice buys it back up to .40, or before the lock up to what the slow price is then; what the two
/// gain, in base units.
fn gain(fee_rate: u16, left: i64, suspended: Suspended, purchase: Purchase) -> i64 {
    let mut markets = MarketsWorld::start(&Default::default());
    if suspended != Suspended::KeyOfBoth {
        markets.part_keys();
    }
    let mut args = markets.terms(2);
    (args.fee_rate, args.depth, args.weights) = (fee_rate, DEPTH, vec![2, 3]);
    let market = markets.market(args);
    let [informed, accomplice] = [(); 2].map(|()| markets.trader(PURSE));
    for trader in [&informed, &accomplice] {
        markets.open(trader, market).expect("a position");
    }
    let lock = markets.state(market).hours.locks_at;
    markets.go_to_second(lock - left);
    markets
        .buy_shares(&informed, market, 1, MOVE)
        .expect("the news");
    let is_recorded = suspended == Suspended::BothTooLate;
    let word = is_recorded.then(|| markets.arbitrate(market, 1));
    suspended.suspend(&mut markets);
    if let Purchase::Last = purchase {
        markets.go_to_second(lock - 1);
        buy_to_slow_price(&mut markets, &accomplice, market);
    } else {
        let bought = markets.buy_shares(&accomplice, market, 0, MOVE);
        bought.expect("a purchase");
    }
    if let Purchase::Answered = purchase {
        let next = markets.chain().slot() + 1;
        markets.go_to(next);
        let answer = markets.buy_shares(&informed, market, 1, MOVE);
        answer.expect("an answer");
    }
    markets.go_to_second(lock);
    markets.dispute_suspension(market).expect("arbiters");
    if let Suspended::Both | Suspended::KeyOfBoth = suspended {
        markets.go_to_second(markets.state(market).arbitration_until);
        markets.void(market).expect("a void");
    } else {
        let word = word.unwrap_or_else(|| markets.arbitrate(market, 1));
        let resolve = markets.build_resolve_dispute(market, word);
        markets
            .send(resolve.instruction(), &[])
            .expect("the arbiters' word");
    }
    markets.redeem(market, &[&accomplice]).expect("a payout");
    signed(markets.balance(accomplice.tokens)) - signed(PURSE)
}

fn signed(amount: u64) -> i64 {
    i64::try_from(amount).expect("an amount")
}

/// Buys as much of outcome 0 as takes its price to the slow one.
fn buy_to_slow_price(markets: &mut MarketsWorld, trader: &Trader, market: Pubkey) {
    markets.poke(market).expect("a poke");
    let slow = |markets: &MarketsWorld| {
        let price = markets.state(market).pool.slow_prices[0];
        price as f64 / math::Price::ONE.0 as f64
    };
    let odds = |price: f64| (price / (1.0 - price)).ln();
    let shares = (odds(slow(markets)) - odds(0.02)) * 1e9;
    let shares = format!("{shares:.0}").parse().expect("shares");
    markets
        .buy_shares(trader, market, 0, shares)
        .expect("a purchase");
}

/// In thousandths of the depth. One rung is worth nothing, nor are both once the arbiters have spoken; and of
/// both only what the slow price overrates, by whatever stands unanswered.
#[test]
fn guardian_gains_what_slow_prices_overrate_by_both_rungs_and_nothing_by_one() {
    use {Purchase::*, Suspended::*};
    let early = 4 * TIME_CONSTANT;
    for (fee_rate, left, suspended, purchase, expected) in [
        (0, 1, Both, Unanswered, 904),
        (100, 1, Both, Unanswered, 899),
        (0, 1, KeyOfBoth, Unanswered, 904),
        (0, 1, Providers, Unanswered, -491),
        (0, 1, BothTooLate, Unanswered, -491),
        (0, early, Both, Unanswered, 904),
        (0, early, Both, Answered, -396),
        (0, early, Both, Last, 1),
        (0, early, Providers, Unanswered, -491),
    ] {
        let gain = gain(fee_rate, left, suspended, purchase);
        let name = format!("{suspended:?} {left} s before, {purchase:?}, a fee of {fee_rate}");
        println!("{name}: {gain}");
        let thousandth = signed(DEPTH / 1_000);
        assert_eq!(
            (gain + thousandth / 2).div_euclid(thousandth),
            expected,
            "{name}"
        );
    }
}

/// An event question whose answer comes a day after the lock, which the time to propose was chosen for, and whose
/// providers are suspended. Returns what the accomplice of who did that gains, who bought the loser at the lock.
fn gain_of_a_late_answer(is_shown_at_once: bool) -> i64 {
    const DAY: i64 = 24 * 60 * 60;
    let mut markets = MarketsWorld::start(&Default::default());
    markets.part_keys();
    let mut args = markets.terms(2);
    (args.fee_rate, args.depth, args.weights) = (100, DEPTH, vec![2, 3]);
    args.proposal_seconds = 7 * 24 * 60 * 60;
    let market = markets.market(args);
    let [informed, accomplice] = [(); 2].map(|()| markets.trader(PURSE));
    for trader in [&informed, &accomplice] {
        markets.open(trader, market).expect("a position");
    }
    let lock = markets.state(market).hours.locks_at;
    markets.go_to_second(lock - 1);
    markets
        .buy_shares(&informed, market, 1, MOVE)
        .expect("the news");
    Suspended::Providers.suspend(&mut markets);
    markets
        .buy_shares(&accomplice, market, 0, MOVE)
        .expect("a purchase");
    markets.go_to_second(if is_shown_at_once { lock } else { lock + DAY });
    markets.dispute_suspension(market).expect("arbiters");
    let state = markets.state(market);
    let own = i64::from(state.arbitration_seconds);
    assert_eq!(state.arbitration_until, state.proposal_until + own);
    markets.go_to_second(lock + DAY);
    let word = markets.arbitrate(market, 1);
    let resolve = markets.build_resolve_dispute(market, word);
    let resolved = markets.send(resolve.instruction(), &[]);
    resolved.expect("the arbiters' word");
    markets.redeem(market, &[&accomplice]).expect("a payout");
    signed(markets.balance(accomplice.tokens)) - signed(PURSE)
}

/// Whoever shows it when nobody can know the answer yet leaves the arbiters as much time as the providers had, and
/// their own after it.
#[test]
fn suspension_shown_before_the_answer_is_known_leaves_the_arbiters_their_time() {
    for is_shown_at_once in [true, false] {
        let gained = gain_of_a_late_answer(is_shown_at_once);
        println!("{gained} gained");
        assert!(gained < 0);
    }
}

/// What the arbiters recorded of an open market ends its trading, as a proposal would: nobody buys what wins until the
/// lock, and nobody closes the record before it counts.
#[test]
fn word_of_the_arbiters_ends_trading() {
    let mut scene = Scene::new();
    let market = scene.market;
    let word = scene.markets.arbitrate(market, 1);
    let build = |scene: &Scene, word| DisputeSuspension {
        arbiters_observation: Some(word),
        ..scene.markets.build_dispute_suspension(market)
    };
    let early = build(&scene, word).instruction();
    let refused = scene.markets.send(early.clone(), &[]);
    refused.expect_refusal(MarketError::ProvidersNotSuspended);
    // Of the providers, recorded before.
    let theirs = scene.markets.state(market).evidence.observation;
    scene.markets.observe(market, 1);
    scene.suspend(true);
    scene.is_refused(MarketError::TradingNotOver);
    let wrong = build(&scene, theirs).instruction();
    let refused = scene.markets.send(wrong, &[]);
    refused.expect_refusal(MarketError::WrongProviderSet);

    scene.markets.send(early, &[]).expect("arbiters are called");
    let trader = scene.markets.trader(PURSE);
    scene.markets.open(&trader, market).expect("a position");
    let late = scene.markets.buy(&trader, market, 1, 1_000_000);
    late.expect_refusal(MarketError::MarketNotOpen);
    suspend_arbiters(&mut scene.markets);
    let resolve = scene.markets.build_resolve_dispute(market, word);
    let resolved = scene.markets.send(resolve.instruction(), &[]);
    resolved.expect("a word");
}
