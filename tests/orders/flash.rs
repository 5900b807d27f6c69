//! Orders on flash markets without bet delay: every kind to its end with exact balances, and what insiders
//! of a vault and strangers try.

use anchor_lang::{error::ErrorCode, prelude::Pubkey};
use client::{
    addresses::flash_bets as flash_addresses,
    instructions::{flash_bets::OpenTicket, orders::*, signed_by},
};
use flash_bets::{
    error::FlashError,
    state::{Order, TICKET_HOLD_SECONDS},
};
use market_core::{Fill, MarketStatus};
use orders::error::OrderError;
use testbed::{thousandths, ExpectError, FlashDeskWorld, KeySource, User, PURSE, TIP};

const STAKE: u64 = 50_000_000;
const SLICE: u64 = 2_000_000;
const TOTAL: u64 = 4 * SLICE;
const WINDOW: u32 = 25;

/// An owner with a ticket that holds shares of both outcomes, and his order.
struct Scene {
    world: FlashDeskWorld,
    owner: User,
    side: OrderSide,
    /// What the owner had before the order: base units, shares of the first outcome, lamports.
    had: (u64, u64, u64),
    filled: u64,
    got: u64,
    tips: u64,
}

impl Scene {
    fn new(side: OrderSide, plan: OrderPlan) -> Self {
        Self::with(side, |terms| terms.plan = plan)
    }

    fn with(side: OrderSide, change: impl FnOnce(&mut OrderTerms)) -> Self {
        let mut world = FlashDeskWorld::start();
        let owner = bettor(&mut world);
        let address = owner.address();
        let had = (
            world.flash.balance(owner.tokens),
            held(&world, &owner, 0),
            world.lamports(address),
        );
        let mut terms = world.iceberg(side, TOTAL, far(side));
        terms.expires_at = world.seconds() + 4 * 60;
        change(&mut terms);
        world.place(&owner, 1, terms).expect("an order");
        Self {
            world,
            owner,
            side,
            had,
            filled: 0,
            got: 0,
            tips: 0,
        }
    }

    /// What a slice comes to by the market's own quote.
    fn quote(&self) -> Fill {
        let order = match self.side {
            OrderSide::Buy => Order::Stake {
                stake: SLICE,
                min_shares: 0,
            },
            OrderSide::Sell => Order::Sell {
                shares: SLICE,
                min_return: 0,
            },
        };
        let flash = &self.world.flash;
        let market = flash.market_state(self.world.market);
        market
            .quote(flash.chain().clock(), 0, order)
            .expect("a quote")
    }

    fn fill(&mut self) {
        let quote = self.quote();
        let before = self.world.lamports(self.keeper());
        self.world.fill(&self.owner, 1).expect("a fill");
        assert_eq!(self.world.lamports(self.keeper()), before + TIP);
        self.filled += SLICE;
        self.got += match self.side {
            OrderSide::Buy => quote.shares.0,
            OrderSide::Sell => quote.amount.0,
        };
        self.tips += 1;
    }

    fn keeper(&self) -> Pubkey {
        self.world.accounts().keeper
    }

    /// A crank that is refused changes nothing and pays nobody.
    #[track_caller]
    fn nothing_is_filled(&mut self, error: impl testbed::Expected) {
        let said = |scene: &Self| {
            (
                format!("{:?}", scene.world.find_order(&scene.owner, 1)),
                format!("{:?}", scene.world.state()),
                scene.world.lamports(scene.keeper()),
            )
        };
        let before = said(self);
        self.world.fill(&self.owner, 1).expect_refusal(error);
        assert_eq!(before, said(self));
    }

    /// The order is gone, and its owner has what was not filled and what fills brought.
    #[track_caller]
    fn has_all_back(&self, tips: u64) {
        let (money, shares, lamports) = self.had;
        let (spent, got) = match self.side {
            OrderSide::Buy => ((self.filled, 0), (0, self.got)),
            OrderSide::Sell => ((0, self.filled), (self.got, 0)),
        };
        assert_eq!(
            self.world.flash.balance(self.owner.tokens),
            money - spent.0 + got.0
        );
        assert_eq!(held(&self.world, &self.owner, 0), shares - spent.1 + got.1);
        let address = self.owner.address();
        assert_eq!(self.world.lamports(address), lamports - tips * TIP);
        assert!(self.world.find_order(&self.owner, 1).is_none());
    }
}

