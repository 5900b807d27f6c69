//! Orders that are filled against each other: who pays and gets what, and what must not work.

use client::instructions::{markets::TransferShares, orders::*};
use math::Price;
use orders::error::OrderError;
use testbed::{thousandths, DeskWorld, ExpectError, KeySource, SendError, Trader, PURSE, TIP};

use crate::support::with_account;

/// Of each side of a crossing: base units, or shares.
const TOTAL: u64 = 10_000_000;
const SETS: u64 = 100_000_000;

/// A desk and two owners, each with complete sets, whose orders have nonce 1.
struct Scene {
    world: DeskWorld,
    older: Trader,
    newer: Trader,
}

impl Scene {
    fn new() -> Self {
        Self::with(DeskWorld::start())
    }

    fn with(mut world: DeskWorld) -> Self {
        let [older, newer] = [(); 2].map(|()| world.trader());
        for owner in [&older, &newer] {
            let market = world.market;
            world.markets.split(owner, market, SETS).expect("sets");
        }
        Self {
            world,
            older,
            newer,
        }
    }

    /// An order of one slice within a limit in thousandths.
    fn terms(&self, side: OrderSide, outcome: u8, total: u64, limit: u64) -> OrderTerms {
        OrderTerms {
            outcome,
            plan: OrderPlan::Iceberg {
                shown: total,
                interval_seconds: 60,
                limit: thousandths(limit),
            },
            ..self.world.iceberg(side, total, limit)
        }
    }

    fn place(&mut self, older: OrderTerms, newer: OrderTerms) {
        for (owner, terms) in [(&self.older, older), (&self.newer, newer)] {
            self.world.place(owner, 1, terms).expect("an order");
        }
    }

    fn cross(&mut self) -> Result<testbed::Receipt, SendError> {
        self.world.cross((&self.older, 1), (&self.newer, 1))
    }

    /// Has both orders returned, and says by how much the money and the shares of both outcomes of each
    /// owner changed.
    fn changes(&mut self) -> [(i64, [i64; 2]); 2] {
        let change = |now: u64, before: u64| now as i64 - before as i64;
        let owners = [&self.older, &self.newer];
        owners.map(|owner| {
            self.world.take_back(owner, 1).expect("a return");
            let markets = &self.world.markets;
            let held = markets.position(self.world.market, owner).holdings.shares;
            (
                change(markets.balance(owner.tokens), PURSE - SETS),
                [change(held[0], SETS), change(held[1], SETS)],
            )
        })
    }
}

use OrderSide::{Buy, Sell};

/// At .5 with a fee of 1 % the curve asks .505 and gives .495. Between the two the older one's limit
/// is the price.
#[test]
fn purchase_and_sale_of_an_outcome_trade_at_the_older_ones_limit() {
    // A share costs .5 of the purchase, which comes first, or .496 of the sale.
    for (older, newer, money, shares) in [
        ((Buy, 500), (Sell, 496), 5_000_000, TOTAL),
        ((Sell, 496), (Buy, 500), 4_960_000, TOTAL),
    ] {
        let mut scene = Scene::new();
        let [first, second] = [older, newer].map(|(side, limit)| {
            // The purchase of more money than the sale takes.
            scene.terms(side, 0, TOTAL, limit)
        });
        scene.place(first, second);
        let state = scene.world.state();
        let before = scene.world.keeper_lamports();
        scene.cross().expect("a crossing");
        let after = scene.world.state();
        assert_eq!(after.cash, state.cash, "money stays in the desk");
        assert_eq!(after.shares, state.shares, "shares stay in the desk");
        // The sale is filled whole.
        assert_eq!(scene.world.keeper_lamports(), before + TIP);
        let bought = (-money, [shares as i64, 0]);
        let sold = (money, [-(shares as i64), 0]);
        let expected = match older.0 {
            Buy => [bought, sold],
            Sell => [sold, bought],
        };
        assert_eq!(scene.changes(), expected);
    }
}

#[test]
fn purchases_of_both_outcomes_make_sets() {
    let mut scene = Scene::new();
    let terms = [(0, TOTAL, 498), (1, TOTAL, 504)];
    let [older, newer] =
        terms.map(|(outcome, total, limit)| scene.terms(Buy, outcome, total, limit));
    scene.place(older, newer);
    let cash = scene.world.markets.state(scene.world.market).pool.cash;
    let before = scene.world.keeper_lamports();
    scene.cross().expect("a crossing");
    // The other one's money goes first: a share of his outcome costs .502.
    let sets = 19_920_318;
    let pool = scene.world.markets.state(scene.world.market).pool;
    assert_eq!(pool.cash, cash + sets);
    assert_eq!(scene.world.state().cash, 2 * TOTAL - sets);
    assert_eq!(scene.world.keeper_lamports(), before + TIP);
    let sets = sets as i64;
    assert_eq!(
        scene.changes(),
        [(-(sets - 10_000_000), [sets, 0]), (-10_000_000, [0, sets])]
    );
}

