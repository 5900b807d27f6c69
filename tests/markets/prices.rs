//! Standard markets on a price: strike and close are medians of a window, and what is at stake is bounded
//! by what it costs to move the price for half of one.

use anchor_lang::prelude::Pubkey;
use client::{addresses::markets as addresses, instructions::markets::*};
use market_core::{median_feed_id, rule::TIE, settlement::MarketStatus, Price, NO_OUTCOME};
use markets::{error::MarketError, instructions::PriceFeed};
use oracle::error::OracleError;
use solana_signer::Signer;
use testbed::{
    simulation::element, ExpectError, MarketsWorld, PassedOnByMarkets, Receipt, SendError, Trader,
};

use crate::support::with_account;

const PURSE: u64 = 1_000_000_000_000;
const STAKE: u64 = 300_000_000;
/// Half of a window of eleven seconds costs 5.5 times as much.
const COST: u64 = 1_000_000_000;
const STRIKE: i64 = 2_037_104;

fn priced_world() -> MarketsWorld {
    let mut markets = MarketsWorld::start(&Default::default());
    markets.world.prove_medians().expect("a key of medians");
    markets
}

/// An hour's market on whether a price rises, with its feed.
fn terms(markets: &mut MarketsWorld) -> CreateMarketArgs {
    let feed_id = markets.terms(2).feed_id;
    markets.price_feed(feed_id, COST);
    CreateMarketArgs {
        feed_id,
        ..markets.up_or_down()
    }
}

fn create(
    markets: &mut MarketsWorld,
    creator: &Trader,
    args: CreateMarketArgs,
) -> Result<Receipt, SendError> {
    let create = markets.build_market(creator, args);
    markets.create(creator, &create)
}

/// Such a market with somebody who bought each side.
struct Scene {
    markets: MarketsWorld,
    market: Pubkey,
    bear: Trader,
    bull: Trader,
    proposer: Trader,
    shares: [u64; 2],
}

impl Scene {
    fn new(change: impl FnOnce(&mut CreateMarketArgs)) -> Self {
        let mut markets = priced_world();
        let mut args = terms(&mut markets);
        change(&mut args);
        let market = markets.market(args);
        let [bear, bull, proposer] = [(); 3].map(|()| markets.trader(PURSE));
        for (trader, outcome) in [(&bear, 0), (&bull, 1)] {
            markets.open(trader, market).expect("a position");
            markets.buy(trader, market, outcome, STAKE).expect("a buy");
        }
        let held =
            |trader, outcome: usize| markets.position(market, trader).holdings.shares[outcome];
        let shares = [held(&bear, 0), held(&bull, 1)];
        Self {
            markets,
            market,
            bear,
            bull,
            proposer,
            shares,
        }
    }

    fn strike(&mut self, value: i64) {
        let opening = self.markets.state(self.market).evidence.strike_at_ms;
        let observation = self.markets.observe_at(self.market, opening, value);
        self.markets
            .set_strike(self.market, observation)
            .expect("a strike");
    }

    fn propose(&mut self, value: i64) {
        self.markets
            .propose(&self.proposer, self.market, value)
            .expect("a proposal");
    }

    fn finalize(&mut self) {
        let deadline = self.markets.state(self.market).dispute_until;
        self.markets.go_to_second(deadline);
        self.markets.finalize(self.market).expect("an end");
    }

    /// Pays all, closes all, and asserts what each got; the proposer his bond and more.
    fn finish(mut self, bear: u64, bull: u64) {
        let bond = self.markets.state(self.market).proposer_claim;
        if bond > 0 {
            self.markets
                .claim_proposal(self.market, &self.proposer)
                .expect("a bond");
        }
        self.markets
            .resolve_all(self.market, &[&self.bear, &self.bull]);
        let balance = |trader: &Trader| self.markets.balance(trader.tokens);
        assert_eq!(balance(&self.bear), PURSE - STAKE + bear);
        assert_eq!(balance(&self.bull), PURSE - STAKE + bull);
        assert!(balance(&self.proposer) >= PURSE);
    }

    /// What the slow prices pay each.
    fn slow_payouts(&self) -> [u64; 2] {
        let settlement = self.markets.state(self.market).settlement;
        [0, 1].map(|outcome: usize| {
            let price = u128::from(settlement.payouts[outcome]);
            let paid = u128::from(self.shares[outcome]) * price / u128::from(Price::ONE.0);
            u64::try_from(paid).expect("an amount")
        })
    }
}

