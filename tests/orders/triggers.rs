//! Orders that wait for a price: stops, prices to take, trailing stops, and combinations of them.

use client::instructions::orders::*;
use market_core::pool::Order;
use markets::error::MarketError;
use math::{order_bounds::LOAD_SLOTS, Shares};
use orders::{
    error::OrderError,
    state::{Desk, TriggerProgress, MAX_TRIGGER_SLOTS, MIN_TRIGGER_SLOTS},
};
use testbed::{thousandths, DeskWorld, ExpectError, KeySource, Trader, PURSE, TIP};

use crate::support::with_account;

const WINDOW: u32 = 150;
const SETS: u64 = 100_000_000;
const TOTAL: u64 = 4_000_000;
/// Moves the price from .5 to about .42 or .58.
const PUSH: u64 = 150_000_000;

/// A desk, who owns an order at it, and somebody who moves the price.
struct Scene {
    world: DeskWorld,
    owner: Trader,
    mover: Trader,
}

impl Scene {
    fn new() -> Self {
        let mut world = DeskWorld::start();
        let (owner, mover) = (world.trader(), world.trader());
        world
            .markets
            .split(&owner, world.market, SETS)
            .expect("sets");
        Self {
            world,
            owner,
            mover,
        }
    }

    /// An order of one slice within a limit that does not matter, and a trigger in thousandths.
    fn terms(&self, side: OrderSide, [stop, take, trail]: [Option<u64>; 3]) -> OrderTerms {
        let limit = match side {
            OrderSide::Buy => 990,
            OrderSide::Sell => 10,
        };
        OrderTerms {
            max_deviation: 1_000,
            plan: OrderPlan::Iceberg {
                shown: TOTAL,
                interval_seconds: 0,
                limit: thousandths(limit),
            },
            trigger: Some(TriggerTerms {
                stop: stop.map(thousandths),
                take: take.map(thousandths),
                trail: trail.map(thousandths),
                window_slots: WINDOW,
            }),
            ..self.world.iceberg(side, TOTAL, limit)
        }
    }

    fn place(&mut self, side: OrderSide, trigger: [Option<u64>; 3]) {
        let terms = self.terms(side, trigger);
        self.world.place(&self.owner, 1, terms).expect("an order");
    }

    /// Buys so much of an outcome: the price of the other one falls.
    fn push(&mut self, outcome: u8) {
        let market = self.world.market;
        self.world
            .markets
            .buy(&self.mover, market, outcome, PUSH)
            .expect("a push");
    }

    /// What the order's account says came of it: native programs emit no events.
    #[track_caller]
    fn watch(&mut self) -> TriggerProgress {
        let before = self.world.order(&self.owner, 1).trigger.expect("a trigger");
        self.world.watch(&self.owner, 1).expect("a look");
        match self.world.order(&self.owner, 1).trigger {
            None => TriggerProgress::Fired,
            Some(after) if after.armed.is_some() && after.armed != before.armed => {
                TriggerProgress::Armed
            }
            Some(after) if after.armed != before.armed => TriggerProgress::Disarmed,
            Some(_) => TriggerProgress::Improved,
        }
    }

    #[track_caller]
    fn nothing_to_watch(&mut self) {
        self.world
            .watch(&self.owner, 1)
            .expect_refusal(OrderError::NothingToWatch);
    }

    /// Fills what was triggered, with what the curve returns for it, and takes it back.
    fn fill_and_take(&mut self) -> u64 {
        let order = Order::Sell(Shares(TOTAL));
        let quote = self.world.markets.quote(self.world.market, 0, order);
        let returned = quote.expect("a quote").fill.amount.0;
        let before = self.world.keeper_lamports();
        self.world.fill(&self.owner, 1).expect("a fill");
        assert_eq!(self.world.keeper_lamports(), before + TIP);
        self.world.give_back(&self.owner, 1).expect("a return");
        returned
    }
}

