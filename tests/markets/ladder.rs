//! Standard markets, attacks on the end of trading and on the resolution ladder.

use anchor_lang::prelude::Pubkey;
use client::instructions::{markets::*, oracle::CloseObservation};
use markets::error::MarketError;
use math::Price;
use oracle::Aggregation;
use result_tree::FeedResult;
use solana_signer::Signer;
use testbed::{feed, ExpectError, MarketsOptions, MarketsWorld, Trader, World};

const PURSE: u64 = 1_000_000_000_000;
/// Moves an even price of the default depth to about .94.
const PUSH: u64 = 2_000_000_000;

/// An hour of trading without fees, and somebody with a position.
fn world_of(change: impl FnOnce(&mut CreateMarketArgs)) -> (MarketsWorld, Pubkey, Trader) {
    let mut markets = MarketsWorld::start(&Default::default());
    let mut args = markets.terms(2);
    args.fee_rate = 0;
    change(&mut args);
    let market = markets.market(args);
    let trader = markets.trader(PURSE);
    markets.open(&trader, market).expect("a position");
    (markets, market, trader)
}

/// Moves the clock to `second`, unix time, with slots of `slot_ms` milliseconds.
fn go_at_pace(markets: &mut MarketsWorld, second: i64, slot_ms: u64) {
    let milliseconds = u64::try_from(second).expect("a time") * 1_000;
    let passed = milliseconds
        .checked_sub(markets.chain().now().0)
        .expect("a later time");
    markets.world.chain.advance(passed / slot_ms, passed);
}

/// Slots that take longer than planned do not keep the curve open until a result is known, or until
/// the market can be voided.
#[test]
fn slow_slots_keep_no_curve_open() {
    let (mut markets, market, trader) = world_of(|_| {});
    markets.buy(&trader, market, 0, 1_000).expect("a buy");
    let state = markets.state(market);
    go_at_pace(&mut markets, state.proposal_until, 2_000);
    let buy = markets.build_buy(&trader, market, 0, PUSH).instruction();
    let void = Void {
        venue: markets.venue,
        market,
    }
    .instruction();
    markets
        .send_all(&[buy, void], &[&trader.key])
        .expect_refusal(MarketError::TradingOver);
    for instruction in [
        markets
            .build_buy_shares(&trader, market, 0, 1_000)
            .instruction(),
        markets.build_sell(&trader, market, 0, 1_000).instruction(),
        markets.build_split(&trader, market, 1_000).instruction(),
    ] {
        markets
            .send(instruction, &[&trader.key])
            .expect_refusal(MarketError::TradingOver);
    }
    markets.void(market).expect("a void");
    markets.resolve_all(market, &[&trader]);
}

/// Where slots take longer than planned, a price that is pushed in the last second of trading does
/// not stand for the slots between that second and the planned slot.
#[test]
fn push_in_the_last_second_does_not_outweigh_the_hour() {
    let (mut markets, market, trader) = world_of(|_| {});
    let state = markets.state(market);
    let quiet = state.pool.slow_prices[0];
    let end = markets.chain().now().seconds() + 60 * 60;
    go_at_pace(&mut markets, end - 1, 800);
    markets.buy(&trader, market, 0, PUSH).expect("a push");
    go_at_pace(&mut markets, state.proposal_until, 800);
    markets.void(market).expect("a void");
    let payout = markets.state(market).settlement.payouts[0];
    assert!(
        payout < quiet + Price::ONE.0 / 100,
        "a push of a second moved the payout from {quiet} to {payout}"
    );
    markets.resolve_all(market, &[&trader]);
}

