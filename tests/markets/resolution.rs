//! Standard markets, the resolution ladder: each path with exact balances, and its refusals.

use anchor_lang::prelude::Pubkey;
use client::{addresses::markets as addresses, instructions::markets::*};
use market_core::{settlement::MarketStatus, NO_OUTCOME};
use markets::{error::MarketError, state::Dispute};
use math::Price;
use oracle::error::OracleError;
use result_tree::FeedResult;
use testbed::{feed, ExpectError, MarketsWorld, PassedOnByMarkets, Trader};

use crate::support::suspend;

const PURSE: u64 = 1_000_000_000_000;
const STAKE: u64 = 300_000_000;

/// A market of two outcomes with shares of both, and people to propose and dispute.
struct Scene {
    markets: MarketsWorld,
    market: Pubkey,
    bull: Trader,
    bear: Trader,
    proposer: Trader,
    disputer: Trader,
    /// What each of the two holds.
    shares: [u64; 2],
    funding: u64,
}

impl Scene {
    fn new() -> Self {
        Self::of(2, |_| {})
    }

    fn of(outcomes: u8, change: impl FnOnce(&mut CreateMarketArgs)) -> Self {
        let mut markets = MarketsWorld::start(&Default::default());
        let mut args = markets.terms(outcomes);
        change(&mut args);
        let market = markets.market(args);
        let funding = markets.state(market).pool.cash;
        let [bull, bear, proposer, disputer] = [(); 4].map(|()| markets.trader(PURSE));
        for (trader, outcome) in [(&bull, 0), (&bear, 1)] {
            markets.open(trader, market).expect("a position");
            markets.buy(trader, market, outcome, STAKE).expect("a buy");
        }
        let shares = [
            markets.position(market, &bull).holdings.shares[0],
            markets.position(market, &bear).holdings.shares[1],
        ];
        Self {
            markets,
            market,
            bull,
            bear,
            proposer,
            disputer,
            shares,
            funding,
        }
    }

    /// What a proposal has to put up now.
    fn bond(&self) -> u64 {
        self.markets.bond(self.market)
    }

    fn balance(&self, trader: &Trader) -> u64 {
        self.markets.balance(trader.tokens)
    }

    fn propose(&mut self, value: i64) {
        self.markets
            .propose(&self.proposer, self.market, value)
            .expect("a proposal");
    }

    fn dispute(&mut self) {
        self.markets
            .dispute(&self.disputer, self.market)
            .expect("a dispute");
    }

    /// What the settled market pays for the shares of each of the two.
    fn due(&self) -> [u64; 2] {
        let payouts = self.markets.state(self.market).settlement.payouts;
        [0, 1].map(|outcome| {
            let product = u128::from(self.shares[outcome]) * u128::from(payouts[outcome]);
            u64::try_from(product >> 63).expect("a payout")
        })
    }

    /// Pays everybody, closes the market, and asserts what each has in the end. The rest is the
    /// creator's and the protocol's.
    fn finish(mut self, bull: u64, bear: u64, proposer: u64, disputer: u64) {
        let creator = self.markets.creator();
        let before = self.balance(&creator);
        let (market, markets) = (self.market, &mut self.markets);
        let protocol = markets.venue_state().protocol_fees;
        markets
            .redeem(market, &[&self.bull, &self.bear])
            .expect("payouts");
        markets
            .redeem_liquidity(market, &creator)
            .expect("a payout");
        let state = markets.state(market);
        // Of an undisputed proposer, who has his part of the fees beside.
        let reward = match state.open_disputes {
            0 => state.proposer_claim.saturating_sub(state.bond),
            _ => 0,
        };
        let proposer = proposer + reward;
        if state.proposer_claim > 0 {
            markets
                .claim_proposal(market, &self.proposer)
                .expect("a bond");
        }
        if state.open_disputes > 0 {
            let rent = markets.chain().lamports(addresses::dispute(&market));
            let lamports = markets.chain().lamports(self.disputer.address());
            markets
                .claim_dispute(market, &self.disputer)
                .expect("a bond");
            assert_eq!(
                markets
                    .chain()
                    .lamports(self.disputer.address())
                    .expect("lamports"),
                lamports.expect("lamports") + rent.expect("lamports"),
                "the rent goes to who paid it"
            );
        }
        markets.close(market).expect("a closing");
        assert_eq!(self.balance(&self.bull), bull);
        assert_eq!(self.balance(&self.bear), bear);
        assert_eq!(self.balance(&self.proposer), proposer);
        assert_eq!(self.balance(&self.disputer), disputer);
        let protocol = self.markets.venue_state().protocol_fees - protocol;
        let with_creator = bull + bear + proposer + disputer + self.balance(&creator) - before;
        assert_eq!(
            with_creator + protocol,
            4 * PURSE + self.funding,
            "what the others lost is the providers', the creator's and the protocol's"
        );
    }
}

