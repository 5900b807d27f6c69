//! Standard markets, up or down: the strike is what was observed at the opening.

use anchor_lang::prelude::Pubkey;
use client::instructions::{markets::*, oracle::CloseObservation};
use market_core::{settlement::MarketStatus, NO_OUTCOME};
use markets::{error::MarketError, instructions::StrikeSet};
use oracle::Aggregation;
use solana_signer::Signer;
use testbed::{feed, ExpectError, MarketsWorld, PassedOnByMarkets, Trader, World};

use crate::support::{suspend, with_account};

const PURSE: u64 = 1_000_000_000_000;
const STAKE: u64 = 300_000_000;

/// Whether an hour ends below its opening (outcome 0) or not (outcome 1), with somebody who bought each
/// before there was a strike, and people to propose and dispute.
struct Scene {
    markets: MarketsWorld,
    market: Pubkey,
    opening: u64,
    bear: Trader,
    bull: Trader,
    proposer: Trader,
    disputer: Trader,
}

impl Scene {
    fn new() -> Self {
        Self::of(MarketsWorld::start(&Default::default()), |_| {})
    }

    fn of(mut markets: MarketsWorld, change: impl FnOnce(&mut CreateMarketArgs)) -> Self {
        let mut args = markets.terms(2);
        let strike_at_ms = args.observe_at_ms;
        args.rule = RuleTerms::ThresholdAtOpening { strike_at_ms };
        args.observe_at_ms += 60 * 60 * 1_000;
        change(&mut args);
        let market = markets.market(args);
        let [bear, bull, proposer, disputer] = [(); 4].map(|()| markets.trader(PURSE));
        for (trader, outcome) in [(&bear, 0), (&bull, 1)] {
            markets.open(trader, market).expect("a position");
            markets.buy(trader, market, outcome, STAKE).expect("a buy");
        }
        Self {
            markets,
            market,
            opening: strike_at_ms,
            bear,
            bull,
            proposer,
            disputer,
        }
    }

    /// Sets the strike from a new observation at the opening; gives its address.
    fn strike(&mut self, value: i64) -> Pubkey {
        let observation = self.markets.observe_at(self.market, self.opening, value);
        self.markets
            .set_strike(self.market, observation)
            .expect("a strike");
        observation
    }

    fn propose(&mut self, value: i64) {
        self.markets
            .propose(&self.proposer, self.market, value)
            .expect("a proposal");
    }

    fn end_window(&mut self) {
        let deadline = self.markets.state(self.market).dispute_until;
        self.markets.go_to_second(deadline);
    }

    fn conflict_of(&self, observation: Pubkey) -> DisputeConflict {
        DisputeConflict {
            venue: self.markets.venue,
            market: self.market,
            observation,
        }
    }

    fn dispute(&mut self) {
        self.markets
            .dispute(&self.disputer, self.market)
            .expect("a dispute");
    }

    /// Shows that the oracle knows of a contradiction.
    fn call_arbiters(&mut self, observation: Pubkey) {
        let conflict = self.conflict_of(observation).instruction();
        self.markets
            .send(conflict, &[])
            .expect("arbiters are called");
    }

    /// What the two hold.
    fn shares(&self) -> [u64; 2] {
        [
            self.markets
                .position(self.market, &self.bear)
                .holdings
                .shares[0],
            self.markets
                .position(self.market, &self.bull)
                .holdings
                .shares[1],
        ]
    }

    /// Pays everybody, closes the market, and asserts what each has gained: an undisputed proposer
    /// his part of the fees beside.
    fn finish(mut self, bear: u64, bull: u64, proposer: i64, disputer: i64) {
        let state = self.markets.state(self.market);
        let reward = match state.open_disputes {
            0 => state.proposer_claim.saturating_sub(state.bond),
            _ => 0,
        };
        if state.proposer_claim > 0 {
            self.markets
                .claim_proposal(self.market, &self.proposer)
                .expect("a bond");
        }
        if state.open_disputes > 0 {
            self.markets
                .claim_dispute(self.market, &self.disputer)
                .expect("a bond");
        }
        self.markets
            .resolve_all(self.market, &[&self.bear, &self.bull]);
        let balance = |trader: &Trader| self.markets.balance(trader.tokens);
        assert_eq!(balance(&self.bear), PURSE - STAKE + bear);
        assert_eq!(balance(&self.bull), PURSE - STAKE + bull);
        assert_eq!(
            balance(&self.proposer),
            PURSE.checked_add_signed(proposer).expect("a balance") + reward
        );
        assert_eq!(
            balance(&self.disputer),
            PURSE.checked_add_signed(disputer).expect("a balance")
        );
    }
}