/// The price at which a proposal stops trading is nobody's to correct any more, and counts for
/// nothing from there on.
#[test]
fn price_at_the_proposal_does_not_stand_until_the_void() {
    let (mut markets, market, trader) = world_of(|_| {});
    let slot = markets.chain().slot();
    markets.go_to(slot + 100);
    let quiet = markets.state(market).pool.slow_prices[0];
    let observation = markets.observe(market, 1);
    let push = markets.build_buy(&trader, market, 0, PUSH).instruction();
    let propose = markets
        .build_propose(&trader, market, observation)
        .instruction();
    let dispute = markets.build_dispute(&trader, market).instruction();
    markets
        .send_all(&[push, propose, dispute], &[&trader.key])
        .expect("a push, and an end that nobody can answer");
    markets.go_to(slot + 5_000);
    markets.poke(market).expect("a poke");
    let deadline = markets.state(market).arbitration_until;
    markets.go_to_second(deadline);
    markets.void(market).expect("a void");
    let payout = markets.state(market).settlement.payouts[0];
    assert!(
        payout.abs_diff(quiet) < 1 << 12,
        "the push moved the payout from {quiet} to {payout}"
    );
    markets.claim_proposal(market, &trader).expect("a bond");
    markets.claim_dispute(market, &trader).expect("a bond");
    markets.resolve_all(market, &[&trader]);
}

/// Has the oracle shown that the providers say `value` as well.
fn contradict(markets: &mut MarketsWorld, market: Pubkey, value: i64) {
    let state = markets.state(market);
    let report = markets
        .world
        .report_conflict(feed(state.id), state.evidence.observe_at_ms, value)
        .expect("a report");
    markets
        .send(report.instruction(), &[])
        .expect("a contradiction");
}

/// A contradiction that is shown after the time to dispute still keeps a proposal from being final.
#[test]
fn contradicted_proposal_is_not_final() {
    let (mut markets, market, trader) = world_of(|_| {});
    markets.propose(&trader, market, 0).expect("a proposal");
    let deadline = markets.state(market).dispute_until;
    markets.go_to_second(deadline);
    contradict(&mut markets, market, 1);
    markets
        .finalize(market)
        .expect_refusal(MarketError::ObservationConflicted);
    // Another market's observation, or none, is no way around it.
    let mut finalize = markets.build_finalize(market);
    let terms = markets.terms(2);
    let other = markets.market(terms);
    for observation in [markets.observe(other, 0), Pubkey::new_unique()] {
        finalize.observation = observation;
        markets
            .send(finalize.instruction(), &[])
            .expect_refusal(MarketError::WrongObservation);
    }
    let conflict = conflict(&markets, market).instruction();
    markets.send(conflict, &[]).expect("arbiters are called");
    markets.resolve_dispute(market, 0).expect("a word");
    markets.claim_proposal(market, &trader).expect("a bond");
    markets.resolve_all(market, &[&trader]);
}

/// Has the market's observation closed once its time is over, and the oracle shown `value` at the same
/// place, of which it cannot see that it contradicts the first.
fn prove_again(markets: &mut MarketsWorld, market: Pubkey, value: i64) {
    let retention = markets.world.retention;
    markets.world.advance_seconds(retention);
    let close = CloseObservation {
        observation: markets.state(market).evidence.observation,
        rent_payer: markets.world.keeper.pubkey(),
    };
    markets.send(close.instruction(), &[]).expect("a closing");
    markets.observe(market, value);
}

/// A dispute window that is longer than observations are kept.
fn four_days(args: &mut CreateMarketArgs) {
    args.dispute_window_seconds = 4 * 24 * 60 * 60;
}

fn conflict(markets: &MarketsWorld, market: Pubkey) -> DisputeConflict {
    DisputeConflict {
        venue: markets.venue,
        market,
        observation: markets.state(market).evidence.observation,
    }
}

/// Another value that is proven once the first observation is closed keeps the proposal from being
/// final, calls the arbiters, and a wrong proposer loses his bond.
#[test]
fn value_proven_again_after_the_retention_contradicts_the_proposal() {
    let (mut markets, market, proposer) = world_of(four_days);
    let holder = markets.trader(PURSE);
    markets.open(&holder, market).expect("a position");
    markets.buy(&holder, market, 1, 300_000_000).expect("a buy");
    let shares = markets.position(market, &holder).holdings.shares[1];
    markets.propose(&proposer, market, 0).expect("a proposal");
    let (bond, fees) = (
        markets.state(market).bond,
        markets.state(market).protocol_fees,
    );
    prove_again(&mut markets, market, 1);
    let deadline = markets.state(market).dispute_until;
    markets.go_to_second(deadline);
    markets
        .finalize(market)
        .expect_refusal(MarketError::ObservationDisagrees);
    let conflict = conflict(&markets, market).instruction();
    markets.send(conflict, &[]).expect("arbiters are called");
    markets
        .finalize(market)
        .expect_refusal(MarketError::NotProposed);
    markets.resolve_dispute(market, 1).expect("a word");
    let state = markets.state(market);
    assert_eq!(
        (state.proposer_claim, state.settlement.winning_outcome),
        (0, 1)
    );
    assert_eq!(state.protocol_fees, fees + bond);
    markets.resolve_all(market, &[&proposer, &holder]);
    assert_eq!(markets.balance(proposer.tokens), PURSE - bond);
    assert_eq!(
        markets.balance(holder.tokens),
        PURSE - 300_000_000 + shares,
        "the arbiters' outcome pays"
    );
}