#[test]
fn up_or_down_is_proposed_on_medians_of_the_price() {
    for (close, winner) in [(STRIKE - 3, 0), (STRIKE + 3, 1)] {
        let mut scene = Scene::new(|_| {});
        scene.strike(STRIKE);
        let state = scene.markets.state(scene.market);
        let medians = median_feed_id(&state.price.base_feed, 1_000, 11);
        assert_eq!(state.evidence.feed_id, medians);
        scene.propose(close);
        scene.finalize();
        let settlement = scene.markets.state(scene.market).settlement;
        assert_eq!(settlement.winning_outcome, winner);
        let [down, up] = scene.shares;
        let (bear, bull) = if winner == 0 { (down, 0) } else { (0, up) };
        scene.finish(bear, bull);
    }
}

/// A tie is a result like any other, on which an honest proposer and the creator keep their bonds.
#[test]
fn close_within_a_tick_of_the_strike_is_void_and_costs_nobody_a_bond() {
    for close in [STRIKE - 2, STRIKE, STRIKE + 2] {
        let mut scene = Scene::new(|_| {});
        scene.strike(STRIKE);
        scene.propose(close);
        let state = scene.markets.state(scene.market);
        assert_eq!(state.proposed_result, TIE);
        let (bond, creator_fees) = (state.bond, state.creator_fees + state.creator_bond);
        scene.finalize();
        let state = scene.markets.state(scene.market);
        assert!(state.settlement.is(MarketStatus::Void));
        assert_eq!(state.settlement.winning_outcome, NO_OUTCOME);
        assert_eq!(state.creator_fees, creator_fees);
        assert!(state.proposer_claim >= bond);
        let [bear, bull] = scene.slow_payouts();
        scene.finish(bear, bull);
    }
}

#[test]
fn arbiters_say_of_a_tie_that_it_is_none_and_the_other_way_round() {
    for (proposed, close) in [(STRIKE, STRIKE + 3), (STRIKE + 3, STRIKE)] {
        let mut scene = Scene::new(|_| {});
        scene.strike(STRIKE);
        scene.propose(proposed);
        let bond = scene.markets.state(scene.market).bond;
        let disputer = scene.markets.trader(PURSE);
        scene
            .markets
            .dispute(&disputer, scene.market)
            .expect("a dispute");
        let evidence = scene.markets.state(scene.market).evidence;
        scene
            .markets
            .arbitrate_at(scene.market, evidence.strike_at_ms, STRIKE);
        scene
            .markets
            .resolve_dispute(scene.market, close)
            .expect("a word");
        let state = scene.markets.state(scene.market);
        assert_eq!(
            (state.proposer_claim, state.disputer_claim),
            (0, bond + bond / 2)
        );
        assert_eq!(state.settlement.is(MarketStatus::Void), close == STRIKE);
        let [bear, bull] = match close == STRIKE {
            true => scene.slow_payouts(),
            false => [0, scene.shares[1]],
        };
        scene
            .markets
            .claim_dispute(scene.market, &disputer)
            .expect("bonds");
        let (markets, market) = (&mut scene.markets, scene.market);
        markets.resolve_all(market, &[&scene.bear, &scene.bull]);
        assert_eq!(markets.balance(scene.bear.tokens), PURSE - STAKE + bear);
        assert_eq!(markets.balance(scene.bull.tokens), PURSE - STAKE + bull);
        assert_eq!(markets.balance(scene.proposer.tokens), PURSE - bond);
        assert_eq!(markets.balance(disputer.tokens), PURSE + bond / 2);
    }
}

#[test]
fn strikes_that_are_given_are_sides_of_the_close() {
    let mut scene = Scene::new(|args| {
        args.rule = RuleTerms::Threshold {
            strikes: vec![STRIKE],
        };
    });
    scene.propose(STRIKE + 3);
    scene.finalize();
    let up = scene.shares[1];
    scene.finish(0, up);
}

#[test]
fn market_whose_strike_nobody_observed_is_void_after_its_deadline() {
    let mut scene = Scene::new(|_| {});
    let (proposer, market) = (&scene.proposer, scene.market);
    scene
        .markets
        .propose(proposer, market, STRIKE)
        .expect_refusal(MarketError::StrikePending);
    let deadline = scene.markets.state(market).proposal_until;
    scene.markets.go_to_second(deadline - 1);
    scene
        .markets
        .void(market)
        .expect_refusal(MarketError::DeadlineNotPassed);
    scene.markets.go_to_second(deadline);
    scene.markets.void(market).expect("a void");
    let [bear, bull] = scene.slow_payouts();
    scene.finish(bear, bull);
}