#[test]
fn sales_of_both_outcomes_merge_sets() {
    let mut scene = Scene::new();
    let terms = [(1, 7_000_001, 501), (0, TOTAL, 496)];
    let [older, newer] =
        terms.map(|(outcome, total, limit)| scene.terms(Sell, outcome, total, limit));
    scene.place(older, newer);
    let cash = scene.world.markets.state(scene.world.market).pool.cash;
    scene.cross().expect("a crossing");
    let pool = scene.world.markets.state(scene.world.market).pool;
    assert_eq!(pool.cash, cash - 7_000_001);
    // 3,507,000.501, rounded up for the older one.
    assert_eq!(
        scene.changes(),
        [(3_507_001, [0, -7_000_001]), (3_493_000, [-7_000_001, 0])]
    );
}

/// Whatever the limit of who came first, nobody pays more than the curve asks, and gets no less.
#[test]
fn nobody_is_worse_off_than_at_the_curve() {
    for (older, newer, money) in [
        ((Buy, 900), (Sell, 100), 5_049_999),
        ((Sell, 100), (Buy, 900), 4_950_001),
    ] {
        let mut scene = Scene::new();
        let [first, second] =
            [older, newer].map(|(side, limit)| scene.terms(side, 0, TOTAL, limit));
        scene.place(first, second);
        scene.cross().expect("a crossing");
        let changes = scene.changes();
        let is_purchase = older.0 == Buy;
        assert_eq!(changes[0].0, if is_purchase { -money } else { money });
        assert_eq!(changes[1].0, -changes[0].0);
    }
    // Limits that cross where the curve is better for one of the two.
    for (bought, sold) in [(900, 506), (494, 100)] {
        let mut scene = Scene::new();
        let [first, second] =
            [(Buy, bought), (Sell, sold)].map(|(side, limit)| scene.terms(side, 0, TOTAL, limit));
        scene.place(first, second);
        scene.cross().expect_refusal(OrderError::LimitsApart);
    }
}

/// Who pushes the price in the same transaction, up or down, has no more of an order than the curve had of
/// it before.
#[test]
fn price_of_a_moment_is_nobodys_to_cross_at() {
    let mut best = i64::MIN;
    for push in [1_000_000, 10_000_000, 30_000_000, 100_000_000] {
        for is_older in [true, false] {
            let mut scene = Scene::new();
            let victim = scene.terms(Buy, 0, TOTAL, 900);
            let own = scene.terms(Sell, 0, 2 * TOTAL, 1);
            let mover = if is_older {
                scene.place(own, victim);
                &scene.older
            } else {
                scene.place(victim, own);
                &scene.newer
            };
            let (market, build) = (scene.world.market, &scene.world.markets);
            let quote = market_core::pool::Order::Stake(math::Money(push));
            let shares = build
                .quote(market, 0, quote)
                .expect("a quote")
                .fill
                .shares
                .0;
            let crossing = scene
                .world
                .build_match((&scene.older, 1), (&scene.newer, 1));
            let sandwich = [
                build.build_buy(mover, market, 0, push).instruction(),
                crossing.instruction(),
                build.build_sell(mover, market, 0, shares).instruction(),
            ];
            let key = mover.key.insecure_clone();
            let crossed = scene.world.send(&sandwich, &[&key]);
            if crossed.is_err() {
                crossed.expect_refusal(OrderError::LimitsApart);
                continue;
            }
            let changes = scene.changes();
            let (money, [held, _]) = changes[usize::from(!is_older)];
            // Shares at what the curve asked for one of them before.
            best = best.max(money + held * 505 / 1_000);
        }
    }
    println!("at best {best}");
    assert!(best <= 0, "{best}");
}

#[test]
fn what_is_left_of_a_slice_is_filled_by_the_curve_for_its_one_tip() {
    let mut scene = Scene::new();
    let older = OrderTerms {
        total: 2 * TOTAL,
        ..scene.terms(Sell, 0, TOTAL, 490)
    };
    let newer = scene.terms(Buy, 0, 3_000_000, 510);
    scene.place(older, newer);
    scene.cross().expect("a crossing");
    // At .495, what the curve gives: 3,000,000 / .495 shares, rounded down.
    let sold = 6_060_606;
    let state = scene.world.order(&scene.older, 1);
    assert_eq!((state.money, state.left), (3_000_000, 2 * TOTAL - sold));
    assert_eq!((state.slice_filled, state.fills), (sold, 0));
    assert_eq!(scene.world.order(&scene.newer, 1).left, 0);

    let (market, before) = (scene.world.market, scene.world.keeper_lamports());
    let order = market_core::pool::Order::Sell(math::Shares(TOTAL - sold));
    let quote = scene.world.markets.quote(market, 0, order);
    let returned = quote.expect("a quote").fill.amount.0;
    scene.world.fill(&scene.older, 1).expect("a fill");
    assert_eq!(scene.world.keeper_lamports(), before + TIP);
    let state = scene.world.order(&scene.older, 1);
    assert_eq!((state.money, state.left), (3_000_000 + returned, TOTAL));
    assert_eq!((state.slice_filled, state.fills), (0, 1));
    scene
        .world
        .fill(&scene.older, 1)
        .expect_refusal(OrderError::NotDue);
}