#[test]
fn stop_arms_fires_for_a_tip_and_sells_with_exact_balances() {
    let mut scene = Scene::new();
    let lamports = scene.world.lamports(scene.owner.address());
    scene.place(OrderSide::Sell, [Some(450), None, None]);
    scene
        .world
        .fill(&scene.owner, 1)
        .expect_refusal(OrderError::NotTriggered);
    scene.nothing_to_watch();

    scene.push(1);
    let before = scene.world.keeper_lamports();
    assert_eq!(scene.watch(), TriggerProgress::Armed);
    assert_eq!(scene.world.keeper_lamports(), before, "arming is not paid");
    scene.world.pass(u64::from(WINDOW) - 1);
    scene.nothing_to_watch();
    scene
        .world
        .fill(&scene.owner, 1)
        .expect_refusal(OrderError::NotTriggered);
    scene.world.pass(1);
    assert_eq!(scene.watch(), TriggerProgress::Fired);
    assert_eq!(scene.world.keeper_lamports(), before + TIP);
    scene
        .world
        .watch(&scene.owner, 1)
        .expect_refusal(OrderError::NoTrigger);

    let returned = scene.fill_and_take();
    let tokens = scene.world.markets.balance(scene.owner.tokens);
    assert_eq!(tokens, PURSE - SETS + returned);
    let position = scene
        .world
        .markets
        .position(scene.world.market, &scene.owner);
    assert_eq!(position.holdings.shares, [SETS - TOTAL, SETS]);
    // One tip each for firing, filling and returning.
    let spent = lamports - scene.world.lamports(scene.owner.address());
    assert_eq!(spent, 3 * TIP);
}

/// Whoever holds a price for the window, unanswered, fires a stop. What is sold then moves the price by a
/// safe slice: to have bought the other outcome before and to sell it after costs more in fees than that
/// is worth.
#[test]
fn who_holds_a_price_to_fire_a_stop_loses_by_it() {
    for push in [60_000_000, PUSH, 2 * PUSH] {
        let mut scene = Scene::new();
        scene.place(OrderSide::Sell, [Some(480), None, None]);
        let market = scene.world.market;
        scene
            .world
            .markets
            .buy(&scene.mover, market, 1, push)
            .expect("a push");
        assert_eq!(scene.watch(), TriggerProgress::Armed);
        scene.world.pass(WINDOW.into());
        assert_eq!(scene.watch(), TriggerProgress::Fired);
        // The average follows, and the slice is near enough to it.
        scene.world.pass(WINDOW.into());
        scene.world.fill(&scene.owner, 1).expect("a fill");
        let held = scene
            .world
            .markets
            .position(market, &scene.mover)
            .holdings
            .shares[1];
        scene
            .world
            .markets
            .sell(&scene.mover, market, 1, held)
            .expect("a sale");
        let left = scene.world.markets.balance(scene.mover.tokens);
        println!(
            "{push} pushed, {} lost",
            i128::from(PURSE) - i128::from(left)
        );
        assert!(left < PURSE, "{left}");
    }
}

/// Whoever holds a price that nobody answers while a fired stop sells slice after slice gains from the
/// second safe slice on, which comes 16 slots after the first: for all that is sold no more than the order's
/// limit leaves, and with a limit near the stop nothing.
#[test]
fn who_holds_a_price_through_many_slices_takes_what_the_limit_leaves() {
    const SLICE: u64 = 20_000_000;
    let mut gains = vec![];
    for (slices, limit) in [(1, 10), (2, 10), (3, 10), (5, 10), (5, 470)] {
        let mut scene = Scene::new();
        let terms = OrderTerms {
            total: SETS,
            plan: OrderPlan::Iceberg {
                shown: SLICE,
                interval_seconds: 0,
                limit: thousandths(limit),
            },
            ..scene.terms(OrderSide::Sell, [Some(480), None, None])
        };
        scene.world.place(&scene.owner, 1, terms).expect("an order");
        scene.push(1);
        assert_eq!(scene.watch(), TriggerProgress::Armed);
        scene.world.pass(WINDOW.into());
        assert_eq!(scene.watch(), TriggerProgress::Fired);
        scene.world.pass(WINDOW.into());
        for _ in 0..slices {
            let filled = scene.world.fill(&scene.owner, 1);
            if limit > 400 {
                filled.expect_refusal(MarketError::SlippageExceeded);
            } else {
                filled.expect("a fill");
            }
            scene.world.pass(LOAD_SLOTS);
        }
        let order = scene.world.order(&scene.owner, 1);
        let (sold, returned) = (SETS - order.left, order.money);
        let market = scene.world.market;
        let position = scene.world.markets.position(market, &scene.mover);
        let held = position.holdings.shares[1];
        scene
            .world
            .markets
            .sell(&scene.mover, market, 1, held)
            .expect("a sale");
        let left = scene.world.markets.balance(scene.mover.tokens);
        let gain = i128::from(left) - i128::from(PURSE);
        // The owner's loss against the price before the push.
        let lost = i128::from(sold) / 2 - i128::from(returned);
        assert!(gain <= lost.max(0), "{gain} of {lost}");
        gains.push(gain);
    }
    assert_eq!(
        gains,
        [-1_193_983, 198_397, 1_588_304, 4_359_626, -2_588_564]
    );
}