#[test]
fn proposal_without_a_dispute_is_final() {
    let mut scene = Scene::new();
    let (market, bond) = (scene.market, scene.bond());
    scene.propose(0);
    let state = scene.markets.state(market);
    assert_eq!(state.settlement.status, MarketStatus::Proposed as u8);
    assert_eq!(
        (state.bond, state.proposer_claim, state.proposed_value),
        (bond, bond, 0)
    );
    assert_eq!(scene.balance(&scene.proposer), PURSE - bond);
    scene.markets.go_to_second(state.dispute_until - 1);
    scene
        .markets
        .finalize(market)
        .expect_refusal(MarketError::DisputeWindowOpen);
    scene.markets.go_to_second(state.dispute_until);
    scene
        .markets
        .dispute(&scene.disputer, market)
        .expect_refusal(MarketError::DisputeWindowOver);
    scene.markets.finalize(market).expect("an end");
    let state = scene.markets.state(market);
    assert_eq!(state.settlement.status, MarketStatus::Resolved as u8);
    assert_eq!(state.settlement.winning_outcome, 0);
    scene
        .markets
        .finalize(market)
        .expect_refusal(MarketError::NotProposed);
    let win = scene.shares[0];
    scene.finish(PURSE - STAKE + win, PURSE - STAKE, PURSE, PURSE);
}

#[test]
fn right_dispute_overturns_the_proposal_and_takes_half_its_bond() {
    let mut scene = Scene::new();
    let (market, bond) = (scene.market, scene.bond());
    scene.propose(0);
    scene.dispute();
    let dispute: Dispute = scene.markets.read(addresses::dispute(&market));
    assert_eq!(
        (dispute.disputer, dispute.evidence_hash, dispute.reason),
        (scene.disputer.address(), [7; 32], 3)
    );
    assert_eq!(scene.balance(&scene.disputer), PURSE - bond);
    scene
        .markets
        .dispute(&scene.bear, market)
        .expect_refusal(MarketError::NotProposed);
    let deadline = scene.markets.state(market).dispute_until;
    scene.markets.go_to_second(deadline);
    scene
        .markets
        .finalize(market)
        .expect_refusal(MarketError::NotProposed);
    scene.markets.resolve_dispute(market, 1).expect("a word");
    let state = scene.markets.state(market);
    assert_eq!(state.settlement.winning_outcome, 1);
    assert_eq!(state.proposer_claim, 0);
    assert_eq!(state.disputer_claim, bond + bond / 2);
    let win = scene.shares[1];
    scene.finish(
        PURSE - STAKE,
        PURSE - STAKE + win,
        PURSE - bond,
        PURSE + bond / 2,
    );
}

#[test]
fn wrong_dispute_loses_its_bond() {
    let mut scene = Scene::new();
    let (market, bond) = (scene.market, scene.bond());
    scene.propose(0);
    scene.dispute();
    scene.markets.resolve_dispute(market, 0).expect("a word");
    let state = scene.markets.state(market);
    assert_eq!(state.settlement.winning_outcome, 0);
    assert_eq!(
        (state.proposer_claim, state.disputer_claim),
        (bond + bond / 2, 0)
    );
    let win = scene.shares[0];
    scene.finish(
        PURSE - STAKE + win,
        PURSE - STAKE,
        PURSE + bond / 2,
        PURSE - bond,
    );
}