/// Somebody who bet on both outcomes alike.
fn bettor(world: &mut FlashDeskWorld) -> User {
    let user = world.user();
    let market = world.market;
    for outcome in 0..2 {
        let bet = world.flash.place(&user, market, outcome, STAKE);
        bet.expect("a bet");
    }
    user
}

fn held(world: &FlashDeskWorld, user: &User, outcome: usize) -> u64 {
    let ticket = world.flash.ticket(world.market, user);
    ticket.holdings.shares[outcome]
}

/// A limit that every price here is within.
fn far(side: OrderSide) -> u64 {
    thousandths(match side {
        OrderSide::Buy => 600,
        OrderSide::Sell => 400,
    })
}

fn plans(side: OrderSide) -> [OrderPlan; 3] {
    let limit = far(side);
    [
        OrderPlan::Iceberg {
            shown: SLICE,
            interval_seconds: 60,
            limit,
        },
        OrderPlan::Twap { slices: 4, limit },
        OrderPlan::Gradual {
            slices: 4,
            limit_from: limit,
            limit_to: thousandths(500),
        },
    ]
}

const SIDES: [OrderSide; 2] = [OrderSide::Buy, OrderSide::Sell];

#[test]
fn every_kind_is_filled_in_part_and_comes_back_exactly() {
    for side in SIDES {
        for plan in plans(side) {
            let mut scene = Scene::new(side, plan);
            scene.fill();
            scene.nothing_is_filled(OrderError::NotDue);
            scene.world.pass(150);
            scene.fill();
            scene.world.take_back(&scene.owner, 1).expect("a return");
            scene.has_all_back(2);
        }
    }
}

#[test]
fn order_that_is_filled_whole_is_returned_by_anybody() {
    for side in SIDES {
        let mut scene = Scene::new(side, plans(side)[0]);
        for _ in 0..4 {
            scene.fill();
            scene.world.pass(150);
        }
        scene.nothing_is_filled(OrderError::NothingLeft);
        scene.world.give_back(&scene.owner, 1).expect("a return");
        scene.has_all_back(5);
    }
}

#[test]
fn limit_and_expiry_bind() {
    for side in SIDES {
        let mut scene = Scene::with(side, |terms| {
            terms.plan = OrderPlan::Iceberg {
                shown: SLICE,
                interval_seconds: 60,
                limit: thousandths(500),
            };
        });
        scene.nothing_is_filled(FlashError::SlippageExceeded);
        let early = scene.world.give_back(&scene.owner, 1);
        early.expect_refusal(OrderError::StillFillable);
        scene.world.pass(5 * 150);
        scene.nothing_is_filled(OrderError::Expired);
        scene.world.give_back(&scene.owner, 1).expect("a return");
        scene.has_all_back(1);
    }
}

#[test]
fn owner_takes_an_order_back_in_every_state_of_the_market() {
    type Change = fn(&mut FlashDeskWorld);
    let states: [Change; 4] = [
        |_| {},
        |world| {
            world.flash.pause().expect("a pause");
        },
        |world| {
            let market = world.market;
            world.flash.suspend(market, 60).expect("a suspension");
        },
        |world| world.pass(60 * 150),
    ];
    for side in SIDES {
        for change in states {
            let mut scene = Scene::new(side, plans(side)[1]);
            scene.fill();
            change(&mut scene.world);
            scene.world.take_back(&scene.owner, 1).expect("a return");
            scene.has_all_back(1);
        }
    }
}

#[test]
fn market_that_is_over_gives_everything_back_for_one_tip() {
    for side in SIDES {
        let mut scene = Scene::with(side, |terms| terms.expires_at += 60 * 60);
        scene.fill();
        scene.world.pass(60 * 150);
        scene.nothing_is_filled(OrderError::TradingOver);
        scene.world.give_back(&scene.owner, 1).expect("a return");
        scene.has_all_back(2);
    }
}

/// A pause stops purchases, a suspension both; after it fills are near the slow price, in which the time
/// of it has no weight.
#[test]
fn pause_stops_purchases_and_suspension_all_fills() {
    for side in SIDES {
        let mut scene = Scene::new(side, plans(side)[0]);
        let market = scene.world.market;
        scene.world.observe().expect("a reading");
        scene.world.pass(150);
        scene.world.observe().expect("a reading");
        scene.world.flash.suspend(market, 30).expect("a suspension");
        scene.nothing_is_filled(FlashError::MarketSuspended);
        scene.world.pass(90);
        scene.fill();
        scene.world.pass(150);
        scene.world.flash.pause().expect("a pause");
        match side {
            OrderSide::Buy => scene.nothing_is_filled(FlashError::Paused),
            OrderSide::Sell => scene.fill(),
        }
    }
}