/// Somebody takes all but a unit of each slice, which nobody can fill: the next slice is due when it
/// would have been, and the rest was left in the order.
#[test]
fn who_leaves_dust_of_a_slice_holds_nothing_up() {
    let mut scene = Scene::new();
    let shown = 1_000_000;
    let victim = OrderTerms {
        total: 3 * shown,
        ..scene.terms(Buy, 0, shown, 505)
    };
    // 999,999 base units at .505.
    let dust = scene.terms(Sell, 0, 1_980_197, 1);
    let lamports = scene.world.lamports(scene.older.address());
    scene.place(victim, dust);
    let tips = scene.world.keeper_lamports();
    scene.cross().expect("a crossing");
    let state = scene.world.order(&scene.older, 1);
    assert_eq!((state.slice_filled, state.left), (shown - 1, 2 * shown + 1));
    assert!(scene.world.fill(&scene.older, 1).is_err(), "a base unit");
    scene.world.pass(2 * 60);
    assert!(scene.world.fill(&scene.older, 1).is_err(), "not due");
    scene.world.pass(2 * 60);
    let again = scene.terms(Sell, 0, 5_000_000, 1);
    scene.world.place(&scene.newer, 2, again).expect("an order");
    scene
        .world
        .cross((&scene.older, 1), (&scene.newer, 2))
        .expect("a whole slice");
    let state = scene.world.order(&scene.older, 1);
    assert_eq!((state.left, state.fills), (shown + 1, 1));
    scene.world.take_back(&scene.older, 1).expect("a return");
    // One slice was filled whole.
    let spent = lamports - scene.world.lamports(scene.older.address());
    assert_eq!(spent, TIP);
    // Of the two sales the one that was filled whole tips as well.
    assert_eq!(scene.world.keeper_lamports(), tips + 2 * TIP);
}

#[test]
fn orders_that_may_not_be_filled_now_are_not_crossed() {
    let trigger = |terms: &mut OrderTerms| {
        terms.trigger = Some(TriggerTerms {
            stop: Some(thousandths(600)),
            take: None,
            trail: None,
            window_slots: 150,
        });
    };
    type Change = fn(&mut OrderTerms);
    let changes: [(Change, OrderError); 3] = [
        (trigger, OrderError::NotTriggered),
        (|terms| terms.outcome = 1, OrderError::NothingToCross),
        (|terms| terms.side = Sell, OrderError::NothingToCross),
    ];
    for (change, error) in changes {
        let mut scene = Scene::new();
        let mut older = scene.terms(Buy, 0, TOTAL, 510);
        change(&mut older);
        let newer = scene.terms(Sell, 0, TOTAL, 490);
        scene.place(older, newer);
        scene.cross().expect_refusal(error);
    }
}