#[test]
fn silent_arbiters_leave_the_market_void_and_bonds_go_back() {
    let mut scene = Scene::new();
    let market = scene.market;
    let lock = scene.markets.state(market).hours.locks_at;
    scene.markets.go_to_second(lock);
    scene.propose(0);
    scene.dispute();
    let deadline = scene.markets.state(market).arbitration_until;
    let late = scene.markets.arbitrate(market, 0);
    scene.markets.go_to_second(deadline - 1);
    scene
        .markets
        .void(market)
        .expect_refusal(MarketError::DeadlineNotPassed);
    scene.markets.go_to_second(deadline);
    let resolve = scene.markets.build_resolve_dispute(market, late);
    scene
        .markets
        .send(resolve.instruction(), &[])
        .expect_refusal(MarketError::ArbitrationOver);
    scene.markets.void(market).expect("a void");
    let state = scene.markets.state(market);
    assert_eq!(state.settlement.status, MarketStatus::Void as u8);
    assert_eq!(state.settlement.winning_outcome, NO_OUTCOME);
    let [bull, bear] = scene.due();
    assert!(bull > 0 && bear > 0);
    scene.finish(PURSE - STAKE + bull, PURSE - STAKE + bear, PURSE, PURSE);
}

#[test]
fn market_that_nobody_proposes_for_is_void_after_its_deadline() {
    let mut scene = Scene::new();
    let market = scene.market;
    let observation = scene.markets.observe(market, 0);
    let deadline = scene.markets.state(market).proposal_until;
    scene.markets.go_to_second(deadline - 1);
    scene
        .markets
        .void(market)
        .expect_refusal(MarketError::DeadlineNotPassed);
    scene.markets.go_to_second(deadline);
    scene
        .markets
        .propose_on(&scene.proposer, market, observation)
        .expect_refusal(MarketError::ProposalOver);
    scene.markets.void(market).expect("a void");
    scene
        .markets
        .void(market)
        .expect_refusal(MarketError::MarketSettled);
    let state = scene.markets.state(market);
    let sum: u64 = state.settlement.payouts.iter().sum();
    assert!(sum <= Price::ONE.0 && sum > Price::ONE.0 - (1 << 20));
    let [bull, bear] = scene.due();
    scene.finish(PURSE - STAKE + bull, PURSE - STAKE + bear, PURSE, PURSE);
}

/// An event question is over when its answer is known: long before the lock.
#[test]
fn proposal_stops_the_curve_and_nothing_neutral() {
    let mut scene = Scene::new();
    let market = scene.market;
    scene.markets.open_provider(&scene.bull, market);
    scene
        .markets
        .split(&scene.bull, market, 1_000_000)
        .expect("sets");
    scene
        .markets
        .add(&scene.bull, market, 1_000_000)
        .expect("liquidity");
    scene.propose(0);
    let (markets, bull) = (&mut scene.markets, &scene.bull);
    for instruction in [
        markets.build_buy(bull, market, 0, 1_000).instruction(),
        markets
            .build_buy_shares(bull, market, 0, 1_000)
            .instruction(),
        markets.build_sell(bull, market, 0, 1_000).instruction(),
        markets.build_split(bull, market, 1_000).instruction(),
        markets.build_add(bull, market, 1_000).instruction(),
    ] {
        markets
            .send(instruction, &[&bull.key])
            .expect_refusal(MarketError::MarketNotOpen);
    }
    let observation = markets.state(market).proposal_source;
    markets
        .propose_on(&scene.disputer, market, observation)
        .expect_refusal(MarketError::MarketNotOpen);
    markets.merge(bull, market, 1_000_000).expect("a merge");
    let shares = markets.liquidity(market, bull).shares;
    markets.remove(bull, market, shares).expect("an exit");
    let now = markets.chain().now().seconds();
    markets.go_to_second(now + 600);
    markets.finalize(market).expect("an end");
    for instruction in [
        markets.build_sell(bull, market, 0, 1_000).instruction(),
        markets.build_merge(bull, market, 1_000).instruction(),
        markets.build_remove(bull, market, 1).instruction(),
        Poke {
            venue: markets.venue,
            market,
        }
        .instruction(),
    ] {
        let signers: &[_] = if instruction.accounts[0].is_signer {
            &[&bull.key]
        } else {
            &[]
        };
        let result = markets.send(instruction, signers);
        let error = result.expect_err("a refusal");
        let code = error.refusal().and_then(|refusal| refusal.error.code);
        assert!(
            code == Some(MarketError::MarketSettled.into())
                || code == Some(MarketError::MarketNotOpen.into()),
            "{error:?}"
        );
    }
}