fn signed(amount: u64) -> i64 {
    i64::try_from(amount).expect("an amount")
}

#[test]
fn market_ends_above_or_below_its_strike() {
    for (close, winner) in [(99, 0), (100, 1), (101, 1)] {
        let mut scene = Scene::new();
        let (market, opening) = (scene.market, scene.opening);
        let markets = &mut scene.markets;
        let at_close = markets.observe(market, close);
        markets
            .propose_on(&scene.proposer, market, at_close)
            .expect_refusal(MarketError::StrikePending);
        markets
            .set_strike(market, at_close)
            .expect_refusal(MarketError::WrongObservationTime);
        let at_opening = markets.observe_at(market, opening, 100);
        let receipt = markets.set_strike(market, at_opening).expect("a strike");
        if receipt.compute_units.is_some() {
            let [event] = &receipt.events_of::<StrikeSet>(&markets::ID)[..] else {
                panic!("one event");
            };
            assert_eq!((event.source, event.strike), (at_opening, 100));
        }
        markets
            .set_strike(market, at_opening)
            .expect_refusal(MarketError::StrikeNotPending);
        markets
            .propose_on(&scene.proposer, market, at_opening)
            .expect_refusal(MarketError::WrongObservationTime);
        let until = markets.state(market).hours.trading_until;
        markets.go_to_second(until);
        markets
            .propose_on(&scene.proposer, market, at_close)
            .expect("a proposal");
        markets
            .set_strike(market, at_opening)
            .expect_refusal(MarketError::MarketNotOpen);
        scene.end_window();
        scene.markets.finalize(market).expect("an end");
        let state = scene.markets.state(market);
        assert_eq!(
            state.settlement.winning_outcome, winner,
            "{close} against 100"
        );
        scene
            .markets
            .set_strike(market, at_opening)
            .expect_refusal(MarketError::MarketNotOpen);
        let [bear, bull] = scene.shares();
        let (bear, bull) = if winner == 0 { (bear, 0) } else { (0, bull) };
        scene.finish(bear, bull, 0, 0);
    }
}

#[test]
fn strike_is_the_markets_own_observation_only() {
    let mut scene = Scene::new();
    let (market, opening) = (scene.market, scene.opening);
    let markets = &mut scene.markets;
    let mut terms = markets.terms(2);
    terms.observe_at_ms = opening;
    let other = markets.market(terms);
    let foreign = markets.observe_at(other, opening, 100);
    markets
        .set_strike(market, foreign)
        .expect_refusal(MarketError::WrongFeed);
    for time in [opening - 1, opening + 1] {
        let observation = markets.observe_at(market, time, 100);
        markets
            .set_strike(market, observation)
            .expect_refusal(MarketError::WrongObservationTime);
    }
    let arbiters = markets.arbitrate_at(market, opening, 100);
    markets
        .set_strike(market, arbiters)
        .expect_refusal(MarketError::WrongProviderSet);
    let mut set = markets.build_set_strike(market, arbiters);
    set.provider_set = markets.arbiter_set;
    markets
        .send(set.instruction(), &[])
        .expect_refusal(MarketError::WrongProviderSet);

    let own = markets.world.verifying_key;
    let key = markets.world.key_args(World::CIRCUIT_ID, 1);
    let key = markets.world.propose_verifying_key(key).expect("a key");
    markets.world.pass_timelock();
    markets.world.verifying_key = key;
    let under_another = markets.observe_at(market, opening, 100);
    markets.world.verifying_key = own;
    markets
        .set_strike(market, under_another)
        .expect_refusal(MarketError::WrongVerifyingKey);
    let mut set = markets.build_set_strike(market, under_another);
    set.verifying_key = key;
    markets
        .send(set.instruction(), &[])
        .expect_refusal(MarketError::WrongVerifyingKey);
    // Not an observation at all.
    let set = markets.build_set_strike(market, own);
    markets
        .send(set.instruction(), &[])
        .expect_refusal(anchor_lang::error::ErrorCode::AccountDiscriminatorMismatch);
    assert_eq!(markets.state(market).rule.strike_pending, 1);

    // A market with fixed strikes takes none, of whatever time.
    let mut terms = markets.terms(2);
    terms.rule = RuleTerms::Threshold { strikes: vec![7] };
    let time = terms.observe_at_ms;
    let fixed = markets.market(terms);
    let observation = markets.observe_at(fixed, time, 3);
    markets
        .set_strike(fixed, observation)
        .expect_refusal(MarketError::StrikeNotPending);
    assert_eq!(markets.state(fixed).rule.strikes[0], 7);
}