/// What the owner has once the market is settled: money for the order's shares too.
fn settled(side: OrderSide, end: fn(&mut FlashDeskWorld)) -> (Scene, [u64; 2]) {
    let mut scene = Scene::new(side, plans(side)[0]);
    scene.fill();
    end(&mut scene.world);
    let early = scene.world.give_back(&scene.owner, 1);
    early.expect_refusal(OrderError::DeskNotSettled);
    let market = scene.world.market;
    let payouts = scene.world.flash.market_state(market).settlement.payouts;
    scene.world.settle().expect("a settlement");
    scene.world.give_back(&scene.owner, 1).expect("a return");
    (scene, [payouts[0], payouts[1]])
}

#[test]
fn settled_market_pays_orders_in_money() {
    let ends: [fn(&mut FlashDeskWorld); 3] = [
        |world| {
            let market = world.market;
            world.flash.resolve(market, 0).expect("a result");
        },
        |world| {
            let market = world.market;
            world.flash.resolve(market, 1).expect("a result");
        },
        |world| {
            let market = world.market;
            let void_from = world.flash.market_state(market).void_from;
            world.flash.pass_to(void_from);
            world.flash.void(market).expect("a void");
        },
    ];
    for side in SIDES {
        for end in ends {
            let (mut scene, [payout, _]) = settled(side, end);
            let shares = match side {
                OrderSide::Buy => scene.got,
                OrderSide::Sell => TOTAL - SLICE,
            };
            let paid = u64::try_from((u128::from(shares) * u128::from(payout)) >> 63);
            let paid = paid.expect("an amount");
            let (money, own, _) = scene.had;
            let (back, own) = match side {
                OrderSide::Buy => (money - SLICE, own),
                OrderSide::Sell => (money + scene.got, own - TOTAL),
            };
            let world = &mut scene.world;
            assert_eq!(world.flash.balance(scene.owner.tokens), back + paid);
            assert_eq!(held(world, &scene.owner, 0), own);
            let accounts = [world.desk(), world.accounts().tokens_of(&world.desk())];
            world.close().expect("a closing");
            assert_eq!(accounts.map(|account| world.lamports(account)), [0; 2]);
            let market = world.market;
            world
                .flash
                .settle(market, &[&scene.owner])
                .expect("a payout");
            world.flash.close(market).expect("a closing");
            assert_eq!(world.lamports(market), 0);
        }
    }
}

#[test]
fn purchase_and_sale_of_one_outcome_cross_without_the_curve() {
    let mut world = FlashDeskWorld::start();
    let [buyer, seller] = [(); 2].map(|()| bettor(&mut world));
    let had = (held(&world, &buyer, 0), held(&world, &seller, 0));
    let money = [&buyer, &seller].map(|user| world.flash.balance(user.tokens));
    let price = thousandths(502);
    let terms = |world: &FlashDeskWorld, side, shown, limit| OrderTerms {
        plan: OrderPlan::Iceberg {
            shown,
            interval_seconds: 60,
            limit,
        },
        ..world.iceberg(side, shown, limit)
    };
    let buy = terms(&world, OrderSide::Buy, SLICE, price);
    world.place(&buyer, 1, buy).expect("an order");
    let sell = terms(&world, OrderSide::Sell, 2 * SLICE, thousandths(498));
    world.place(&seller, 1, sell).expect("an order");
    let market = world.market;
    let curve = world.flash.market_state(market).pool.curve;
    let own = world.cross((&buyer, 1), (&buyer, 1));
    own.expect_refusal(ErrorCode::ConstraintDuplicateMutableAccount);
    world.place(&buyer, 2, sell).expect("an order of his own");
    let own = world.cross((&buyer, 1), (&buyer, 2));
    own.expect_refusal(OrderError::SelfCrossing);
    world.take_back(&buyer, 2).expect("a return");
    let early = world.cross((&seller, 1), (&buyer, 1));
    early.expect_refusal(OrderError::WrongAge);
    world.cross((&buyer, 1), (&seller, 1)).expect("a match");
    assert_eq!(world.flash.market_state(market).pool.curve, curve);
    for user in [&buyer, &seller] {
        world.take_back(user, 1).expect("a return");
    }
    let shares = held(&world, &buyer, 0) - had.0;
    assert_eq!(held(&world, &seller, 0), had.1 - shares);
    let now = [&buyer, &seller].map(|user| world.flash.balance(user.tokens));
    assert_eq!(money[0] - now[0], now[1] - money[1]);
    // Within the older one's limit, to the unit.
    let most = u128::from(shares) * u128::from(price);
    assert!(u128::from(money[0] - now[0]) << 63 <= most);
    assert_eq!(shares, 3_984_064);
}