#[test]
fn nothing_is_paid_before_the_end_and_nothing_twice() {
    let mut scene = Scene::new();
    let market = scene.market;
    let creator = scene.markets.creator();
    let early = |markets: &MarketsWorld, bull: &Trader, proposer: &Trader| {
        [
            markets.build_redeem(market, &[bull]).instruction(),
            markets
                .build_redeem_liquidity(market, &markets.creator())
                .instruction(),
            markets.build_claim_proposal(market, proposer).instruction(),
            markets.build_close(market).instruction(),
        ]
    };
    for instruction in early(&scene.markets, &scene.bull, &scene.proposer) {
        scene
            .markets
            .send(instruction, &[])
            .expect_refusal(MarketError::MarketNotSettled);
    }
    scene.propose(0);
    for instruction in early(&scene.markets, &scene.bull, &scene.proposer) {
        scene
            .markets
            .send(instruction, &[])
            .expect_refusal(MarketError::MarketNotSettled);
    }
    let deadline = scene.markets.state(market).dispute_until;
    scene.markets.go_to_second(deadline);
    scene.markets.finalize(market).expect("an end");
    scene
        .markets
        .send(scene.markets.build_close(market).instruction(), &[])
        .expect_refusal(MarketError::ClaimsOpen);

    // Twice in one instruction pays once, and again later pays nothing.
    let mut redeem = scene.markets.build_redeem(market, &[&scene.bull]);
    redeem.positions.push(redeem.positions[0]);
    let purse = scene.balance(&scene.bull);
    scene
        .markets
        .send(redeem.instruction(), &[])
        .expect("one payout");
    assert_eq!(scene.balance(&scene.bull), purse + scene.shares[0]);
    scene
        .markets
        .send(redeem.instruction(), &[])
        .expect_refusal(MarketError::NothingRedeemed);
    redeem.positions.clear();
    scene
        .markets
        .send(redeem.instruction(), &[])
        .expect_refusal(MarketError::RedemptionAccounts);
    scene
        .markets
        .claim_proposal(market, &scene.proposer)
        .expect("a bond");
    scene
        .markets
        .claim_proposal(market, &scene.proposer)
        .expect_refusal(MarketError::NothingToCollect);
    scene
        .markets
        .redeem_liquidity(market, &creator)
        .expect("a payout");
    scene
        .markets
        .redeem_liquidity(market, &creator)
        .expect_refusal(anchor_lang::error::ErrorCode::AccountNotInitialized);
}

#[test]
fn observations_of_another_market_prove_nothing() {
    let mut scene = Scene::new();
    let terms = scene.markets.terms(2);
    let market = scene.market;
    let other = scene.markets.market(terms);
    let foreign = scene.markets.observe(other, 0);
    scene
        .markets
        .propose_on(&scene.proposer, market, foreign)
        .expect_refusal(MarketError::WrongFeed);
    let state = scene.markets.state(market);
    let late = scene
        .markets
        .world
        .observe(feed(state.id), state.evidence.observe_at_ms + 1, 0)
        .expect("an observation");
    scene
        .markets
        .propose_on(&scene.proposer, market, late)
        .expect_refusal(MarketError::WrongObservationTime);
    let arbiters = scene.markets.arbitrate(market, 0);
    scene
        .markets
        .propose_on(&scene.proposer, market, arbiters)
        .expect_refusal(MarketError::WrongProviderSet);
    let outside = scene.markets.observe(market, 2);
    scene
        .markets
        .propose_on(&scene.proposer, market, outside)
        .expect_refusal(MarketError::ValueOutsideRule);
}

#[test]
fn arbiters_word_is_not_the_primary_sets() {
    let mut scene = Scene::new();
    let market = scene.market;
    let primary = scene.markets.observe(market, 0);
    let arbiters = scene.markets.arbitrate(market, 1);
    let resolve = scene.markets.build_resolve_dispute(market, arbiters);
    scene
        .markets
        .send(resolve.instruction(), &[])
        .expect_refusal(MarketError::NotDisputed);
    scene
        .markets
        .propose_on(&scene.proposer, market, primary)
        .expect("a proposal");
    scene
        .markets
        .send(resolve.instruction(), &[])
        .expect_refusal(MarketError::NotDisputed);
    scene.dispute();
    let mut wrong = resolve;
    wrong.observation = primary;
    scene
        .markets
        .send(wrong.instruction(), &[])
        .expect_refusal(MarketError::WrongProviderSet);
    wrong.arbiter_set = scene.markets.world.provider_set;
    scene
        .markets
        .send(wrong.instruction(), &[])
        .expect_refusal(MarketError::WrongProviderSet);
    scene
        .markets
        .send(resolve.instruction(), &[])
        .expect("a word");
    scene
        .markets
        .send(resolve.instruction(), &[])
        .expect_refusal(MarketError::NotDisputed);
}

