//! Fills: sizes, bounds, times, and exact balances.

use client::instructions::orders::*;
use market_core::pool::Order;
use markets::error::MarketError;
use math::{Money, Shares};
use orders::{error::OrderError, state::AVERAGE_SLOTS};
use testbed::{thousandths, DeskWorld, ExpectError, PURSE, TIP};

/// Slots of a minute.
const MINUTE: u64 = 150;

#[test]
fn purchase_is_filled_slice_by_slice_and_returned_with_exact_balances() {
    let mut world = DeskWorld::start();
    let owner = world.trader();
    let lamports = world.lamports(owner.address());
    world
        .place(&owner, 7, world.iceberg(OrderSide::Buy, 50_000_000, 560))
        .expect("an order");
    assert_eq!(world.markets.balance(owner.tokens), PURSE - 50_000_000);
    assert_eq!(world.state().cash, 50_000_000);

    let mut bought = 0;
    for fill in 1..=10 {
        let before = world.keeper_lamports();
        let order = Order::Stake(Money(5_000_000));
        let quote = world
            .markets
            .quote(world.market, 0, order)
            .expect("a quote");
        world.fill(&owner, 7).expect("a fill");
        bought += quote.fill.shares.0;
        let state = world.order(&owner, 7);
        assert_eq!(
            (state.money, state.shares),
            (50_000_000 - fill * 5_000_000, bought)
        );
        assert_eq!(world.keeper_lamports(), before + TIP);
        if fill < 10 {
            world.fill(&owner, 7).expect_refusal(OrderError::NotDue);
        }
        world.pass(MINUTE);
    }
    world
        .fill(&owner, 7)
        .expect_refusal(OrderError::NothingLeft);

    let before = world.keeper_lamports();
    world.give_back(&owner, 7).expect("a return");
    assert_eq!(world.keeper_lamports(), before + TIP);
    assert_eq!(
        world.markets.position(world.market, &owner).holdings.shares,
        [bought, 0]
    );
    assert_eq!(world.markets.balance(owner.tokens), PURSE - 50_000_000);
    // All but the tips came back.
    assert_eq!(world.lamports(owner.address()), lamports - 11 * TIP);
    assert!(world.find_order(&owner, 7).is_none());
}

#[test]
fn sale_is_filled_slice_by_slice_and_returned_with_exact_balances() {
    let mut world = DeskWorld::start();
    let owner = world.trader();
    world
        .markets
        .split(&owner, world.market, 80_000_000)
        .expect("sets");
    let mut terms = world.iceberg(OrderSide::Sell, 50_000_000, 480);
    terms.outcome = 1;
    world.place(&owner, 1, terms).expect("an order");
    assert_eq!(
        world.markets.position(world.market, &owner).holdings.shares,
        [80_000_000, 30_000_000]
    );
    let mut returned = 0;
    for _ in 0..3 {
        let order = Order::Sell(Shares(5_000_000));
        let quote = world
            .markets
            .quote(world.market, 1, order)
            .expect("a quote");
        returned += quote.fill.amount.0;
        world.fill(&owner, 1).expect("a fill");
        world.pass(MINUTE);
    }
    let state = world.order(&owner, 1);
    assert_eq!(
        (state.money, state.shares, state.left),
        (returned, 35_000_000, 35_000_000)
    );
    world.take_back(&owner, 1).expect("a return");
    assert_eq!(
        world.markets.position(world.market, &owner).holdings.shares,
        [80_000_000, 65_000_000]
    );
    let purse = PURSE - 80_000_000 + returned;
    assert_eq!(world.markets.balance(owner.tokens), purse);
}

#[test]
fn last_slice_is_what_is_left() {
    let mut world = DeskWorld::start();
    let owner = world.trader();
    let mut terms = world.iceberg(OrderSide::Buy, 10_000_001, 520);
    terms.plan = OrderPlan::Iceberg {
        shown: 4_000_000,
        interval_seconds: 60,
        limit: thousandths(520),
    };
    world.place(&owner, 1, terms).expect("an order");
    let mut left = vec![];
    for _ in 0..3 {
        world.fill(&owner, 1).expect("a fill");
        left.push(world.order(&owner, 1).left);
        world.pass(MINUTE);
    }
    assert_eq!(left, [6_000_001, 2_000_001, 0]);
}

