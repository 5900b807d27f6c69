//! Orders on an L2 curve, whose prices sum to more than one.

use client::instructions::{
    markets::{Curve, TransferShares},
    orders::*,
};
use market_core::{pool::Order, RuleTerms};
use math::{Money, Shares};
use orders::error::OrderError;
use testbed::{thousandths, DeskWorld, ExpectError, KeySource, Trader, PURSE, TIP};

/// Four bins at a price of one half each.
fn world() -> DeskWorld {
    DeskWorld::start_with(KeySource::Random, 4, |args| {
        args.curve = Curve::L2;
        args.rule = RuleTerms::Scalar { low: 0, high: 40 };
    })
}

fn terms(world: &DeskWorld, side: OrderSide, outcome: u8, total: u64, limit: u64) -> OrderTerms {
    OrderTerms {
        outcome,
        plan: OrderPlan::Iceberg {
            shown: total / 2,
            interval_seconds: 30,
            limit: thousandths(limit),
        },
        ..world.iceberg(side, total, limit)
    }
}

/// Fills what is due, with what the curve says.
fn fill(world: &mut DeskWorld, owner: &Trader) -> u64 {
    let order = world.order(owner, 1);
    let due = order.due(world.markets.seconds()).expect("a slice");
    let asked = match order.side {
        OrderSide::Buy => Order::Stake(Money(due)),
        OrderSide::Sell => Order::Sell(Shares(due)),
    };
    let quote = world.markets.quote(world.market, order.outcome, asked);
    let fill = quote.expect("a quote").fill;
    world.fill(owner, 1).expect("a fill");
    match order.side {
        OrderSide::Buy => fill.shares.0,
        OrderSide::Sell => fill.amount.0,
    }
}

/// All bins together cost more than any of them pays: nobody holds them all, though the desk does.
#[test]
fn every_bin_is_bought_and_paid_with_exact_balances() {
    let mut world = world();
    let owners: Vec<_> = (0..4).map(|_| world.trader()).collect();
    for (owner, bin) in owners.iter().zip(0..) {
        let terms = terms(&world, OrderSide::Buy, bin, 8_000_000, 540);
        world.place(owner, 1, terms).expect("an order");
    }
    let mut bought = [0; 4];
    for _ in 0..2 {
        for (owner, bought) in owners.iter().zip(&mut bought) {
            *bought += fill(&mut world, owner);
            world.pass(20);
        }
    }
    let cost =
        world
            .markets
            .read::<markets::state::Position>(client::addresses::markets::position(
                &world.market,
                &world.desk,
            ));
    assert!(
        bought.iter().all(|shares| *shares < 32_000_000),
        "no bin pays the {} that the desk paid",
        cost.holdings.cost_basis
    );
    world.markets.resolve(world.market, 15);
    world.settle().expect("a settlement");
    for (owner, bin) in owners.iter().zip(0..) {
        world.give_back(owner, 1).expect("a return");
        let won = if bin == 1 { bought[1] } else { 0 };
        let purse = PURSE - 8_000_000 + won;
        assert_eq!(world.markets.balance(owner.tokens), purse, "{bin}");
    }
    world.close().expect("a closing");
}

#[test]
fn sale_is_filled_near_the_price_of_the_average_chances() {
    let mut world = world();
    let (owner, mover) = (world.trader(), world.trader());
    let market = world.market;
    world
        .markets
        .buy_shares(&owner, market, 2, 20_000_000)
        .expect("shares");
    let purse = world.markets.balance(owner.tokens);
    // The chance is a quarter: compared with a price, it would refuse every fill.
    let terms = terms(&world, OrderSide::Sell, 2, 8_000_000, 480);
    world.place(&owner, 1, terms).expect("an order");
    let lamports = world.keeper_lamports();
    let returned = fill(&mut world, &owner);
    assert_eq!(world.keeper_lamports(), lamports + TIP);
    // Who pushes another bin's price lowers this one's: not to be sold at.
    world
        .markets
        .buy(&mover, market, 0, 200_000_000)
        .expect("a push");
    world.pass(80);
    let refused = world.fill(&owner, 1);
    assert!(refused.is_err(), "{refused:?}");
    world.take_back(&owner, 1).expect("a return");
    assert_eq!(world.markets.balance(owner.tokens), purse + returned);
    let held = world.markets.position(market, &owner).holdings.shares;
    assert_eq!(held, [0, 0, 16_000_000, 0]);
}

#[test]
fn orders_do_not_cross() {
    let mut world = world();
    let [buyer, seller] = [(); 2].map(|()| world.trader());
    let market = world.market;
    world
        .markets
        .buy_shares(&seller, market, 0, 20_000_000)
        .expect("shares");
    let purchase = terms(&world, OrderSide::Buy, 0, 8_000_000, 900);
    let sale = terms(&world, OrderSide::Sell, 0, 8_000_000, 100);
    world.place(&buyer, 1, purchase).expect("an order");
    world.place(&seller, 1, sale).expect("an order");
    world
        .cross((&buyer, 1), (&seller, 1))
        .expect_refusal(OrderError::CurveNotOffered);
}

/// A trigger's prices are chances: of a bin that costs one half, a quarter.
#[test]
fn trigger_goes_by_chances() {
    let mut world = world();
    let owner = world.trader();
    let waiting = OrderTerms {
        trigger: Some(TriggerTerms {
            stop: None,
            take: Some(thousandths(260)),
            trail: None,
            window_slots: 25,
        }),
        ..terms(&world, OrderSide::Buy, 3, 8_000_000, 540)
    };
    world.place(&owner, 1, waiting).expect("an order");
    world.watch(&owner, 1).expect("armed");
    world.pass(25);
    world.watch(&owner, 1).expect("fired");
    fill(&mut world, &owner);
    // What is given to a desk costs it nothing, and stays out of its orders.
    let giver = world.trader();
    let (market, desk) = (world.market, world.desk);
    world
        .markets
        .buy_shares(&giver, market, 3, 1_000)
        .expect("shares");
    let gift = TransferShares {
        owner: giver.address(),
        market,
        receiver: desk,
        outcome: 3,
        shares: 1_000,
    };
    let key = giver.key.insecure_clone();
    world.send(&[gift.instruction()], &[&key]).expect("a gift");
    world.take_back(&owner, 1).expect("a return");
}