#[test]
fn wick_arms_but_does_not_fire() {
    let mut scene = Scene::new();
    scene.place(OrderSide::Sell, [Some(450), None, None]);
    let market = scene.world.market;
    scene.push(1);
    assert_eq!(scene.watch(), TriggerProgress::Armed);
    // It stands for a slot.
    scene.world.pass(1);
    let held = scene
        .world
        .markets
        .position(market, &scene.mover)
        .holdings
        .shares[1];
    scene
        .world
        .markets
        .sell(&scene.mover, market, 1, held)
        .expect("a sale");
    for _ in 0..3 {
        scene.world.pass(WINDOW.into());
        scene.nothing_to_watch();
    }
    scene.world.pass(u64::from(WINDOW) + 1);
    assert_eq!(scene.watch(), TriggerProgress::Disarmed);
    scene.nothing_to_watch();
    scene.world.take_back(&scene.owner, 1).expect("a return");
    let position = scene.world.markets.position(market, &scene.owner);
    assert_eq!(position.holdings.shares, [SETS, SETS]);
}

#[test]
fn purchase_takes_a_dip_and_stops_into_a_rise() {
    for (trigger, pushed) in [
        ([None, Some(450), None], 1),
        ([Some(550), None, None], 0),
        // One cancels the other: whichever comes first.
        ([Some(550), Some(450), None], 1),
        ([Some(550), Some(450), None], 0),
    ] {
        let mut scene = Scene::new();
        scene.place(OrderSide::Buy, trigger);
        scene.nothing_to_watch();
        scene.push(pushed);
        assert_eq!(scene.watch(), TriggerProgress::Armed);
        scene.world.pass(WINDOW.into());
        assert_eq!(scene.watch(), TriggerProgress::Fired);
        // The average that a fill has to be near follows.
        scene.world.pass(WINDOW.into());
        scene.world.fill(&scene.owner, 1).expect("a fill");
        assert_eq!(scene.world.order(&scene.owner, 1).left, 0);
    }
}

#[test]
fn trailing_stop_follows_the_average_and_not_the_spot_price() {
    let mut scene = Scene::new();
    scene.place(OrderSide::Sell, [None, None, Some(60)]);
    // The average is still of a time before the order, and trails nothing.
    scene.nothing_to_watch();
    scene.push(0);
    scene.nothing_to_watch();
    scene.world.pass(WINDOW.into());
    scene.world.observe().expect("a reading");
    scene.world.pass(WINDOW.into());
    scene.world.observe().expect("a reading");
    assert_eq!(scene.watch(), TriggerProgress::Improved);
    let best = scene.world.order(&scene.owner, 1).trigger.expect("one");
    let best = best.best.expect("a best price");
    assert!((thousandths(560)..thousandths(580)).contains(&best));

    // A push of a moment improves nothing.
    scene.push(0);
    scene.nothing_to_watch();
    let market = scene.world.market;
    let held = scene
        .world
        .markets
        .position(market, &scene.mover)
        .holdings
        .shares[0];
    scene
        .world
        .markets
        .sell(&scene.mover, market, 0, held)
        .expect("a sale");
    assert_eq!(scene.watch(), TriggerProgress::Armed);
    scene.world.pass(WINDOW.into());
    assert_eq!(scene.watch(), TriggerProgress::Fired);
    let after = scene.world.order(&scene.owner, 1);
    assert_eq!(after.starts_at, scene.world.markets.seconds());
}