/// The arbiters may as well say that the proposal was right.
#[test]
fn right_proposal_survives_a_false_value_proven_again() {
    let (mut markets, market, proposer) = world_of(four_days);
    markets.propose(&proposer, market, 0).expect("a proposal");
    prove_again(&mut markets, market, 1);
    let conflict = conflict(&markets, market).instruction();
    markets.send(conflict, &[]).expect("arbiters are called");
    markets.resolve_dispute(market, 0).expect("a word");
    markets.claim_proposal(market, &proposer).expect("a bond");
    assert_eq!(markets.balance(proposer.tokens), PURSE);
    markets.resolve_all(market, &[&proposer]);
}

#[test]
fn same_value_proven_again_is_no_contradiction() {
    let (mut markets, market, proposer) = world_of(four_days);
    markets.propose(&proposer, market, 0).expect("a proposal");
    prove_again(&mut markets, market, 0);
    let conflict = conflict(&markets, market).instruction();
    markets
        .send(conflict, &[])
        .expect_refusal(MarketError::ObservationNotConflicted);
    let deadline = markets.state(market).dispute_until;
    markets.go_to_second(deadline);
    markets.finalize(market).expect("an end");
    markets.claim_proposal(market, &proposer).expect("a bond");
    assert_eq!(markets.balance(proposer.tokens), PURSE);
    markets.resolve_all(market, &[&proposer]);
}

/// Medians of two quorums may differ, though all are honest.
#[test]
fn another_median_is_no_contradiction() {
    let mut markets = MarketsWorld::start(&Default::default());
    let mut key = markets.world.key_args(World::CIRCUIT_ID, 1);
    key.aggregation = Aggregation::Median;
    markets.world.verifying_key = markets.world.propose_verifying_key(key).expect("a key");
    markets.world.pass_timelock();
    let mut args = markets.terms(2);
    args.rule = RuleTerms::Threshold { strikes: vec![100] };
    four_days(&mut args);
    let market = markets.market(args);
    let proposer = markets.trader(PURSE);
    markets.propose(&proposer, market, 99).expect("a proposal");
    prove_again(&mut markets, market, 100);
    let conflict = conflict(&markets, market).instruction();
    markets
        .send(conflict, &[])
        .expect_refusal(MarketError::ObservationNotConflicted);
    let deadline = markets.state(market).dispute_until;
    markets.go_to_second(deadline);
    markets.finalize(market).expect("an end");
    assert_eq!(markets.state(market).settlement.winning_outcome, 0);
    markets.claim_proposal(market, &proposer).expect("a bond");
    assert_eq!(markets.balance(proposer.tokens), PURSE);
    markets.resolve_all(market, &[]);
}