#[test]
fn purchases_of_both_outcomes_do_not_cross_where_there_are_no_sets() {
    let mut world = FlashDeskWorld::start();
    let [one, other] = [(); 2].map(|()| bettor(&mut world));
    for (owner, outcome) in [(&one, 0), (&other, 1)] {
        let terms = OrderTerms {
            outcome,
            ..world.iceberg(OrderSide::Buy, TOTAL, thousandths(520))
        };
        world.place(owner, 1, terms).expect("an order");
    }
    world
        .cross((&one, 1), (&other, 1))
        .expect_refusal(OrderError::NoSets);
}

fn stop(parts: u64) -> TriggerTerms {
    TriggerTerms {
        stop: Some(thousandths(parts)),
        take: None,
        trail: None,
        window_slots: WINDOW,
    }
}

/// A sale that waits for a price below .45, and a push there.
fn below_the_stop() -> Scene {
    let mut scene = Scene::with(OrderSide::Sell, |terms| {
        terms.trigger = Some(stop(450));
        terms.plan = OrderPlan::Iceberg {
            shown: SLICE,
            interval_seconds: 60,
            limit: thousandths(10),
        };
        terms.max_deviation = 1_000;
    });
    let early = scene.world.watch(&scene.owner, 1);
    early.expect_refusal(OrderError::NothingToWatch);
    push(&mut scene.world, 1, 400_000_000);
    scene.world.watch(&scene.owner, 1).expect("armed");
    scene
}

fn push(world: &mut FlashDeskWorld, outcome: u8, stake: u64) -> User {
    let mover = world.user();
    let market = world.market;
    let bet = world.flash.place(&mover, market, outcome, stake);
    bet.expect("a push");
    world.pass(1);
    mover
}

/// The slow price follows within four minutes; the average since it was armed is of the price that stood.
#[test]
fn stop_fires_on_the_average_since_it_was_armed() {
    let mut scene = below_the_stop();
    scene.nothing_is_filled(OrderError::NotTriggered);
    scene.world.pass(u64::from(WINDOW) - 1);
    let early = scene.world.watch(&scene.owner, 1);
    early.expect_refusal(OrderError::NothingToWatch);
    scene.world.pass(1);
    let before = scene.world.lamports(scene.keeper());
    scene.world.watch(&scene.owner, 1).expect("fired");
    assert_eq!(scene.world.lamports(scene.keeper()), before + TIP);
    let market = scene.world.flash.market_state(scene.world.market);
    assert!(market.pool.slow_prices[0] > thousandths(490), "it lags");
    // Two readings later the price of these minutes is the one to be near to.
    scene.nothing_is_filled(OrderError::DeviationTooGreat);
    scene.world.observe().expect("a reading");
    scene.world.pass(150);
    scene.world.observe().expect("a reading");
    scene.fill();
    scene.world.take_back(&scene.owner, 1).expect("a return");
    scene.has_all_back(2);
}

#[test]
fn wick_and_suspension_fire_nothing() {
    let mut scene = below_the_stop();
    push(&mut scene.world, 0, 400_000_000);
    scene.world.pass(WINDOW.into());
    let over = scene.world.watch(&scene.owner, 1);
    over.expect_refusal(OrderError::NothingToWatch);

    let mut scene = below_the_stop();
    let market = scene.world.market;
    scene.world.flash.suspend(market, 4).expect("a suspension");
    let held_back = scene.world.watch(&scene.owner, 1);
    held_back.expect_refusal(OrderError::NotTrading);
    scene.world.pass(u64::from(WINDOW) + 10);
    scene.world.watch(&scene.owner, 1).expect("armed anew");
    let order = scene.world.find_order(&scene.owner, 1).expect("an order");
    let trigger = order.trigger.expect("it did not fire");
    let slot = scene.world.flash.chain().slot();
    assert_eq!(trigger.armed.expect("armed").slot, slot);
}