#[test]
fn nothing_is_filled_beyond_the_limit() {
    let mut world = DeskWorld::start();
    let owner = world.trader();
    // At one half, a fee of 1 % of the less likely side makes .505 the price of the next share.
    for (nonce, limit, is_filled) in [(1, 505, false), (2, 510, true)] {
        let terms = world.iceberg(OrderSide::Buy, 10_000_000, limit);
        world.place(&owner, nonce, terms).expect("an order");
        let filled = world.fill(&owner, nonce);
        if is_filled {
            filled.expect("a fill");
        } else {
            filled.expect_refusal(MarketError::SlippageExceeded);
        }
    }
}

#[test]
fn intervals_that_were_missed_do_not_bunch() {
    let mut world = DeskWorld::start();
    let owner = world.trader();
    let mut terms = world.iceberg(OrderSide::Buy, 40_000_000, 560);
    terms.expires_at = world.markets.seconds() + 20 * 60;
    terms.plan = OrderPlan::Twap {
        slices: 10,
        limit: thousandths(560),
    };
    world.place(&owner, 1, terms).expect("an order");
    let started = world.markets.seconds();
    assert_eq!(world.order(&owner, 1).interval_seconds, 120);
    world.fill(&owner, 1).expect("the first");
    assert_eq!(world.order(&owner, 1).next_at, started + 120);
    // Three intervals pass without anybody.
    world.pass(3 * 2 * MINUTE);
    world.fill(&owner, 1).expect("the second, late");
    world.fill(&owner, 1).expect_refusal(OrderError::NotDue);
    world.pass(2 * MINUTE);
    world.fill(&owner, 1).expect("the third");
    // What is left when the time is over goes back.
    world.markets.go_to_second(started + 20 * 60 + 1);
    world.fill(&owner, 1).expect_refusal(OrderError::Expired);
    world.give_back(&owner, 1).expect("a return");
    assert_eq!(world.markets.balance(owner.tokens), PURSE - 12_000_000);
}

#[test]
fn limit_of_a_gradual_order_moves_with_the_time() {
    let mut world = DeskWorld::start();
    let owner = world.trader();
    let mut terms = world.iceberg(OrderSide::Buy, 40_000_000, 0);
    terms.expires_at = world.markets.seconds() + 1_000;
    terms.plan = OrderPlan::Gradual {
        slices: 10,
        limit_from: thousandths(490),
        limit_to: thousandths(530),
    };
    world.place(&owner, 1, terms).expect("an order");
    let started = world.markets.seconds();
    world
        .fill(&owner, 1)
        .expect_refusal(MarketError::SlippageExceeded);
    // A share costs .506 with its fee: the limit is .504 after 350 seconds and .51 after 500.
    world.markets.go_to_second(started + 350);
    world
        .fill(&owner, 1)
        .expect_refusal(MarketError::SlippageExceeded);
    world.markets.go_to_second(started + 500);
    world.fill(&owner, 1).expect("a fill");
}

#[test]
fn desk_asks_for_two_readings() {
    let mut world = DeskWorld::start();
    let other = {
        let args = world.markets.terms(2);
        world.markets.market(args)
    };
    let mut fresh = world;
    fresh.market = other;
    fresh.desk = client::addresses::orders::desk(&other);
    fresh.placed.clear();
    let open = OpenDesk {
        payer: fresh.opener.address(),
        market: other,
        vault: None,
        mint: fresh.markets.mint.address,
        token_program: fresh.markets.token_program(),
    };
    fresh.markets.know_position(fresh.desk, other);
    let opener = fresh.opener.key.insecure_clone();
    fresh
        .send(&[open.instruction()], &[&opener])
        .expect("a desk");
    let tokens = fresh.desk_tokens();
    fresh.markets.count_in(tokens);
    let owner = fresh.trader();
    let terms = fresh.iceberg(OrderSide::Buy, 10_000_000, 520);
    fresh.place(&owner, 1, terms).expect("an order");
    fresh
        .fill(&owner, 1)
        .expect_refusal(OrderError::AverageTooShort);
    fresh.observe().expect("a reading");
    fresh.pass(AVERAGE_SLOTS - 1);
    fresh
        .fill(&owner, 1)
        .expect_refusal(OrderError::AverageTooShort);
    fresh.pass(1);
    fresh.fill(&owner, 1).expect("a fill");
}