/// A root needs no observation, so that one of another value can be verified after the proposal.
#[test]
fn observation_contradicts_what_was_proposed_from_a_root() {
    for (value, is_other) in [(1, true), (0, false)] {
        let (mut markets, market, proposer) = world_of(|_| {});
        let state = markets.state(market);
        let result = FeedResult {
            feed_id: state.evidence.feed_id,
            time: state.evidence.observe_at_ms,
            value: 0,
        };
        let tree = markets.world.result_tree(&[result]).expect("a tree");
        let result_root = markets
            .world
            .publish(feed(77_777), state.evidence.observe_at_ms, &tree)
            .expect("a root");
        let propose = ProposeFromRoot {
            proposer: proposer.address(),
            venue: markets.venue,
            market,
            provider_set: markets.world.provider_set,
            verifying_key: markets.world.verifying_key,
            result_root,
            observation: state.evidence.observation,
            proposer_tokens: proposer.tokens,
            token_program: markets.token_program(),
            args: ProposeFromRootArgs {
                value: 0,
                index: 0,
                path: tree.path(0).expect("a path"),
                max_bond: u64::MAX,
            },
        };
        markets
            .send(propose.instruction(), &[&proposer.key])
            .expect("a proposal");
        markets.observe(market, value);
        let deadline = markets.state(market).dispute_until;
        markets.go_to_second(deadline);
        let conflict = conflict(&markets, market).instruction();
        if is_other {
            markets
                .finalize(market)
                .expect_refusal(MarketError::ObservationDisagrees);
            markets.send(conflict, &[]).expect("arbiters are called");
            markets.resolve_dispute(market, 0).expect("a word");
        } else {
            markets
                .send(conflict, &[])
                .expect_refusal(MarketError::ObservationNotConflicted);
            markets.finalize(market).expect("an end");
        }
        markets.claim_proposal(market, &proposer).expect("a bond");
        assert_eq!(markets.balance(proposer.tokens), PURSE);
        markets.resolve_all(market, &[&proposer]);
    }
}

/// Whoever proposes a wrong result does not save his bond by showing the contradiction himself.
#[test]
fn liar_who_reports_himself_loses_his_bond() {
    let (mut markets, market, liar) = world_of(|_| {});
    markets.propose(&liar, market, 0).expect("a proposal");
    contradict(&mut markets, market, 1);
    let conflict = conflict(&markets, market).instruction();
    markets.send(conflict, &[]).expect("arbiters are called");
    let bond = markets.state(market).bond;
    let fees = markets.state(market).protocol_fees;
    markets.resolve_dispute(market, 1).expect("a word");
    let state = markets.state(market);
    assert!(bond > 0);
    assert_eq!(state.proposer_claim, 0, "the liar lost his bond");
    assert_eq!(state.protocol_fees, fees + bond, "to the treasury");
    markets.resolve_all(market, &[&liar]);
}

/// Lets what is outstanding stand for fourteen time constants, which leave a millionth of what was
/// before.
fn let_stand(markets: &mut MarketsWorld) {
    let later = markets.chain().slot() + 8_000;
    markets.go_to(later);
}

fn assert_nearly(bond: u64, expected: u64) {
    assert!(
        bond <= expected && expected - bond <= expected / 500_000,
        "{bond} of {expected}"
    );
}

/// Complete sets that stand raise the bond to the cap and no higher; those that are made for a moment
/// do not raise it at all, so that nobody prices an honest proposer out in one transaction.
#[test]
fn complete_sets_of_a_moment_do_not_raise_the_bond() {
    let (mut markets, market, trader) = world_of(|_| {});
    let cap = MarketsOptions::default().terms.bond_cap;
    let rich = markets.trader(200 * cap);
    let honest = markets.trader(2 * cap);
    markets.open(&rich, market).expect("a position");
    markets.buy(&trader, market, 0, 1_000_000).expect("a buy");
    let floor = markets.state(market).bond_floor;
    assert_eq!(markets.bond(market), floor);
    markets.split(&rich, market, 150 * cap).expect("a flood");
    assert_eq!(markets.bond(market), floor);
    let observation = markets.observe(market, 0);
    let mut propose = markets.build_propose(&honest, market, observation);
    propose.max_bond = floor;
    markets
        .send(propose.instruction(), &[&honest.key])
        .expect("a proposal at the floor");
    assert_eq!(markets.state(market).bond, floor);

    // Those that stand are at stake.
    let terms = markets.terms(2);
    let market = markets.market(terms);
    markets.open(&rich, market).expect("a position");
    markets.split(&rich, market, 45 * cap).expect("sets");
    let_stand(&mut markets);
    assert_nearly(markets.bond(market), 45 * cap / 100);
    markets.merge(&rich, market, 45 * cap).expect("a merge");
    assert_nearly(markets.bond(market), 45 * cap / 100);
}