/// Before two readings the slow price is what fills are near to; then a price that stood between them.
#[test]
fn fills_need_no_readings_and_go_by_them_once_they_are_there() {
    let mut scene = Scene::with(OrderSide::Buy, |_| {});
    assert_eq!(scene.world.state().later.slot, 0, "nobody has read it");
    scene.fill();
    push(&mut scene.world, 0, 200_000_000);
    scene.world.pass(60);
    scene.nothing_is_filled(OrderError::DeviationTooGreat);
    scene.world.pass(90);
    scene.fill();
}

#[test]
fn keeper_who_sandwiches_a_fill_gains_nothing() {
    for (slice, is_safe) in [(12_000_000, true), (16_000_000, false)] {
        let mut scene = Scene::with(OrderSide::Buy, |terms| {
            terms.total = slice;
            terms.plan = OrderPlan::Iceberg {
                shown: slice,
                interval_seconds: 0,
                limit: thousandths(600),
            };
        });
        let raider = scene.world.user();
        let market = scene.world.market;
        if !is_safe {
            scene.nothing_is_filled(OrderError::SliceTooLarge);
            continue;
        }
        let mut most = i128::MIN;
        for ahead in [100_000, 1_000_000, 3_000_000, 10_000_000] {
            let mut state = scene.world.flash.market_state(market);
            let now = market_core::Now::without_halts(
                scene.world.flash.chain().slot(),
                scene.world.seconds(),
            );
            let order = Order::Stake {
                stake: ahead,
                min_shares: 0,
            };
            let bought = state.trade(now, 0, order).expect("a bet").shares.0;
            let flash = &mut scene.world.flash;
            let first = flash.build_bet(&raider, market, 0, ahead).instruction();
            let last = flash
                .build_cash_out(&raider, market, 0, bought)
                .instruction();
            let fill = scene.world.accounts().fill(scene.owner.address(), 1);
            let before = scene.world.flash.balance(raider.tokens);
            let sent = [first, fill.instruction(), last];
            let sandwich = scene.world.send(&sent, &[&raider.key]);
            let gained = i128::from(scene.world.flash.balance(raider.tokens)) - i128::from(before);
            if sandwich.is_ok() {
                most = most.max(gained);
                break;
            }
            assert_eq!(gained, 0);
        }
        assert!(most < 0, "{most}");
    }
}

/// Who has the losing shares of a desk cannot have its ticket paid by itself and the market closed, after
/// which nobody could tell which shares won.
#[test]
fn nobody_settles_the_ticket_of_a_desk_for_a_day() {
    let (mut scene, market) = {
        let mut scene = Scene::new(OrderSide::Buy, plans(OrderSide::Buy)[0]);
        scene.fill();
        let market = scene.world.market;
        scene.world.flash.resolve(market, 0).expect("a result");
        (scene, market)
    };
    let desk = scene.world.desk();
    let (keeper, opener) = (scene.keeper(), scene.world.opener.address());
    let tokens = scene.world.accounts().tokens_of(&desk);
    let settle = |scene: &Scene| client::instructions::flash_bets::SettleTickets {
        market,
        token_program: scene.world.flash.token_program(),
        in_one_call: false,
        tickets: vec![client::instructions::flash_bets::SettledTicket {
            owner: desk,
            owner_tokens: tokens,
            rent_payer: opener,
        }],
    };
    let by_stranger = settle(&scene).instruction();
    let refused = scene.world.send(std::slice::from_ref(&by_stranger), &[]);
    refused.expect_refusal(FlashError::NothingSettled);
    scene
        .world
        .flash
        .settle(market, &[&scene.owner])
        .expect("a payout");
    let close = scene.world.flash.close(market);
    close.expect_refusal(FlashError::TicketsOpen);

    let settled_at = scene.world.flash.market_state(market).settled_at;
    scene.world.flash.pass_to(settled_at + TICKET_HOLD_SECONDS);
    scene
        .world
        .send(&[by_stranger], &[])
        .expect("after the day");
    scene.world.flash.close(market).expect("a closing");
    // One order alone has the average, which is all.
    scene.world.settle().expect("a settlement");
    let paid = scene.world.flash.balance(scene.owner.tokens);
    scene.world.give_back(&scene.owner, 1).expect("a return");
    let back = scene.world.flash.balance(scene.owner.tokens) - paid;
    assert_eq!(back, TOTAL - SLICE + scene.got);
    assert_ne!(keeper, opener);
    scene.world.close().expect("a closing");
}