#[test]
fn suspended_set_or_key_gives_no_strike() {
    for of_set in [true, false] {
        let mut scene = Scene::new();
        let (market, opening) = (scene.market, scene.opening);
        let markets = &mut scene.markets;
        let observation = markets.observe_at(market, opening, 100);
        let error = suspend(markets, of_set);
        markets
            .set_strike(market, observation)
            .expect_refusal(PassedOnByMarkets(error));
    }
}

#[test]
fn market_without_a_strike_ends_void() {
    let mut scene = Scene::new();
    let market = scene.market;
    let at_close = scene.markets.observe(market, 101);
    let deadline = scene.markets.state(market).proposal_until;
    scene.markets.go_to_second(deadline - 1);
    scene
        .markets
        .propose_on(&scene.proposer, market, at_close)
        .expect_refusal(MarketError::StrikePending);
    scene
        .markets
        .void(market)
        .expect_refusal(MarketError::DeadlineNotPassed);
    scene.markets.go_to_second(deadline);
    scene.markets.void(market).expect("a void");
    let late = scene.markets.observe_at(market, scene.opening, 100);
    scene
        .markets
        .set_strike(market, late)
        .expect_refusal(MarketError::MarketNotOpen);
    scene.finish_void(0, 0);
}

impl Scene {
    /// As [`Self::finish`], at the slow prices.
    fn finish_void(self, proposer: i64, disputer: i64) {
        let state = self.markets.state(self.market);
        assert_eq!(state.settlement.status, MarketStatus::Void as u8);
        assert_eq!(state.settlement.winning_outcome, NO_OUTCOME);
        let [bear, bull] = self.shares();
        let pay = |shares: u64, payout: u64| {
            let product = u128::from(shares) * u128::from(payout);
            u64::try_from(product >> 63).expect("a payout")
        };
        let (bear, bull) = (
            pay(bear, state.settlement.payouts[0]),
            pay(bull, state.settlement.payouts[1]),
        );
        assert!(bear > 0 && bull > 0);
        self.finish(bear, bull, proposer, disputer);
    }
}

/// Once the strike is copied the oracle need not keep its observation.
#[test]
fn strike_outlives_its_observation() {
    let mut scene = Scene::of(MarketsWorld::start(&Default::default()), a_week);
    let observation = scene.strike(100);
    scene.close_after_retention(observation);
    scene.propose(101);
    scene.end_window();
    scene.markets.finalize(scene.market).expect("an end");
    let [_, bull] = scene.shares();
    scene.finish(0, bull, 0, 0);
}

/// Trading for longer than observations are kept.
fn a_week(args: &mut CreateMarketArgs) {
    args.locks_at = args.opens_at + 7 * 24 * 60 * 60;
    args.observe_at_ms += 7 * 24 * 60 * 60 * 1_000;
}

impl Scene {
    fn close_after_retention(&mut self, observation: Pubkey) {
        let retention = self.markets.world.retention;
        self.markets.world.advance_seconds(retention);
        let close = CloseObservation {
            observation,
            rent_payer: self.markets.world.keeper.pubkey(),
        };
        self.markets
            .send(close.instruction(), &[])
            .expect("a closing");
    }

    /// Has the oracle shown that the providers say `value` of the opening as well.
    fn contradict_strike(&mut self, value: i64) {
        let id = self.markets.state(self.market).id;
        let report = self
            .markets
            .world
            .report_conflict(feed(id), self.opening, value)
            .expect("a report");
        self.markets
            .send(report.instruction(), &[])
            .expect("a contradiction");
    }
}