/// Whoever holds as much of one outcome as somebody else of the other does not make a wrong proposal
/// cheap.
#[test]
fn holders_who_balance_each_other_do_not_lower_the_bond() {
    let (mut markets, market, bull) = world_of(|args| args.depth = 1_000_000_000_000);
    let bear = markets.trader(PURSE);
    markets.open(&bear, market).expect("a position");
    for (trader, outcome) in [(&bull, 0), (&bear, 1)] {
        markets
            .buy_shares(trader, market, outcome, 500_000_000)
            .expect("shares");
    }
    let_stand(&mut markets);
    // A hundredth of what is at stake.
    assert_nearly(markets.bond(market), 5_000_000);
}

/// Nor does the only provider by leaving with shares of all outcomes.
#[test]
fn bond_stands_when_the_only_provider_leaves() {
    let (mut markets, market, trader) = world_of(|args| args.depth = 1_000_000_000_000);
    markets
        .buy_shares(&trader, market, 0, 500_000_000)
        .expect("shares");
    let creator = markets.creator();
    markets.open_provider(&creator, market);
    let supply = markets.liquidity(market, &creator).shares;
    markets.remove(&creator, market, supply).expect("an exit");
    let state = markets.state(market);
    assert_eq!(state.pool.sold[0], state.pool.sold[1]);
    let_stand(&mut markets);
    let bond = markets.bond(market);
    assert_nearly(bond, state.pool.sold[0].div_ceil(100));
    assert!(bond >= 4_999_990);
}

/// A bond that has risen by the time that it is put up is not taken beyond what its owner said.
#[test]
fn bonds_are_bounded_by_who_puts_them_up() {
    let (mut markets, market, trader) = world_of(|_| {});
    let honest = markets.trader(PURSE);
    let observation = markets.observe(market, 0);
    let mut propose = markets.build_propose(&honest, market, observation);
    propose.max_bond = markets.bond(market);
    markets
        .buy(&trader, market, 0, 500_000_000)
        .expect("a raise");
    let_stand(&mut markets);
    markets
        .send(propose.instruction(), &[&honest.key])
        .expect_refusal(MarketError::BondAboveMaximum);
    propose.max_bond = markets.bond(market);
    markets
        .send(propose.instruction(), &[&honest.key])
        .expect("a proposal at the bound");
    let mut dispute = markets.build_dispute(&honest, market);
    dispute.args.max_bond = propose.max_bond - 1;
    markets
        .send(dispute.instruction(), &[&honest.key])
        .expect_refusal(MarketError::BondAboveMaximum);
    dispute.args.max_bond += 1;
    markets
        .send(dispute.instruction(), &[&honest.key])
        .expect("a dispute at the bound");
}

/// A price that the arbiters saw a little differently leaves an honest proposer his bond, and one
/// beyond the tolerance does not.
#[test]
fn tolerance_saves_the_honest_and_no_liar() {
    for (said, is_right) in [
        (10_000_000, true),
        (9_999_990, true),
        (9_999_989, false),
        (10_000_010, true),
        (10_000_011, false),
    ] {
        let (mut markets, market, proposer) = world_of(|args| {
            args.rule = RuleTerms::Linear {
                low: 9_000_000,
                high: 11_000_000,
            };
            args.tolerance = 10;
        });
        let disputer = markets.trader(PURSE);
        markets
            .propose(&proposer, market, 10_000_000)
            .expect("a proposal");
        markets.dispute(&disputer, market).expect("a dispute");
        let bond = markets.state(market).bond;
        markets.resolve_dispute(market, said).expect("a word");
        let state = markets.state(market);
        let claims = (state.proposer_claim, state.disputer_claim);
        let expected = if is_right {
            (bond + bond / 2, 0)
        } else {
            (0, bond + bond / 2)
        };
        assert_eq!(claims, expected, "the arbiters said {said}");
        let long = u128::from(Price::ONE.0) * (said.abs_diff(9_000_000) as u128) / 2_000_000;
        assert_eq!(
            u128::from(state.settlement.payouts[0]),
            long,
            "their value pays"
        );
    }
}