/// Of one key for both rungs nobody is left to ask after its suspension, but what was recorded before.
#[test]
fn suspended_sets_and_keys_prove_nothing_any_more() {
    for of_set in [true, false] {
        let mut scene = Scene::new();
        let market = scene.market;
        let observation = scene.markets.observe(market, 0);
        let error = suspend(&mut scene.markets, of_set);
        scene
            .markets
            .propose_on(&scene.proposer, market, observation)
            .expect_refusal(PassedOnByMarkets(error));
        if of_set {
            continue;
        }
        let until = scene.markets.state(market).hours.trading_until;
        scene.markets.go_to_second(until);
        scene.markets.dispute_suspension(market).expect("arbiters");
        let time = scene.markets.state(market).evidence.observe_at_ms;
        let word = scene.markets.build_arbitration(market, time, 1);
        scene
            .markets
            .world
            .send_verify(&word)
            .expect_refusal(OracleError::VerifyingKeySuspended);
        // Nobody's money is stuck.
        let deadline = scene.markets.state(market).arbitration_until;
        scene.markets.go_to_second(deadline);
        scene.markets.void(market).expect("a void");
    }
}

#[test]
fn rules_turn_values_into_payouts() {
    const ONE: u64 = Price::ONE.0;
    /// Outcomes, curve, rule, observed value, and what is paid by outcome, Q1.63.
    type Case = (u8, Curve, RuleTerms, i64, &'static [(usize, u64)]);
    let cases: [Case; 9] = [
        (3, Curve::Lmsr, RuleTerms::Categorical, 2, &[(2, ONE)]),
        (
            3,
            Curve::Lmsr,
            RuleTerms::Threshold {
                strikes: vec![10, 20],
            },
            10,
            &[(1, ONE)],
        ),
        (
            3,
            Curve::Lmsr,
            RuleTerms::Threshold {
                strikes: vec![10, 20],
            },
            9,
            &[(0, ONE)],
        ),
        (
            64,
            Curve::Auto,
            RuleTerms::Scalar { low: 0, high: 640 },
            639,
            &[(63, ONE)],
        ),
        (
            64,
            Curve::Auto,
            RuleTerms::Scalar { low: 0, high: 640 },
            i64::MIN,
            &[(0, ONE)],
        ),
        (
            16,
            Curve::L2,
            RuleTerms::Scalar { low: -8, high: 8 },
            0,
            &[(8, ONE)],
        ),
        (
            2,
            Curve::Auto,
            RuleTerms::Linear { low: 0, high: 100 },
            25,
            &[(0, ONE / 4), (1, ONE / 4 * 3)],
        ),
        (
            2,
            Curve::Lmsr,
            RuleTerms::Linear { low: 0, high: 3 },
            1,
            &[(0, ONE / 3), (1, 6_148_914_691_236_517_205)],
        ),
        (
            2,
            Curve::Lmsr,
            RuleTerms::Linear { low: 0, high: 100 },
            i64::MAX,
            &[(0, ONE), (1, 0)],
        ),
    ];
    for (outcomes, curve, rule, value, payouts) in cases {
        println!("{rule:?} of {value}");
        let mut markets = MarketsWorld::start(&Default::default());
        let mut args = markets.terms(outcomes);
        (args.curve, args.rule) = (curve, rule);
        let market = markets.market(args);
        let trader = markets.trader(PURSE);
        markets.open(&trader, market).expect("a position");
        for outcome in 0..outcomes {
            // An L2 curve sells nobody shares that cost more than any of them pays.
            let buyer = markets.trader(PURSE);
            markets.open(&buyer, market).expect("a position");
            markets
                .buy_shares(&buyer, market, outcome, 1_000_003)
                .expect("shares");
            markets
                .transfer_shares(&buyer, &trader, market, outcome, 1_000_003)
                .expect("a gift");
            let close = ClosePosition {
                owner: buyer.address(),
                market,
                rent_payer: buyer.address(),
            };
            markets
                .send(close.instruction(), &[&buyer.key])
                .expect("a closing");
        }
        let purse = markets.balance(trader.tokens);
        markets.resolve(market, value);
        let state = markets.state(market);
        let mut expected = [0; markets::state::MAX_OUTCOMES];
        for (outcome, payout) in payouts {
            expected[*outcome] = *payout;
        }
        assert_eq!(state.settlement.payouts, expected);
        markets.redeem(market, &[&trader]).expect("a payout");
        let due: u128 = payouts
            .iter()
            .map(|(_, payout)| u128::from(*payout) * 1_000_003)
            .sum();
        let due = u64::try_from(due >> 63).expect("a payout");
        assert_eq!(markets.balance(trader.tokens), purse + due);
        markets.resolve_all(market, &[]);
    }
}

/// The bond is a part of what is at stake, between a floor and a cap.
#[test]
fn bond_has_a_floor_and_a_cap() {
    let mut scene = Scene::of(2, |args| args.depth = 1_000_000_000_000);
    let market = scene.market;
    scene
        .markets
        .buy_shares(&scene.bull, market, 0, 400_000_000)
        .expect("shares");
    let [bull, bear] = scene.shares;
    let most = bull + 400_000_000;
    assert!(most > bear);
    let mut empty = scene.markets.terms(2);
    empty.depth = 1_000;
    let empty = scene.markets.market(empty);
    let mut deep = scene.markets.terms(2);
    deep.depth = 100_000_000_000_000;
    let deep = scene.markets.market(deep);
    let rich = scene.markets.trader(300_000_000_000_000);
    scene.markets.open(&rich, deep).expect("a position");
    scene
        .markets
        .buy_shares(&rich, deep, 0, 150_000_000_000_000)
        .expect("shares");
    // It stands for fourteen time constants, which leave a millionth.
    let later = scene.markets.chain().slot() + 8_000;
    scene.markets.go_to(later);
    let (bond, expected) = (scene.markets.bond(market), most.div_ceil(100));
    assert!(
        bond <= expected && expected - bond <= expected / 500_000,
        "{bond}"
    );
    assert_eq!(scene.markets.bond(empty), 1_000_000);
    assert_eq!(scene.markets.bond(deep), 1_000_000_000_000);
}

impl Scene {
    /// Has the oracle shown that the providers say `value` as well.
    fn contradict(&mut self, value: i64) {
        let state = self.markets.state(self.market);
        let report = self
            .markets
            .world
            .report_conflict(feed(state.id), state.evidence.observe_at_ms, value)
            .expect("a report");
        self.markets
            .send(report.instruction(), &[])
            .expect("a contradiction");
    }

    fn conflict(&self) -> DisputeConflict {
        DisputeConflict {
            venue: self.markets.venue,
            market: self.market,
            observation: self.markets.state(self.market).evidence.observation,
        }
    }
}

/// A contradiction calls the arbiters without a bond; a wrong proposer loses his all the same.
#[test]
fn conflict_takes_a_proposal_to_the_arbiters() {
    let mut scene = Scene::new();
    let (market, bond) = (scene.market, scene.bond());
    scene.propose(0);
    let conflict = scene.conflict().instruction();
    scene
        .markets
        .send(conflict.clone(), &[])
        .expect_refusal(MarketError::ObservationNotConflicted);
    scene.contradict(1);
    scene
        .markets
        .send(conflict.clone(), &[])
        .expect("arbiters are called");
    scene
        .markets
        .send(conflict, &[])
        .expect_refusal(MarketError::NotProposed);
    let deadline = scene.markets.state(market).dispute_until;
    scene.markets.go_to_second(deadline);
    scene
        .markets
        .finalize(market)
        .expect_refusal(MarketError::NotProposed);
    scene.markets.resolve_dispute(market, 1).expect("a word");
    let win = scene.shares[1];
    scene.finish(PURSE - STAKE, PURSE - STAKE + win, PURSE - bond, PURSE);
}

#[test]
fn conflict_before_a_proposal_takes_the_market_to_the_arbiters() {
    let mut scene = Scene::new();
    let market = scene.market;
    let observation = scene.markets.observe(market, 0);
    scene.contradict(1);
    scene
        .markets
        .propose_on(&scene.proposer, market, observation)
        .expect_refusal(MarketError::ObservationNotValid);
    let conflict = scene.conflict().instruction();
    scene
        .markets
        .send(conflict, &[])
        .expect("arbiters are called");
    scene
        .markets
        .buy(&scene.bull, market, 0, 1_000)
        .expect_refusal(MarketError::MarketNotOpen);
    scene
        .markets
        .dispute(&scene.disputer, market)
        .expect_refusal(MarketError::NotProposed);
    scene.markets.resolve_dispute(market, 0).expect("a word");
    let win = scene.shares[0];
    scene.finish(PURSE - STAKE + win, PURSE - STAKE, PURSE, PURSE);
}

#[test]
fn conflict_without_the_arbiters_word_is_void() {
    let mut scene = Scene::new();
    let market = scene.market;
    scene.propose(0);
    scene.contradict(1);
    let conflict = scene.conflict();
    let mut foreign = conflict;
    let terms = scene.markets.terms(2);
    let other = scene.markets.market(terms);
    foreign.observation = scene.markets.observe(other, 0);
    scene
        .markets
        .send(foreign.instruction(), &[])
        .expect_refusal(MarketError::WrongObservation);
    scene
        .markets
        .send(conflict.instruction(), &[])
        .expect("arbiters are called");
    let deadline = scene.markets.state(market).arbitration_until;
    scene.markets.go_to_second(deadline);
    scene.markets.void(market).expect("a void");
    scene
        .markets
        .claim_proposal(market, &scene.proposer)
        .expect("the bond goes back");
    assert_eq!(scene.balance(&scene.proposer), PURSE);
}

/// One proof of a root serves every market in it.
#[test]
fn result_root_is_proposed_for_many_markets() {
    let mut scene = Scene::new();
    let mut all = vec![scene.market];
    for _ in 0..4 {
        let terms = scene.markets.terms(3);
        all.push(scene.markets.market(terms));
    }
    let results: Vec<_> = all
        .iter()
        .zip(0..)
        .map(|(market, number)| {
            let state = scene.markets.state(*market);
            FeedResult {
                feed_id: state.evidence.feed_id,
                time: state.evidence.observe_at_ms,
                value: number % 2,
            }
        })
        .collect();
    let tree = scene.markets.world.result_tree(&results).expect("a tree");
    let now = scene.markets.chain().now().0;
    let root = scene
        .markets
        .world
        .publish(feed(77_777), now, &tree)
        .expect("a root");
    let build = |scene: &Scene, index: u32| ProposeFromRoot {
        venue: scene.markets.venue,
        proposer: scene.proposer.address(),
        market: all[index as usize],
        provider_set: scene.markets.world.provider_set,
        verifying_key: scene.markets.world.verifying_key,
        result_root: root,
        observation: scene
            .markets
            .state(all[index as usize])
            .evidence
            .observation,
        proposer_tokens: scene.proposer.tokens,
        token_program: scene.markets.token_program(),
        args: ProposeFromRootArgs {
            value: results[index as usize].value,
            index,
            path: tree.path(index).expect("a path"),
            max_bond: u64::MAX,
        },
    };
    let key = scene.proposer.key.insecure_clone();

    let mut wrong = build(&scene, 0);
    wrong.args.value = 1;
    scene
        .markets
        .send(wrong.instruction(), &[&key])
        .expect_refusal(PassedOnByMarkets(OracleError::NotInRoot));
    let mut wrong = build(&scene, 0);
    wrong.args.index = 1;
    scene
        .markets
        .send(wrong.instruction(), &[&key])
        .expect_refusal(PassedOnByMarkets(OracleError::NotInRoot));
    let mut wrong = build(&scene, 0);
    wrong.observation = scene.markets.state(all[1]).evidence.observation;
    scene
        .markets
        .send(wrong.instruction(), &[&key])
        .expect_refusal(MarketError::WrongObservation);

    // An observation that says something else comes first.
    scene.markets.observe(all[4], 1);
    let contradicted = build(&scene, 4).instruction();
    scene
        .markets
        .send(contradicted, &[&key])
        .expect_refusal(MarketError::ObservationDisagrees);
    for index in 0..4 {
        let propose = build(&scene, index).instruction();
        scene.markets.send(propose, &[&key]).expect("a proposal");
    }
    let deadline = scene.markets.state(all[3]).dispute_until;
    scene.markets.go_to_second(deadline);
    for (market, result) in all.iter().zip(&results).take(4) {
        scene.markets.finalize(*market).expect("an end");
        let state = scene.markets.state(*market);
        assert_eq!(i64::from(state.settlement.winning_outcome), result.value);
        assert_eq!(state.proposal_source, root);
    }
}
