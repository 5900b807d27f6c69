//! Whatever becomes of a market, everybody has a way out.

use client::instructions::markets::{DisputeConflict, RuleTerms};
use leverage::error::LoanError;
use markets::error::MarketError;
use testbed::{feed, ExpectError, KeySource, LeverageWorld, Trader, LENT, UNIT};

use super::common::{held, pass};

const MARGIN: u64 = 200 * UNIT;
const LOAN: u64 = 100 * UNIT;

/// Positions of two owners against the first outcome, and a request.
fn opened(mut world: LeverageWorld) -> (LeverageWorld, [Trader; 2]) {
    let owners = [world.trader(), world.trader()];
    for owner in &owners {
        let opened = world.open(owner, 1, 0, MARGIN, LOAN);
        opened.expect("a position");
        let args = super::attacks::request(1, MARGIN, LOAN);
        world.request(owner, 2, args).expect("a request");
    }
    (world, owners)
}

/// Nothing trades any more: requests go back, one debt is paid in money and its shares come out, the other's is
/// paid of what the market pays; then the lender has all that there is, and everything is closed.
#[track_caller]
fn everybody_leaves(mut world: LeverageWorld, [repays, waits]: [Trader; 2], is_over: MarketError) {
    for owner in [&repays, &waits] {
        world.close(owner, 1).expect_refusal(is_over);
        world
            .monitor(owner, 1)
            .expect_refusal(LoanError::TradingOver);
        world.give_back(owner, 2).expect("a return");
    }
    let sold = world.liquidate(&[(&waits, 1)]);
    sold.expect_refusal(LoanError::TradingOver);
    world.add_margin(&waits, 1, UNIT).expect("a payment");
    let shares = world.position(&repays, 1).shares;
    world.repay(&repays, 1).expect("a repayment");
    assert_eq!(held(&world, &repays, 0), shares);
    world.close_position(&repays, 1).expect("an end");
    let market = world.listing.market;
    let until = world.markets.state(market).arbitration_until;
    let until = until.max(world.markets.state(market).proposal_until);
    world.markets.go_to_second(until);
    world.markets.void(market).expect("a void");
    world.settle_market().expect("a settlement");
    let settled = world.settle_position(&waits, 1);
    settled.expect("a settlement");
    let claim = world.position(&waits, 1).claim;
    assert!(claim > 0, "it paid more than the debt");
    world.claim(&waits, 1).expect("a payment");
    world.close_position(&waits, 1).expect("an end");
    let lender = world.lender();
    let before = world.markets.balance(lender.tokens);
    world.withdraw(&lender, 1).expect("a withdrawal");
    assert!(world.markets.balance(lender.tokens) - before >= LENT);
    world.delist().expect("an end");
}

/// A market that ends hours before its time, because its strike is contradicted.
#[test]
fn market_that_ends_early_leaves_everybody_a_way_out() {
    let mut world = LeverageWorld::start_with(KeySource::Random, 2, |args| {
        let strike_at_ms = args.opens_at.unsigned_abs() * 1_000;
        args.rule = RuleTerms::ThresholdAtOpening { strike_at_ms };
    });
    let market = world.listing.market;
    let state = world.markets.state(market);
    let strike_at_ms = state.evidence.strike_at_ms;
    let source = world.markets.observe_at(market, strike_at_ms, 1_234);
    let strike = world.markets.set_strike(market, source);
    strike.expect("a strike");
    let (mut world, owners) = opened(world);
    let feed_id = feed(state.id);
    let report = world
        .markets
        .world
        .report_conflict(feed_id, strike_at_ms, 5);
    let report = report.expect("a report").instruction();
    world.send(&[report], &[]).expect("a contradiction");
    let conflict = DisputeConflict {
        venue: world.markets.venue,
        market,
        observation: source,
    };
    let called = world.send(&[conflict.instruction()], &[]);
    called.expect("the arbiters");
    assert!(world.markets.seconds() < state.hours.trading_until - 60 * 60);
    everybody_leaves(world, owners, MarketError::MarketNotOpen);
}

/// A market whose providers have all left once its trading was over.
#[test]
fn market_without_liquidity_leaves_everybody_a_way_out() {
    let (mut world, owners) = opened(LeverageWorld::start());
    let market = world.listing.market;
    let creator = world.markets.creator();
    world.markets.open(&creator, market).expect("a position");
    let until = world.markets.state(market).hours.trading_until;
    world.markets.go_to_second(until);
    let shares = world.markets.liquidity(market, &creator).shares;
    let left = world.markets.remove(&creator, market, shares);
    left.expect("a removal");
    pass(&mut world, 1);
    everybody_leaves(world, owners, MarketError::TradingOver);
}