/// Nobody could answer a price of a pause.
#[test]
fn pause_fires_nothing_and_keeps_nobody_in() {
    let mut scene = Scene::new();
    scene.place(OrderSide::Sell, [Some(450), None, None]);
    scene.push(1);
    assert_eq!(scene.watch(), TriggerProgress::Armed);
    scene.world.markets.pause().expect("a pause");
    scene.world.pass(10);
    scene
        .world
        .watch(&scene.owner, 1)
        .expect_refusal(OrderError::VenuePaused);
    scene.world.take_back(&scene.owner, 1).expect("a return");
    let position = scene
        .world
        .markets
        .position(scene.world.market, &scene.owner);
    assert_eq!(position.holdings.shares, [SETS, SETS]);
}

/// Averages that reach over a pause, in which prices have no weight, are too low to be best prices.
#[test]
fn pause_improves_no_trailing_purchase() {
    let mut world = DeskWorld::start_with(KeySource::Random, 2, |args| {
        args.locks_at += 30 * 24 * 60 * 60;
    });
    let [owner, mover] = [(); 2].map(|()| world.trader());
    let mut scene = Scene {
        world,
        owner,
        mover,
    };
    let terms = OrderTerms {
        expires_at: scene.world.markets.seconds() + 20 * 24 * 60 * 60,
        ..scene.terms(OrderSide::Buy, [None, None, Some(100)])
    };
    scene.world.place(&scene.owner, 1, terms).expect("an order");
    for _ in 0..2 {
        scene.world.pass(WINDOW.into());
        scene.world.observe().expect("a reading");
    }
    assert_eq!(scene.watch(), TriggerProgress::Improved);
    let best = |scene: &Scene| {
        scene
            .world
            .order(&scene.owner, 1)
            .trigger
            .expect("one")
            .best
    };
    let before = best(&scene);
    scene.world.markets.pause().expect("a pause");
    scene.world.markets.unpause().expect("its end");
    for _ in 0..2 {
        scene.world.pass(WINDOW.into());
        scene.nothing_to_watch();
    }
    assert_eq!(best(&scene), before);
}

#[test]
fn waiting_order_goes_back_to_its_owner_at_any_time_with_all_its_tips() {
    let mut scene = Scene::new();
    let lamports = scene.world.lamports(scene.owner.address());
    scene.place(OrderSide::Sell, [Some(450), Some(550), Some(100)]);
    scene
        .world
        .give_back(&scene.owner, 1)
        .expect_refusal(OrderError::StillFillable);
    scene.push(1);
    assert_eq!(scene.watch(), TriggerProgress::Armed);
    scene.world.take_back(&scene.owner, 1).expect("a return");
    assert_eq!(scene.world.lamports(scene.owner.address()), lamports);

    // Expired, it goes back by anybody for one tip.
    scene.place(OrderSide::Sell, [Some(300), None, None]);
    let expires_at = scene.world.order(&scene.owner, 1).expires_at;
    scene.world.markets.go_to_second(expires_at + 1);
    scene
        .world
        .watch(&scene.owner, 1)
        .expect_refusal(OrderError::Expired);
    scene.world.give_back(&scene.owner, 1).expect("a return");
    let lamports_now = scene.world.lamports(scene.owner.address());
    assert_eq!(lamports_now, lamports - TIP);
}

#[test]
fn market_that_is_over_triggers_nothing() {
    let mut scene = Scene::new();
    let terms = OrderTerms {
        expires_at: scene.world.markets.seconds() + 24 * 3_600,
        ..scene.terms(OrderSide::Sell, [Some(450), None, None])
    };
    scene.world.place(&scene.owner, 1, terms).expect("an order");
    scene.push(1);
    assert_eq!(scene.watch(), TriggerProgress::Armed);
    let until = scene
        .world
        .markets
        .state(scene.world.market)
        .hours
        .trading_until;
    scene.world.markets.go_to_second(until);
    scene
        .world
        .watch(&scene.owner, 1)
        .expect_refusal(OrderError::NotTrading);
    let before = scene.world.order(&scene.owner, 1);
    assert!(before.trigger.is_some());
    scene.world.give_back(&scene.owner, 1).expect("a return");
    let position = scene
        .world
        .markets
        .position(scene.world.market, &scene.owner);
    assert_eq!(position.holdings.shares, [SETS, SETS]);
}

