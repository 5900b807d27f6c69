//! Standard markets: what a creator puts up, what an honest proposer earns, and what becomes of a
//! proposal whose providers are not believed any more; with exact balances.

use anchor_lang::prelude::Pubkey;
use client::instructions::markets::DisputeConflict;
use market_core::MarketStatus;
use markets::{error::MarketError, state::Terms};
use testbed::{feed, ExpectError, MarketsOptions, MarketsWorld, Trader};

use crate::support::suspend;

const CREATOR_BOND: u64 = 50_000_000;
const PURSE: u64 = 1_000_000_000_000;
const STAKE: u64 = 300_000_000;

fn world() -> MarketsWorld {
    let options = MarketsOptions::default();
    MarketsWorld::start(&MarketsOptions {
        terms: Terms {
            creator_bond: CREATOR_BOND,
            ..options.terms
        },
        ..options
    })
}

/// A market of the world's creator, and what the creator had before.
fn market(markets: &mut MarketsWorld) -> (Pubkey, u64) {
    let before = markets.balance(markets.creator().tokens);
    let args = markets.terms(2);
    let market = markets.market(args);
    let state = markets.state(market);
    assert_eq!(state.creator_bond, CREATOR_BOND);
    assert_eq!(
        markets.balance(markets.creator().tokens),
        before - state.pool.cash - CREATOR_BOND
    );
    assert_eq!(
        markets.balance(state.token_account),
        state.pool.cash + CREATOR_BOND
    );
    (market, before)
}

fn void_after(markets: &mut MarketsWorld, market: Pubkey, until: i64) {
    markets.go_to_second(until - 1);
    markets
        .void(market)
        .expect_refusal(MarketError::DeadlineNotPassed);
    markets.go_to_second(until);
    markets.void(market).expect("a void");
}

#[test]
fn creator_of_a_market_made_to_be_void_loses_the_bond() {
    let mut markets = world();
    let (market, before) = market(&mut markets);
    let until = markets.state(market).proposal_until;
    void_after(&mut markets, market, until);
    let state = markets.state(market);
    assert_eq!((state.creator_bond, state.creator_fees), (0, 0));
    assert_eq!(state.protocol_fees, CREATOR_BOND);
    let creator = markets.creator();
    markets
        .redeem_liquidity(market, &creator)
        .expect("a payout");
    markets.close(market).expect("a closing");
    assert_eq!(markets.balance(creator.tokens), before - CREATOR_BOND);
    assert_eq!(markets.venue_state().protocol_fees, CREATOR_BOND);
}

/// The bond grows with the market: a part of the funding, rounded up, where that is more.
#[test]
fn creator_of_a_large_market_puts_up_a_large_bond() {
    let options = MarketsOptions::default();
    let mut markets = MarketsWorld::start(&MarketsOptions {
        terms: Terms {
            creator_bond: CREATOR_BOND,
            creator_bond_share: 333,
            ..options.terms
        },
        ..options
    });
    for (depth, is_share) in [(1_000_000_000, false), (1_000_000_000_001, true)] {
        let creator = markets.creator();
        let before = markets.balance(creator.tokens);
        let mut args = markets.terms(3);
        args.depth = depth;
        let market = markets.market(args);
        let state = markets.state(market);
        let (funding, bond) = (state.pool.cash, state.creator_bond);
        let share = (funding * 333).div_ceil(10_000);
        assert_eq!(bond, share.max(CREATOR_BOND));
        assert_eq!(bond == share, is_share);
        assert_eq!(markets.balance(creator.tokens), before - funding - bond);
        void_after(&mut markets, market, state.proposal_until);
        markets
            .redeem_liquidity(market, &creator)
            .expect("a payout");
        markets.close(market).expect("a closing");
        assert_eq!(markets.balance(creator.tokens), before - bond);
    }
}

#[test]
fn creator_of_a_settled_market_has_the_bond_back() {
    let mut markets = world();
    let (market, before) = market(&mut markets);
    let proposer = markets.trader(PURSE);
    markets.propose(&proposer, market, 0).expect("a proposal");
    let until = markets.state(market).dispute_until;
    markets.go_to_second(until);
    markets.finalize(market).expect("an end");
    let state = markets.state(market);
    assert_eq!((state.creator_bond, state.creator_fees), (0, CREATOR_BOND));
    let creator = markets.creator();
    markets
        .redeem_liquidity(market, &creator)
        .expect("a payout");
    markets.claim_proposal(market, &proposer).expect("the bond");
    markets.close(market).expect("a closing");
    assert_eq!(markets.balance(creator.tokens), before);
    assert_eq!(markets.balance(proposer.tokens), PURSE);
    assert_eq!(markets.venue_state().protocol_fees, 0);
}

/// Nobody proposed a result: whoever called the arbiters does not save the bond.
#[test]
fn contradiction_without_a_proposal_saves_no_bond() {
    let mut markets = world();
    let (market, _) = market(&mut markets);
    let observation = markets.observe(market, 0);
    let state = markets.state(market);
    let report = markets
        .world
        .report_conflict(feed(state.id), state.evidence.observe_at_ms, 1)
        .expect("a report");
    markets
        .send(report.instruction(), &[])
        .expect("a contradiction");
    let conflict = DisputeConflict {
        venue: markets.venue,
        market,
        observation,
    };
    markets
        .send(conflict.instruction(), &[])
        .expect("arbiters are called");
    let until = markets.state(market).arbitration_until;
    void_after(&mut markets, market, until);
    let state = markets.state(market);
    assert_eq!((state.creator_bond, state.creator_fees), (0, 0));
    assert_eq!(state.protocol_fees, CREATOR_BOND);
}