/// A ticket that somebody opened for the desk before keeps no market without one, and its rent goes back.
#[test]
fn ticket_that_was_opened_for_a_desk_does_not_stop_it() {
    let mut world = FlashDeskWorld::without_desk(KeySource::Random, |_| {});
    let stranger = world.flash.user(0);
    let open = OpenTicket {
        rent_payer: stranger.address(),
        owner: world.desk(),
        market: world.market,
    };
    let lamports = world.lamports(stranger.address());
    let opened = world.send(&[open.instruction()], &[&stranger.key]);
    opened.expect("a ticket");
    world.open().expect("a desk");
    let market = world.market;
    world.flash.resolve(market, 0).expect("a result");
    let mut settle = world.accounts().settle();
    settle.rent_payer = stranger.address();
    let settled = world.send(&[settle.instruction()], &[]);
    settled.expect("a settlement");
    world.close().expect("a closing");
    assert_eq!(world.lamports(stranger.address()), lamports);
}

/// Nor does he who opened it stop the settlement by making a program of the address that its rent goes to.
#[test]
fn ticket_whose_rent_payer_becomes_a_program_is_settled() {
    let mut world = FlashDeskWorld::without_desk(KeySource::Random, |_| {});
    let stranger = world.flash.user(0);
    let open = OpenTicket {
        rent_payer: stranger.address(),
        owner: world.desk(),
        market: world.market,
    };
    let opened = world.send(&[open.instruction()], &[&stranger.key]);
    opened.expect("a ticket");
    world.open().expect("a desk");
    let chain = &mut world.flash.world.chain;
    let program = chain.become_program(stranger.address());
    program.expect("the chain");
    let lamports = world.lamports(stranger.address());
    let market = world.market;
    world.flash.resolve(market, 0).expect("a result");
    let mut settle = world.accounts().settle();
    settle.rent_payer = stranger.address();
    let settled = world.send(&[settle.instruction()], &[]);
    settled.expect("a settlement");
    world.close().expect("a closing");
    assert_eq!(world.lamports(stranger.address()), lamports);
}

#[test]
fn desk_stays_until_its_market_is_settled() {
    let mut world = FlashDeskWorld::start();
    world.close().expect_refusal(OrderError::TicketStays);
    let market = world.market;
    world.settle().expect_refusal(OrderError::MarketNotSettled);
    world.flash.resolve(market, 0).expect("a result");
    world.settle().expect("a settlement");
    world.settle().expect_refusal(OrderError::DeskSettled);
    world.close().expect("a closing");
}

#[test]
fn market_that_takes_no_fee_has_no_desk() {
    let mut free = FlashDeskWorld::without_desk(KeySource::Random, |terms| terms.fee_rate = 0);
    free.open().expect_refusal(OrderError::FeeFreeMarket);
}

#[test]
fn accounts_of_others_are_refused() {
    let mut scene = Scene::new(OrderSide::Sell, plans(OrderSide::Sell)[0]);
    let stranger = bettor(&mut scene.world);
    let market = scene.world.market;
    let [desks, owners, strangers] = [
        scene.world.desk(),
        scene.owner.address(),
        stranger.address(),
    ]
    .map(|owner| flash_addresses::ticket(&market, &owner));
    let other = scene.world.flash.user(0).address();
    let vault = scene.world.flash.vault;
    let accounts = scene.world.accounts();
    let owner = scene.owner.address();
    let fill = accounts.fill(owner, 1).instruction();
    let give = signed_by(accounts.give_back(owner, 1).instruction(), &owner);
    let observe = accounts.observe().instruction();
    for (good, from, to) in [
        (&fill, desks, strangers),
        (&fill, desks, owners),
        (&fill, vault, other),
        (&fill, market, vault),
        (&fill, flash_bets::ID, markets::ID),
        (&give, owners, strangers),
        (&give, desks, strangers),
        (&give, flash_bets::ID, markets::ID),
        (&observe, vault, other),
        (&observe, market, vault),
    ] {
        let mut bad = good.clone();
        for account in &mut bad.accounts {
            if account.pubkey == from {
                account.pubkey = to;
            }
        }
        let before = format!("{:?}", scene.world.state());
        let sent = scene.world.send(&[bad], &[&scene.owner.key]);
        assert!(sent.is_err(), "{from} for {to}");
        assert_eq!(before, format!("{:?}", scene.world.state()));
    }
    let state = scene.world.flash.market_state(market);
    assert!(state.settlement.is(MarketStatus::Open));
    assert_eq!(
        scene.world.flash.balance(stranger.tokens),
        PURSE - 2 * STAKE
    );
    scene.fill();
}
