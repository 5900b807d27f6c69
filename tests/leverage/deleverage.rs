//! All loans against an outcome that are too much for it together shrink by the same factor.

use leverage::{
    error::LoanError,
    state::{DeleverageCall, CALL_LASTS_SECONDS, CALL_NOTICE_SECONDS},
};
use market_core::pool::Order;
use math::{Price, Shares};
use testbed::{ExpectError, LeverageWorld, Trader, UNIT};

const OWNERS: u64 = 4;
const MARGIN: u64 = 112 * UNIT;
const LOAN: u64 = 112 * UNIT;

fn opened() -> (LeverageWorld, Vec<Trader>) {
    let mut world = LeverageWorld::start();
    let owners: Vec<_> = (0..OWNERS).map(|_| world.trader()).collect();
    for owner in &owners {
        let opened = world.open(owner, 1, 0, MARGIN, LOAN);
        opened.expect("a position");
    }
    (world, owners)
}

fn pass(world: &mut LeverageWorld, seconds: i64) {
    let then = world.markets.seconds() + seconds;
    world.markets.go_to_second(then);
}

/// The other outcome is bought until all loans together owe almost as much as they may, and the time that is
/// left does the rest.
fn called() -> (LeverageWorld, Vec<Trader>, DeleverageCall) {
    called_with(0)
}

/// The same with so much liquidity more, base units, that can leave.
fn called_with(added: u64) -> (LeverageWorld, Vec<Trader>, DeleverageCall) {
    let (world, owners) = opened();
    called_of(world, owners, added)
}

fn called_of(
    mut world: LeverageWorld,
    owners: Vec<Trader>,
    added: u64,
) -> (LeverageWorld, Vec<Trader>, DeleverageCall) {
    if added > 0 {
        let (creator, market) = (world.markets.creator(), world.listing.market);
        world.markets.open(&creator, market).expect("a position");
        let add = world.markets.add(&creator, market, added);
        add.expect("liquidity");
    }
    let other = world.trader();
    let market = world.listing.market;
    let shares = world.state().shares[0];
    let value = |world: &LeverageWorld| {
        let quote = world.markets.quote(market, 0, Order::Sell(Shares(shares)));
        quote.expect("a quote").fill.amount.0
    };
    while value(&world) * 735 > OWNERS * LOAN * 1_000 {
        let pushed = world.markets.buy(&other, market, 1, 25 * UNIT);
        pushed.expect("a purchase");
    }
    for _ in 0..60 {
        pass(&mut world, 600);
        if world.call_deleverage(0).is_ok() {
            let call = world.state().call;
            return (world, owners, call);
        }
    }
    panic!("all loans together are never due");
}

/// What of a position's debt shares may stay.
fn kept(world: &LeverageWorld, owner: &Trader, call: &DeleverageCall) -> u64 {
    let shares = world.position(owner, 1).debt_shares;
    let kept = Price(call.debt_factor).of_ceil(shares);
    kept.expect("a part")
}

/// Who pays his part, or all, within the notice is left alone; of the others anybody sells it.
#[test]
fn loans_shrink_by_the_same_factor_after_a_call() {
    let (mut world, owners, call) = called();
    for owner in &owners {
        let health = world.health(owner, 1);
        assert_eq!(health.shares_to_sell, 0, "none is due alone: {health:?}");
    }
    let whole = Price::ONE.0;
    assert!(call.debt_factor > whole / 3 && call.debt_factor < whole / 2);
    let kept: Vec<_> = owners
        .iter()
        .map(|owner| kept(&world, owner, &call))
        .collect();
    let all: Vec<_> = owners.iter().map(|owner| (owner, 1)).collect();
    world
        .call_deleverage(0)
        .expect_refusal(LoanError::CallStands);
    let above = world.position(&owners[0], 1).debt_shares - kept[0];
    let above = world.pool_state().book.debt(Shares(above));
    let paid = world.add_margin(&owners[0], 1, above.expect("a debt").0 + 1);
    paid.expect("a payment");
    world.close(&owners[1], 1).expect("an end");
    pass(&mut world, CALL_NOTICE_SECONDS - 1);
    world
        .deleverage_pro_rata(&all)
        .expect_refusal(LoanError::CallNotDue);
    pass(&mut world, 1);
    world
        .deleverage_pro_rata(&all[..2])
        .expect_refusal(LoanError::NothingToLiquidate);
    let first = world.position(&owners[0], 1);
    let before = world.pool_state().book;
    // Each alone: together they would return a little less a share, and a second sale the rest.
    for owner in &owners[2..] {
        let sold = world.deleverage_pro_rata(&[(owner, 1)]);
        sold.expect("a sale");
    }
    assert_eq!(world.position(&owners[0], 1).debt_shares, first.debt_shares);
    for index in [2, 3] {
        let position = world.position(&owners[index], 1);
        let below = kept[index] - position.debt_shares;
        assert!(below <= 4, "{below}");
        assert!(position.shares > 0);
    }
    let reward = world.markets.balance(world.keeper.tokens);
    let after = world.pool_state().book;
    let gone = (before.debt_shares - after.debt_shares) as f64;
    let part = reward as f64 / gone;
    assert!((part - 0.02 / 0.97).abs() < 1e-4, "{part}");
    assert_eq!(after.insurance - before.insurance, reward / 2);
    world
        .deleverage_pro_rata(&all)
        .expect_refusal(LoanError::NothingToLiquidate);
    // Now they are what the outcome bears.
    pass(&mut world, CALL_LASTS_SECONDS - CALL_NOTICE_SECONDS);
    world
        .call_deleverage(0)
        .expect_refusal(LoanError::LoansNotDue);
}