/// Another strike that is proven once the first is closed contradicts it, until the result is final.
#[test]
fn strike_proven_again_with_another_value_calls_the_arbiters() {
    let mut scene = Scene::of(MarketsWorld::start(&Default::default()), a_week);
    let (market, opening) = (scene.market, scene.opening);
    let observation = scene.strike(100);
    scene.close_after_retention(observation);
    // The same value again is fine.
    scene.markets.observe_at(market, opening, 100);
    let conflict = scene.conflict_of(observation).instruction();
    scene
        .markets
        .send(conflict.clone(), &[])
        .expect_refusal(MarketError::ObservationNotConflicted);
    scene.close_after_retention(observation);
    scene.propose(95);
    scene.markets.observe_at(market, opening, 90);
    scene.end_window();
    scene
        .markets
        .finalize(market)
        .expect_refusal(MarketError::ObservationDisagrees);
    // Neither no observation nor another market's is a way around it.
    for other in [Pubkey::default(), Pubkey::new_unique()] {
        let finalize = scene.markets.build_finalize(market).instruction();
        scene
            .markets
            .send(with_account(finalize, observation, other), &[])
            .expect_refusal(MarketError::WrongObservation);
    }
    scene
        .markets
        .send(conflict, &[])
        .expect("arbiters are called");
    let bond = scene.markets.state(market).bond;
    scene.markets.arbitrate_at(market, opening, 90);
    scene.markets.resolve_dispute(market, 95).expect("a word");
    let [_, bull] = scene.shares();
    scene.finish(0, bull, -signed(bond), 0);
}

#[test]
fn another_median_of_the_opening_is_no_contradiction() {
    let mut markets = MarketsWorld::start(&Default::default());
    let mut key = markets.world.key_args(World::CIRCUIT_ID, 1);
    key.aggregation = Aggregation::Median;
    markets.world.verifying_key = markets.world.propose_verifying_key(key).expect("a key");
    markets.world.pass_timelock();
    let mut scene = Scene::of(markets, a_week);
    let (market, opening) = (scene.market, scene.opening);
    let observation = scene.strike(100);
    scene.close_after_retention(observation);
    scene.markets.observe_at(market, opening, 101);
    scene.propose(100);
    let conflict = scene.conflict_of(observation).instruction();
    scene
        .markets
        .send(conflict, &[])
        .expect_refusal(MarketError::ObservationNotConflicted);
    scene.end_window();
    scene.markets.finalize(market).expect("an end");
    let [_, bull] = scene.shares();
    scene.finish(0, bull, 0, 0);
}

#[test]
fn conflicted_strike_is_refused_and_calls_the_arbiters() {
    let mut scene = Scene::new();
    let (market, opening) = (scene.market, scene.opening);
    let observation = scene.markets.observe_at(market, opening, 100);
    scene.contradict_strike(101);
    scene
        .markets
        .set_strike(market, observation)
        .expect_refusal(MarketError::ObservationNotValid);
    let conflict = scene.conflict_of(observation).instruction();
    scene
        .markets
        .send(conflict.clone(), &[])
        .expect("arbiters are called");
    scene
        .markets
        .send(conflict, &[])
        .expect_refusal(MarketError::NotProposed);
    scene
        .markets
        .buy(&scene.bull, market, 1, 1_000)
        .expect_refusal(MarketError::MarketNotOpen);
    scene.markets.arbitrate_at(market, opening, 101);
    scene.markets.resolve_dispute(market, 100).expect("a word");
    let [bear, _] = scene.shares();
    scene.finish(bear, 0, 0, 0);
}

#[test]
fn conflict_of_the_strike_after_a_proposal_is_not_final() {
    let mut scene = Scene::new();
    let (market, opening) = (scene.market, scene.opening);
    let observation = scene.strike(100);
    scene.propose(100);
    scene.end_window();
    scene.contradict_strike(101);
    scene
        .markets
        .finalize(market)
        .expect_refusal(MarketError::ObservationConflicted);
    // Of another time than result and strike it says nothing.
    let other = scene.markets.observe_at(market, opening + 1, 5);
    let foreign = scene.conflict_of(other).instruction();
    scene
        .markets
        .send(foreign, &[])
        .expect_refusal(MarketError::WrongObservation);
    scene.call_arbiters(observation);
    scene.markets.arbitrate_at(market, opening, 100);
    scene.markets.resolve_dispute(market, 100).expect("a word");
    let [_, bull] = scene.shares();
    scene.finish(0, bull, 0, 0);
}