/// Prices have no weight within the last second of trading, once it was looked at: an average up to the
/// present slot would be too low.
#[test]
fn last_second_of_trading_fires_nothing_by_itself() {
    let mut scene = Scene::new();
    let mut terms = OrderTerms {
        expires_at: scene.world.markets.seconds() + 24 * 3_600,
        ..scene.terms(OrderSide::Sell, [Some(480), None, None])
    };
    let trigger = terms.trigger.as_mut().expect("a trigger");
    trigger.window_slots = MIN_TRIGGER_SLOTS;
    scene.world.place(&scene.owner, 1, terms).expect("an order");
    let market = scene.world.market;
    let until = scene.world.markets.state(market).hours.trading_until;
    scene.world.markets.go_to_second(until - 11);
    // A wick within a slot; the price is .5 throughout.
    scene.push(1);
    assert_eq!(scene.watch(), TriggerProgress::Armed);
    let pushed = scene.world.markets.position(market, &scene.mover);
    let held = pushed.holdings.shares[1];
    scene
        .world
        .markets
        .sell(&scene.mover, market, 1, held)
        .expect("a sale");
    scene.world.markets.go_to_second(until - 1);
    scene.nothing_to_watch();
    scene.world.observe().expect("a reading");
    scene.world.markets.world.chain.advance(2, 800);
    scene.nothing_to_watch();
}

#[test]
fn triggers_that_make_no_sense_are_refused() {
    let mut scene = Scene::new();
    let sell = |trigger| (OrderSide::Sell, trigger);
    for (side, trigger) in [
        sell([None, None, None]),
        sell([Some(0), None, None]),
        sell([None, Some(1_000), None]),
        sell([Some(600), Some(500), None]),
        (OrderSide::Buy, [Some(500), Some(600), None]),
        sell([None, None, Some(0)]),
    ] {
        let terms = scene.terms(side, trigger);
        scene
            .world
            .place(&scene.owner, 1, terms)
            .expect_refusal(OrderError::TriggerOutOfRange);
    }
    for window_slots in [0, MIN_TRIGGER_SLOTS - 1, MAX_TRIGGER_SLOTS + 1] {
        let mut terms = scene.terms(OrderSide::Sell, [Some(450), None, None]);
        terms.trigger.as_mut().expect("a trigger").window_slots = window_slots;
        scene
            .world
            .place(&scene.owner, 1, terms)
            .expect_refusal(OrderError::TriggerOutOfRange);
    }
}

#[test]
fn trigger_looks_at_its_own_market_alone() {
    let mut scene = Scene::new();
    scene.place(OrderSide::Sell, [Some(450), None, None]);
    scene.push(1);
    let terms = scene.world.markets.terms(2);
    let other = scene.world.markets.market(terms);
    let watch = scene.world.build_watch(&scene.owner, 1).instruction();
    for (own, replaced) in [
        (scene.world.market, other),
        (scene.world.desk, client::addresses::orders::desk(&other)),
    ] {
        let swapped = with_account(watch.clone(), own, replaced);
        let refused = scene.world.send(&[swapped], &[]);
        assert!(refused.is_err(), "{refused:?}");
    }
    let order = scene.world.order(&scene.owner, 1);
    assert_eq!(order.trigger.expect("a trigger").armed, None);
    let open = OpenDesk {
        payer: scene.world.opener.address(),
        market: other,
        vault: None,
        mint: scene.world.markets.mint.address,
        token_program: scene.world.markets.token_program(),
    };
    let opener = scene.world.opener.key.insecure_clone();
    let others = client::addresses::orders::desk(&other);
    scene.world.markets.know_position(others, other);
    scene
        .world
        .markets
        .send(open.instruction(), &[&opener])
        .expect("a desk");
    let swapped = with_account(watch, scene.world.desk, others);
    scene
        .world
        .send(&[swapped], &[])
        .expect_refusal(OrderError::WrongAccount);
    let state: Desk = scene.world.state();
    assert_eq!(state.open_orders, 1);
}