#[test]
fn crossing_keeps_to_age_owner_time_and_market() {
    const DAY: i64 = 24 * 60 * 60;
    let world = DeskWorld::start_with(KeySource::Random, 2, |args| args.locks_at += 30 * DAY);
    let mut scene = Scene::with(world);
    let expires_at = scene.world.markets.seconds() + 20 * DAY;
    let older = OrderTerms {
        total: 2 * TOTAL,
        expires_at,
        ..scene.terms(Buy, 0, TOTAL, 510)
    };
    let newer = OrderTerms {
        expires_at,
        ..scene.terms(Sell, 0, 4 * TOTAL, 490)
    };
    scene.place(older, newer);
    let own = scene.terms(Sell, 0, TOTAL, 490);
    scene.world.place(&scene.older, 2, own).expect("an order");
    let expiring = OrderTerms {
        expires_at: scene.world.markets.seconds() + 65,
        ..own
    };
    scene
        .world
        .place(&scene.newer, 3, expiring)
        .expect("an order");
    let (first, second) = ((&scene.older, 1), (&scene.newer, 1));
    scene
        .world
        .cross(second, first)
        .expect_refusal(OrderError::WrongAge);
    let twice = scene.world.cross(first, first);
    assert!(twice.is_err(), "with itself");
    scene
        .world
        .cross(first, (&scene.older, 2))
        .expect_refusal(OrderError::SelfCrossing);

    let crossing = scene.world.build_match(first, second).instruction();
    let keeper = scene.world.keeper.insecure_clone();
    let terms = scene.world.markets.terms(2);
    let other = scene.world.markets.market(terms);
    for (own, replaced) in [
        (scene.world.market, other),
        (scene.world.desk, client::addresses::orders::desk(&other)),
        (scene.world.desk_tokens(), scene.older.tokens),
        (
            client::addresses::markets::position(&scene.world.market, &scene.world.desk),
            client::addresses::markets::position(&scene.world.market, &scene.older.address()),
        ),
    ] {
        let swapped = with_account(crossing.clone(), own, replaced);
        let refused = scene.world.send(&[swapped], &[&keeper]);
        assert!(refused.is_err(), "{own} for {replaced}");
    }

    scene.world.cross(first, second).expect("a crossing");
    scene
        .world
        .cross(first, second)
        .expect_refusal(OrderError::NotDue);
    scene.world.pass(180);
    scene
        .world
        .cross(first, (&scene.newer, 3))
        .expect_refusal(OrderError::Expired);
    scene.world.markets.pause().expect("a pause");
    scene
        .world
        .cross(first, second)
        .expect_refusal(OrderError::VenuePaused);
    let creator = scene.world.markets.creator();
    scene.world.markets.unpause().expect("its end");
    // The average reaches over the pause.
    scene
        .world
        .cross(first, second)
        .expect_refusal(OrderError::AverageBroken);
    let market = scene.world.market;
    scene
        .world
        .markets
        .propose(&creator, market, 0)
        .expect("a proposal");
    scene
        .world
        .cross(first, second)
        .expect_refusal(OrderError::NotTrading);
    for (owner, nonce) in [first, (&scene.older, 2), second, (&scene.newer, 3)] {
        scene.world.give_back(owner, nonce).expect("a return");
    }
    scene.world.close().expect("a closing");
}

/// More than two outcomes make no set of two orders.
#[test]
fn complements_of_more_than_two_outcomes_do_not_cross() {
    let world = DeskWorld::start_with(KeySource::Random, 3, |_| {});
    let mut scene = Scene::with(world);
    let [older, newer] = [0, 1].map(|outcome| scene.terms(Buy, outcome, TOTAL, 900));
    scene.place(older, newer);
    scene.cross().expect_refusal(OrderError::NothingToCross);
    let sale = scene.terms(Sell, 1, TOTAL, 100);
    scene.world.place(&scene.older, 2, sale).expect("an order");
    scene
        .world
        .cross((&scene.newer, 1), (&scene.older, 2))
        .expect("a crossing of one outcome");
}

/// Shares of the same position that are nobody's are not sold, and gifts change no crossing.
#[test]
fn gifts_to_the_desk_are_not_crossed() {
    let mut scene = Scene::new();
    let gift = TransferShares {
        owner: scene.older.address(),
        market: scene.world.market,
        receiver: scene.world.desk,
        outcome: 1,
        shares: 500,
    };
    let key = scene.older.key.insecure_clone();
    scene
        .world
        .send(&[gift.instruction()], &[&key])
        .expect("a gift");
    let [older, newer] = [0, 1].map(|outcome| scene.terms(Sell, outcome, 1_000, 100));
    scene.place(older, newer);
    scene.cross().expect("a crossing");
    let state = scene.world.state();
    assert_eq!(
        (state.cash, state.shares[0], state.shares[1]),
        (1_000, 0, 0)
    );
    assert_eq!(scene.changes()[0], (496, [-1_000, -500]));
}

/// An order that fired waits for others from then on, not from when it was placed.
#[test]
fn order_is_as_old_as_its_beginning() {
    let mut scene = Scene::new();
    let waiting = OrderTerms {
        trigger: Some(TriggerTerms {
            stop: None,
            take: Some(thousandths(499)),
            trail: None,
            window_slots: 25,
        }),
        ..scene.terms(Sell, 0, TOTAL, 496)
    };
    let plain = scene.terms(Buy, 0, TOTAL, 502);
    scene.place(waiting, plain);
    scene.world.watch(&scene.older, 1).expect("armed");
    scene.world.pass(30);
    scene.world.watch(&scene.older, 1).expect("fired");
    scene.cross().expect_refusal(OrderError::WrongAge);
    scene
        .world
        .cross((&scene.newer, 1), (&scene.older, 1))
        .expect("a crossing");
    // At the limit of the purchase, which began first.
    let price = Price(thousandths(502));
    let paid = (u128::from(TOTAL) * u128::from(price.0)) >> 63;
    assert_eq!(u128::from(scene.world.order(&scene.older, 1).money), paid);
}