/// Neither a price of a moment calls, nor is anything sold once the price since the call was better, or
/// while it is pushed.
#[test]
fn price_of_a_moment_deleverages_nobody() {
    let (mut world, _) = opened();
    let pusher = world.trader();
    let market = world.listing.market;
    let pushed = world.markets.buy(&pusher, market, 1, 6_000 * UNIT);
    pushed.expect("a purchase");
    world
        .call_deleverage(0)
        .expect_refusal(LoanError::LoansNotDue);

    let (mut world, owners, _) = called();
    let all: Vec<_> = owners.iter().map(|owner| (owner, 1)).collect();
    let pusher = world.trader();
    let market = world.listing.market;
    pass(&mut world, CALL_NOTICE_SECONDS);
    let pushed = world.markets.buy(&pusher, market, 1, 400 * UNIT);
    pushed.expect("a purchase");
    world
        .deleverage_pro_rata(&all)
        .expect_refusal(LoanError::NothingToLiquidate);

    let (mut world, owners, _) = called();
    let all: Vec<_> = owners.iter().map(|owner| (owner, 1)).collect();
    let buyer = world.trader();
    let market = world.listing.market;
    let bought = world.markets.buy(&buyer, market, 0, 1_000 * UNIT);
    bought.expect("a purchase");
    pass(&mut world, CALL_NOTICE_SECONDS);
    world
        .deleverage_pro_rata(&all)
        .expect_refusal(LoanError::LoansNotDue);
}

/// Liquidity that can leave again counts for nothing, and stops no call by being so much that too small a part
/// is locked.
#[test]
fn added_liquidity_stops_no_call() {
    let (mut world, owners, _) = called_with(40_000 * UNIT);
    let all: Vec<_> = owners.iter().map(|owner| (owner, 1)).collect();
    let late = world.trader();
    let opened = world.open(&late, 1, 1, 100 * UNIT, 25 * UNIT);
    opened.expect_refusal(LoanError::TooLittleLocked);
    pass(&mut world, CALL_NOTICE_SECONDS);
    world.deleverage_pro_rata(&all).expect("a sale");
}

/// Nobody can answer a call while the venue is paused, and none is due that was paused over.
#[test]
fn pause_ends_a_call() {
    let (mut world, owners, _) = called();
    let all: Vec<_> = owners.iter().map(|owner| (owner, 1)).collect();
    world.markets.pause().expect("a pause");
    pass(&mut world, CALL_NOTICE_SECONDS);
    world
        .deleverage_pro_rata(&all)
        .expect_refusal(LoanError::CallNotDue);
}

/// A position against another outcome is passed over, and makes no sale fail.
#[test]
fn position_of_another_outcome_is_no_part_of_a_sale() {
    let (mut world, owners) = opened();
    let other = world.trader();
    let opened = world.open(&other, 1, 1, 100 * UNIT, 25 * UNIT);
    opened.expect("a position");
    let (mut world, owners, _) = called_of(world, owners, 0);
    pass(&mut world, CALL_NOTICE_SECONDS);
    let before = world.position(&other, 1);
    let sold = world.deleverage_pro_rata(&[(&other, 1), (&owners[0], 1)]);
    sold.expect("a sale");
    let after = world.position(&other, 1);
    assert_eq!(
        (after.shares, after.debt_shares),
        (before.shares, before.debt_shares)
    );
}

/// What is opened after a call is no part of it.
#[test]
fn later_position_is_no_part_of_a_call() {
    let (mut world, _, _) = called();
    let (buyer, late) = (world.trader(), world.trader());
    let market = world.listing.market;
    let bought = world.markets.buy(&buyer, market, 0, 3_000 * UNIT);
    bought.expect("a purchase");
    world.wait_until_calm();
    let opened = world.open(&late, 1, 1, 100 * UNIT, 25 * UNIT);
    opened.expect("a position");
    let position = world.position(&late, 1);
    assert_eq!(position.kept_debt_shares, u64::MAX);
    assert_eq!(position.call_number, world.state().call.number);
}