#[test]
fn second_median_of_a_strike_changes_nothing() {
    let mut scene = Scene::new(|_| {});
    scene.strike(STRIKE);
    let evidence = scene.markets.state(scene.market).evidence;
    let medians = element(&evidence.feed_id);
    let report = scene
        .markets
        .world
        .report_conflict(medians, evidence.strike_at_ms, STRIKE + 100)
        .expect("a proof");
    scene
        .markets
        .send(report.instruction(), &[])
        .expect_refusal(OracleError::MedianKey);
    scene.propose(STRIKE + 50);
    scene.finalize();
    let up = scene.shares[1];
    scene.finish(0, up);
}

#[test]
fn no_other_feed_than_the_derived_one_is_proposed_on() {
    let mut scene = Scene::new(|_| {});
    scene.strike(STRIKE);
    let state = scene.markets.state(scene.market);
    let (base, closes_at) = (state.price.base_feed, state.evidence.observe_at_ms);
    let mut other = base;
    other[31] ^= 1;
    scene.markets.go_to_second(state.hours.locks_at + 60);
    let propose = |scene: &mut Scene, feed_id: [u8; 32], time| {
        let observation = scene
            .markets
            .world
            .observe(element(&feed_id), time, STRIKE + 50)
            .expect("an observation");
        scene
            .markets
            .propose_on(&scene.proposer, scene.market, observation)
    };
    for feed_id in [
        median_feed_id(&base, 2_000, 11),
        median_feed_id(&base, 1_000, 13),
        median_feed_id(&other, 1_000, 11),
        base,
    ] {
        propose(&mut scene, feed_id, closes_at).expect_refusal(MarketError::WrongFeed);
    }
    for time in [closes_at - 1_000, closes_at + 1_000] {
        propose(&mut scene, state.evidence.feed_id, time)
            .expect_refusal(MarketError::WrongObservationTime);
    }
}

#[test]
fn terms_that_let_trading_see_a_sample_or_cost_too_little_are_refused() {
    let mut markets = priced_world();
    let args = terms(&mut markets);
    let price = args.price.expect("a price");
    let opening = args.rule.strike_at_ms().expect("a strike");
    let with = |price: PriceTerms| move |args: &mut CreateMarketArgs| args.price = Some(price);
    let samples = |samples| with(PriceTerms { samples, ..price });
    let interest = |max_interest| {
        with(PriceTerms {
            max_interest,
            ..price
        })
    };
    type Change = Box<dyn Fn(&mut CreateMarketArgs)>;
    let cases: [(Change, MarketError); 9] = [
        (
            Box::new(|args| args.observe_at_ms -= 1_000),
            MarketError::PriceTime,
        ),
        (
            Box::new(|args| args.observe_at_ms += 1),
            MarketError::PriceTime,
        ),
        (
            Box::new(move |args| {
                args.rule = RuleTerms::ThresholdAtOpening {
                    strike_at_ms: opening + 1_000,
                };
            }),
            MarketError::PriceTime,
        ),
        (Box::new(|args| args.fee_rate = 159), MarketError::PriceFee),
        (Box::new(samples(9)), MarketError::PriceSamples),
        (
            Box::new(with(PriceTerms { tick: 0, ..price })),
            MarketError::PriceTick,
        ),
        (
            Box::new(|args| args.rule = RuleTerms::Scalar { low: 0, high: 9 }),
            MarketError::PriceRule,
        ),
        (Box::new(interest(0)), MarketError::PriceInterest),
        (
            Box::new(interest(11 * COST / 2 + 1)),
            MarketError::PriceWindowFull,
        ),
    ];
    let creator = markets.trader(PURSE);
    for (change, error) in cases {
        let mut changed = args.clone();
        change(&mut changed);
        create(&mut markets, &creator, changed).expect_refusal(error);
    }
    create(&mut markets, &creator, args).expect("a market");
}

#[test]
fn price_market_needs_its_feed_and_keys_of_medians() {
    let mut markets = MarketsWorld::start(&Default::default());
    let args = terms(&mut markets);
    let creator = markets.trader(PURSE);
    let agreeing = markets.world.verifying_key;
    create(&mut markets, &creator, args.clone()).expect_refusal(MarketError::PriceKey);
    markets.world.prove_medians().expect("a key of medians");
    let args = CreateMarketArgs {
        feed_id: args.feed_id,
        ..markets.up_or_down()
    };
    let create = markets.build_market(&creator, args.clone());
    let arbiters_agree = CreateMarket {
        arbiter_key: agreeing,
        ..create.clone()
    };
    markets
        .send(arbiters_agree.instruction(), &[&creator.key])
        .expect_refusal(MarketError::PriceKey);
    let own = addresses::price_feed(&markets.venue, &args.feed_id);
    let without = with_account(create.instruction(), own, ::markets::ID);
    markets
        .send(without, &[&creator.key])
        .expect_refusal(MarketError::PriceFeedMissing);
    markets
        .send(create.instruction(), &[&creator.key])
        .expect("a market");
}