#[test]
fn silent_arbiters_cost_the_creator_nothing() {
    let mut markets = world();
    let (market, before) = market(&mut markets);
    let [proposer, disputer] = [(); 2].map(|()| markets.trader(PURSE));
    markets.propose(&proposer, market, 0).expect("a proposal");
    markets.dispute(&disputer, market).expect("a dispute");
    let until = markets.state(market).arbitration_until;
    void_after(&mut markets, market, until);
    assert_eq!(markets.state(market).creator_fees, CREATOR_BOND);
    let creator = markets.creator();
    markets
        .redeem_liquidity(market, &creator)
        .expect("a payout");
    markets.claim_proposal(market, &proposer).expect("the bond");
    markets.claim_dispute(market, &disputer).expect("the bond");
    markets.close(market).expect("a closing");
    assert_eq!(markets.balance(creator.tokens), before);
}

/// A market with trades, so that there are fees; and what a proposer may earn of them.
fn traded(markets: &mut MarketsWorld) -> (Pubkey, [Trader; 2], u64) {
    let (market, _) = market(markets);
    let traders = [(); 2].map(|()| markets.trader(PURSE));
    for (outcome, trader) in (0..).zip(&traders) {
        markets.open(trader, market).expect("a position");
        markets.buy(trader, market, outcome, STAKE).expect("a buy");
    }
    let state = markets.state(market);
    // A fifth of the fees is the protocol's, and a twentieth of that the proposer's.
    let reward = state.proposer_reward;
    assert!((state.protocol_fees / 20 - 1..=state.protocol_fees / 20).contains(&reward));
    assert!(reward > 0);
    (market, traders, reward)
}

#[test]
fn undisputed_proposer_earns_a_part_of_the_fees_whoever_collects_first() {
    let mut markets = world();
    let (market, _, reward) = traded(&mut markets);
    let proposer = markets.trader(PURSE);
    markets.propose(&proposer, market, 0).expect("a proposal");
    let (bond, fees) = {
        let state = markets.state(market);
        (state.bond, state.protocol_fees)
    };
    let release = markets.build_release(market).instruction();
    markets.send(release.clone(), &[]).expect("a release");
    assert_eq!(markets.venue_state().protocol_fees, fees - reward);
    markets
        .send(release, &[])
        .expect_refusal(MarketError::NothingToCollect);
    let until = markets.state(market).dispute_until;
    markets.go_to_second(until);
    markets.finalize(market).expect("an end");
    let state = markets.state(market);
    assert_eq!(state.proposer_claim, bond + reward);
    assert_eq!((state.protocol_fees, state.proposer_reward), (0, 0));
    markets
        .claim_proposal(market, &proposer)
        .expect("bond and reward");
    assert_eq!(markets.balance(proposer.tokens), PURSE + reward);
}

#[test]
fn disputed_proposer_earns_no_part_of_the_fees() {
    let mut markets = world();
    let (market, _, reward) = traded(&mut markets);
    let [proposer, disputer] = [(); 2].map(|()| markets.trader(PURSE));
    markets.propose(&proposer, market, 0).expect("a proposal");
    markets.dispute(&disputer, market).expect("a dispute");
    let (bond, fees) = {
        let state = markets.state(market);
        (state.bond, state.protocol_fees)
    };
    markets.resolve_dispute(market, 0).expect("a word");
    let state = markets.state(market);
    assert_eq!(state.proposer_claim, bond + bond / 2);
    assert_eq!(state.proposer_reward, 0);
    assert_eq!(state.protocol_fees, fees + bond.div_ceil(2));
    assert!(reward > 0);
}

/// What was proposed is not believed any more: the arbiters say, and nobody had to dispute.
fn is_the_arbiters(is_key: bool) {
    let mut markets = world();
    let (market, _, _) = traded(&mut markets);
    let proposer = markets.trader(PURSE);
    markets.propose(&proposer, market, 0).expect("a proposal");
    let state = markets.state(market);
    suspend(&mut markets, !is_key);
    markets
        .finalize(market)
        .expect_refusal(MarketError::DisputeWindowOpen);
    markets.go_to_second(state.dispute_until);
    markets.finalize(market).expect("the arbiters");
    let called = markets.state(market);
    assert_eq!(called.settlement.status, MarketStatus::Disputed as u8);
    assert_eq!(called.disputer_claim, 0);
    assert_eq!(
        called.arbitration_until,
        state.dispute_until + i64::from(state.arbitration_seconds)
    );
    markets
        .finalize(market)
        .expect_refusal(MarketError::NotProposed);
    if is_key {
        // Their key is the same here: nobody is believed, so that the market is void.
        markets.go_to_second(called.arbitration_until);
        markets.void(market).expect("a void");
        assert_eq!(markets.state(market).proposer_claim, state.bond);
        return;
    }
    markets.resolve_dispute(market, 1).expect("a word");
    let settled = markets.state(market);
    assert_eq!(settled.settlement.winning_outcome, 1);
    assert_eq!(settled.proposer_claim, 0);
    assert_eq!(
        settled.protocol_fees,
        state.protocol_fees + state.bond,
        "a wrong proposer's bond is the protocol's where nobody disputed"
    );
}

#[test]
fn proposal_of_a_set_suspended_meanwhile_is_the_arbiters_to_judge() {
    is_the_arbiters(false);
}

#[test]
fn proposal_under_a_key_suspended_meanwhile_is_the_arbiters_to_judge() {
    is_the_arbiters(true);
}