/// A false strike makes a false result of a true price: the arbiters say both.
#[test]
fn arbiters_put_a_false_strike_right() {
    let mut scene = Scene::new();
    let (market, opening) = (scene.market, scene.opening);
    let observation = scene.strike(100);
    scene.propose(95);
    let bond = scene.markets.state(market).bond;
    scene.dispute();
    let word = scene.markets.arbitrate(market, 95);
    let resolve = scene.markets.build_resolve_dispute(market, word);
    scene
        .markets
        .send(resolve.instruction(), &[])
        .expect_refusal(MarketError::StrikePending);
    scene
        .markets
        .set_strike(market, observation)
        .expect_refusal(MarketError::MarketNotOpen);
    // The providers' strike is no answer any more, nor is another time's.
    let mut resolve = scene.markets.build_resolve_dispute(market, word);
    for (strike, refusal) in [
        (observation, MarketError::WrongProviderSet),
        (word, MarketError::WrongObservationTime),
    ] {
        resolve.strike_observation = Some(strike);
        scene
            .markets
            .send(resolve.instruction(), &[])
            .expect_refusal(refusal);
    }
    scene.markets.arbitrate_at(market, opening, 90);
    let resolve = scene.markets.build_resolve_dispute(market, word);
    scene
        .markets
        .send(resolve.instruction(), &[])
        .expect("a word");
    assert_eq!(scene.markets.state(market).settlement.winning_outcome, 1);
    let [_, bull] = scene.shares();
    scene.finish(0, bull, -signed(bond), signed(bond / 2));
}

/// A dispute of a right result costs its bond, and the arbiters' strike need not be the same to the
/// last digit.
#[test]
fn arbiters_confirm_a_right_result() {
    let mut scene = Scene::new();
    let (market, opening) = (scene.market, scene.opening);
    scene.strike(100);
    scene.propose(95);
    let bond = scene.markets.state(market).bond;
    scene.dispute();
    scene.markets.arbitrate_at(market, opening, 99);
    scene.markets.resolve_dispute(market, 96).expect("a word");
    let [bear, _] = scene.shares();
    scene.finish(bear, 0, signed(bond / 2), -signed(bond));
}

/// Nothing that the arbiters contradict settles a market, be it of the opening.
#[test]
fn strike_that_the_arbiters_contradict_settles_nothing() {
    let mut scene = Scene::new();
    let (market, opening) = (scene.market, scene.opening);
    scene.strike(100);
    scene.propose(95);
    scene.dispute();
    let strike = scene.markets.arbitrate_at(market, opening, 90);
    let report = scene.markets.build_arbiters_conflict(market, strike, 91);
    scene
        .markets
        .send(report.instruction(), &[])
        .expect("a contradiction");
    scene
        .markets
        .resolve_dispute(market, 95)
        .expect_refusal(MarketError::ObservationNotValid);
    let deadline = scene.markets.state(market).arbitration_until;
    scene.markets.go_to_second(deadline);
    scene.markets.void(market).expect("a void");
    scene.finish_void(0, 0);
}

/// Whoever calls the arbiters long before there is a result does not make the market void: their time starts when
/// that of proposals would be over.
#[test]
fn arbiters_have_their_time_after_the_result() {
    let mut scene = Scene::of(MarketsWorld::start(&Default::default()), a_week);
    let (market, opening) = (scene.market, scene.opening);
    let observation = scene.markets.observe_at(market, opening, 100);
    scene.contradict_strike(101);
    scene.call_arbiters(observation);
    let state = scene.markets.state(market);
    let observable_from =
        i64::try_from(state.evidence.observe_at_ms.div_ceil(1_000)).expect("a time");
    assert!(state.proposal_until > observable_from);
    let deadline = state.proposal_until + i64::from(state.arbitration_seconds);
    assert_eq!(state.arbitration_until, deadline);
    scene.markets.go_to_second(deadline - 1);
    scene
        .markets
        .void(market)
        .expect_refusal(MarketError::DeadlineNotPassed);
    scene.markets.arbitrate_at(market, opening, 101);
    scene.markets.resolve_dispute(market, 100).expect("a word");
    let [bear, _] = scene.shares();
    scene.finish(bear, 0, 0, 0);
}

#[test]
fn arbiters_without_a_strike_leave_the_market_void() {
    let mut scene = Scene::new();
    let market = scene.market;
    scene.strike(100);
    scene.propose(95);
    scene.dispute();
    let word = scene.markets.arbitrate(market, 95);
    let resolve = scene.markets.build_resolve_dispute(market, word);
    let deadline = scene.markets.state(market).arbitration_until;
    scene.markets.go_to_second(deadline - 1);
    scene
        .markets
        .send(resolve.instruction(), &[])
        .expect_refusal(MarketError::StrikePending);
    scene.markets.go_to_second(deadline);
    scene.markets.void(market).expect("a void");
    scene.finish_void(0, 0);
}