#[test]
fn open_interest_of_a_price_market_is_capped() {
    let mut scene = Scene::new(|_| {});
    let (market, bull) = (scene.market, &scene.bull);
    let markets = &mut scene.markets;
    let state = markets.state(market);
    let room = state.price.max_interest - state.pool.sold_of(1);
    markets
        .buy_shares(bull, market, 1, room + 1)
        .expect_refusal(MarketError::InterestCapExceeded);
    markets.buy_shares(bull, market, 1, room).expect("all");
    for refused in [
        markets.buy_shares(bull, market, 1, 1),
        markets.buy(bull, market, 1, 1_000_000),
        markets.split(bull, market, 1),
    ] {
        refused.expect_refusal(MarketError::InterestCapExceeded);
    }
    markets.sell(bull, market, 1, 1_000).expect("a sale");
    markets.split(bull, market, 1_000).expect("sets");
    markets
        .split(bull, market, 1)
        .expect_refusal(MarketError::InterestCapExceeded);
    markets.merge(bull, market, 1_000).expect("money");
}

/// What comes back in shares with liquidity is at stake as what is bought: who filled the cap would pass it
/// by adding, taking out and selling the other side.
#[test]
fn liquidity_puts_no_more_shares_at_stake_than_the_cap() {
    let mut scene = Scene::new(|_| {});
    let (market, bull) = (scene.market, &scene.bull);
    let markets = &mut scene.markets;
    let state = markets.state(market);
    let room = state.price.max_interest - state.pool.sold_of(1);
    markets.buy_shares(bull, market, 1, room).expect("all");
    markets.open_provider(bull, market);
    let added = markets.add(bull, market, 100_000_000);
    added.expect_refusal(MarketError::InterestCapExceeded);
}

/// Two creators' markets on one window share what half of it costs.
#[test]
fn windows_of_a_feed_share_its_cap() {
    let mut markets = priced_world();
    let args = terms(&mut markets);
    let price = args.price.expect("a price");
    let of = |id, max_interest| CreateMarketArgs {
        id,
        price: Some(PriceTerms {
            max_interest,
            ..price
        }),
        ..args.clone()
    };
    let cap = 11 * COST / 2;
    let [one, other] = [(); 2].map(|()| markets.trader(PURSE));
    create(&mut markets, &one, of(1, cap - 1)).expect("a market");
    create(&mut markets, &other, of(2, 2)).expect_refusal(MarketError::PriceWindowFull);
    create(&mut markets, &other, of(3, 1)).expect("the rest");
    let feed: PriceFeed = markets.read(addresses::price_feed(&markets.venue, &args.feed_id));
    let full = feed.windows.iter().filter(|one| one.overlapping == cap);
    assert_eq!(full.count(), 2, "the closing window and that of the strike");
}

#[test]
fn cost_of_a_price_is_raised_after_the_timelock_and_lowered_at_once() {
    let mut markets = priced_world();
    let feed_id = markets.terms(2).feed_id;
    let (admin, guardian) = (
        markets.world.admin.insecure_clone(),
        markets.world.guardian.insecure_clone(),
    );
    let venue = markets.venue;
    let address = addresses::price_feed(&venue, &feed_id);
    let set = |authority, cost_per_second| {
        SetPriceFeed {
            authority,
            venue,
            feed_id,
            cost_per_second,
        }
        .instruction()
    };
    let cost = |markets: &MarketsWorld| {
        let feed: PriceFeed = markets.read(address);
        feed.cost_per_second.at(markets.seconds())
    };
    markets
        .send(set(guardian.pubkey(), 5), &[&guardian])
        .expect_refusal(PassedOnByMarkets(OracleError::NotAdmin));
    markets
        .send(set(admin.pubkey(), 5), &[&admin])
        .expect("a proposal");
    assert_eq!(cost(&markets), 0);
    markets.world.pass_timelock();
    assert_eq!(cost(&markets), 5);
    markets
        .send(set(guardian.pubkey(), 4), &[&guardian])
        .expect("less at once");
    assert_eq!(cost(&markets), 4);
    let close = ClosePriceFeed {
        admin: admin.pubkey(),
        venue,
        feed_id,
        rent_payer: admin.pubkey(),
    };
    markets
        .send(close.instruction(), &[&admin])
        .expect("an end");
    assert!(markets.find::<PriceFeed>(address).is_none());
}
