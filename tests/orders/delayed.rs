//! Orders on flash markets with a bet delay: slices that wait there, to every end with exact balances, and what
//! who places, executes or books them tries.

use anchor_lang::{
    error::ErrorCode,
    prelude::Pubkey,
    solana_program::instruction::{AccountMeta, Instruction},
    AnchorDeserialize, Discriminator, Event,
};
use client::{
    addresses::{flash_bets as flash_addresses, orders as addresses},
    instructions::{
        flash_bets::{CloseReceipt, KeepReceipt},
        orders::*,
        signed_by,
    },
};
use flash_bets::{
    error::FlashError,
    state::{
        FlashMarket, Order, PendingOrder, Ticket, FROZEN_RECEIPT_SECONDS, TICKET_HOLD_SECONDS,
    },
};
use market_core::{Fill, Now};
use math::{
    order_bounds::{slice_load, WHOLE_LOAD},
    BasisPoints,
};
use orders::{
    error::OrderError,
    instructions::{OrderCancelled, SliceBooked, SlicePlaced},
    state::{DeskOrder, LEAST_SLICE_TIP_CAP_LAMPORTS},
};
use program_kit::EventHeader;
use solana_signer::Signer;
use testbed::{
    thousandths, ExpectError, FlashDeskWorld, ProgramKind, Receipt, User, SLICE_TIP, TIP,
};

const STAKE: u64 = 50_000_000;
const SLICE: u64 = 2_000_000;
const TOTAL: u64 = 4 * SLICE;
/// Slots of the bet delay, with the seconds of it.
const DELAY: u64 = 5;
const SIDES: [OrderSide; 2] = [OrderSide::Buy, OrderSide::Sell];

/// An owner with a ticket that holds shares of both outcomes, and his order.
struct Scene {
    world: FlashDeskWorld,
    owner: User,
    side: OrderSide,
    /// What the owner had before the order: base units, shares of the first outcome, lamports.
    had: (u64, u64, u64),
    filled: u64,
    got: u64,
}

impl Scene {
    fn new(side: OrderSide) -> Self {
        Self::with(side, |_| {})
    }

    fn with(side: OrderSide, change: impl FnOnce(&mut OrderTerms)) -> Self {
        let mut world = start();
        let owner = bettor(&mut world);
        let address = owner.address();
        let had = (
            world.flash.balance(owner.tokens),
            held(&world, &owner),
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
        }
    }

    fn place_slice(&mut self) {
        self.world.place_slice(&self.owner, 1).expect("a slice");
    }

    fn execute(&mut self) {
        self.world
            .execute_slice(&self.owner, 1)
            .expect("an execution");
    }

    fn book(&mut self) {
        self.world.book_slice(&self.owner, 1).expect("a booking");
    }

    /// Places, executes and books a slice that is filled; the keeper gets the tip and his rent.
    fn fill(&mut self) {
        let before = self.world.lamports(self.keeper());
        self.place_slice();
        self.world.pass(DELAY);
        self.execute_and_book();
        let gained = TIP - SLICE_TIP;
        assert_eq!(self.world.lamports(self.keeper()), before + gained);
    }

    fn execute_and_book(&mut self) {
        let quote = quote(&self.world, self.side, SLICE);
        self.execute();
        self.book();
        self.filled += SLICE;
        self.got += match self.side {
            OrderSide::Buy => quote.shares.0,
            OrderSide::Sell => quote.amount.0,
        };
    }

    fn order(&self) -> DeskOrder {
        self.world.find_order(&self.owner, 1).expect("an order")
    }

    fn pending(&self) -> PendingOrder {
        self.world.flash.read(self.pending_address())
    }

    fn pending_address(&self) -> Pubkey {
        let order = addresses::order(&self.world.desk(), &self.owner.address(), 1);
        addresses::slice(&self.world.market, &order)
    }

    fn keeper(&self) -> Pubkey {
        self.world.accounts().keeper
    }

    /// Money and shares that are the order's, with what is in the market of them.
    fn put_in(&self) -> u64 {
        let order = self.order();
        let in_flight = order.in_flight.map_or(0, |slice| slice.amount);
        in_flight
            + match self.side {
                OrderSide::Buy => order.money,
                OrderSide::Sell => order.shares,
            }
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
        assert_eq!(held(&self.world, &self.owner), shares - spent.1 + got.1);
        let address = self.owner.address();
        assert_eq!(self.world.lamports(address), lamports - tips * TIP);
        assert!(self.world.find_order(&self.owner, 1).is_none());
        assert_eq!(self.world.lamports(self.pending_address()), 0);
        let market = self.world.flash.market_state(self.world.market);
        assert_eq!((market.escrow, market.pending_orders), (0, 0));
    }
}

/// A market of an hour on what may be known while it trades, in which bets wait for two seconds and are
/// executed in four more.
fn start() -> FlashDeskWorld {
    FlashDeskWorld::start_with(|terms| {
        terms.observe_at_ms -= u64::from(terms.duration_seconds) * 1_000;
        terms.delay_ms = 2_000;
        terms.execution_seconds = 4;
    })
}

/// Somebody who bet on both outcomes alike.
fn bettor(world: &mut FlashDeskWorld) -> User {
    let user = world.user();
    for outcome in 0..2 {
        bet(world, &user, outcome, STAKE);
    }
    user
}

/// Bets, and has it executed once it may be.
fn bet(world: &mut FlashDeskWorld, user: &User, outcome: u8, stake: u64) {
    let market = world.market;
    let placed = world.flash.place(user, market, outcome, stake);
    placed.expect("a bet");
    let nonce = world.flash.nonce;
    world.pass(DELAY);
    let executed = world.flash.execute(user, market, nonce);
    executed.expect("an execution");
}

fn held(world: &FlashDeskWorld, user: &User) -> u64 {
    world.flash.ticket(world.market, user).holdings.shares[0]
}

/// A limit that every price here is within.
fn far(side: OrderSide) -> u64 {
    thousandths(match side {
        OrderSide::Buy => 600,
        OrderSide::Sell => 400,
    })
}

/// What a slice comes to by the market's own quote.
fn quote(world: &FlashDeskWorld, side: OrderSide, amount: u64) -> Fill {
    let order = match side {
        OrderSide::Buy => Order::Stake {
            stake: amount,
            min_shares: 0,
        },
        OrderSide::Sell => Order::Sell {
            shares: amount,
            min_return: 0,
        },
    };
    let mut market = world.flash.market_state(world.market);
    let now = Now::without_halts(world.flash.chain().slot(), world.seconds());
    market.trade(now, 0, order).expect("a quote")
}

#[test]
fn slice_waits_is_executed_and_booked() {
    for side in SIDES {
        let mut scene = Scene::new(side);
        let keeper = scene.world.lamports(scene.keeper());
        scene.place_slice();
        let order = scene.order();
        assert_eq!(order.in_flight.map(|slice| slice.amount), Some(SLICE));
        assert_eq!(order.money + order.shares, TOTAL - SLICE);
        let rent = scene.world.lamports(scene.pending_address());
        assert_eq!(scene.world.lamports(scene.keeper()), keeper - rent);
        let early = scene.world.execute_slice(&scene.owner, 1);
        early.expect_refusal(FlashError::DelayNotPassed);
        let early = scene.world.book_slice(&scene.owner, 1);
        early.expect_refusal(OrderError::SliceWaiting);
        scene.world.pass(DELAY);
        scene.execute_and_book();
        let gained = TIP - SLICE_TIP;
        assert_eq!(scene.world.lamports(scene.keeper()), keeper + gained);
        assert_eq!(scene.put_in(), TOTAL - SLICE);
        assert_eq!(scene.order().left, TOTAL - SLICE);
        let again = scene.world.place_slice(&scene.owner, 1);
        again.expect_refusal(OrderError::NotDue);
        scene.world.pass(25);
        for _ in 0..3 {
            scene.fill();
            scene.world.pass(25);
        }
        let none = scene.world.place_slice(&scene.owner, 1);
        none.expect_refusal(OrderError::NothingLeft);
        scene.world.give_back(&scene.owner, 1).expect("a return");
        scene.has_all_back(5);
    }
}

fn plans(side: OrderSide) -> [OrderPlan; 3] {
    let limit = far(side);
    [
        OrderPlan::Iceberg {
            shown: SLICE,
            interval_seconds: 10,
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

#[test]
fn every_kind_is_filled_in_part_and_comes_back_exactly() {
    for side in SIDES {
        for plan in plans(side) {
            let mut scene = Scene::with(side, |terms| terms.plan = plan);
            scene.fill();
            scene.world.pass(150);
            scene.fill();
            scene.world.take_back(&scene.owner, 1).expect("a return");
            scene.has_all_back(2);
        }
    }
}

#[test]
fn trigger_fires_and_the_slice_after_it_waits() {
    for side in SIDES {
        let mut scene = Scene::with(side, |terms| {
            let stop = match side {
                OrderSide::Buy => 480,
                OrderSide::Sell => 520,
            };
            terms.trigger = Some(TriggerTerms {
                stop: Some(thousandths(stop)),
                take: None,
                trail: None,
                window_slots: 25,
            });
        });
        let early = scene.world.place_slice(&scene.owner, 1);
        early.expect_refusal(OrderError::NotTriggered);
        scene.world.watch(&scene.owner, 1).expect("armed");
        scene.world.pass(25);
        scene.world.watch(&scene.owner, 1).expect("fired");
        scene.fill();
        scene.world.take_back(&scene.owner, 1).expect("a return");
        scene.has_all_back(2);
    }
}

/// Before a slice is executed.
type Change = fn(&mut FlashDeskWorld);

fn suspended(world: &mut FlashDeskWorld) {
    let market = world.market;
    world.flash.suspend(market, 1).expect("a suspension");
}

fn paused(world: &mut FlashDeskWorld) {
    world.flash.pause().expect("a pause");
}

fn late(world: &mut FlashDeskWorld) {
    world.pass(4 * DELAY);
}

fn locked(world: &mut FlashDeskWorld) {
    world.pass(60 * 150);
}

fn observed(world: &mut FlashDeskWorld) {
    let market = world.market;
    let state = world.flash.market_state(market);
    let observe_at_ms = state.evidence.observe_at_ms;
    world.flash.observe_at(market, observe_at_ms, 0);
}

#[test]
fn slice_that_is_not_filled_is_the_orders_again() {
    let unfilled = |side, change: Change| {
        let mut scene = Scene::new(side);
        let keeper = scene.world.lamports(scene.keeper());
        scene.place_slice();
        change(&mut scene.world);
        scene.world.pass(DELAY);
        scene.execute();
        scene.book();
        assert_eq!(scene.put_in(), TOTAL);
        assert_eq!((scene.order().left, scene.order().fills), (TOTAL, 0));
        // A slice that comes back costs who placed it the tip of who executes it.
        let left = keeper - SLICE_TIP;
        assert_eq!(scene.world.lamports(scene.keeper()), left);
        scene
    };
    for side in SIDES {
        for change in [suspended as Change, late] {
            let mut scene = unfilled(side, change);
            let soon = scene.world.place_slice(&scene.owner, 1);
            soon.expect_refusal(OrderError::NotDue);
            scene.world.pass(25);
            scene.fill();
            scene.world.take_back(&scene.owner, 1).expect("a return");
            scene.has_all_back(1);
        }
        for change in [observed as Change, locked] {
            let mut scene = unfilled(side, change);
            scene.world.take_back(&scene.owner, 1).expect("a return");
            scene.has_all_back(0);
        }
    }
    let mut scene = unfilled(OrderSide::Buy, paused);
    scene.world.take_back(&scene.owner, 1).expect("a return");
    scene.has_all_back(0);
}

/// A pause stops what takes risks, and no exit.
#[test]
fn sale_is_filled_in_a_pause() {
    let mut scene = Scene::new(OrderSide::Sell);
    paused(&mut scene.world);
    scene.fill();
    scene.world.take_back(&scene.owner, 1).expect("a return");
    scene.has_all_back(1);
    let mut scene = Scene::new(OrderSide::Buy);
    paused(&mut scene.world);
    let refused = scene.world.place_slice(&scene.owner, 1);
    refused.expect_refusal(FlashError::Paused);
}

#[test]
fn cancelled_order_gives_back_all_but_the_slice_and_then_that() {
    let endings: [(Change, bool); 3] = [(|_| {}, true), (suspended, false), (late, false)];
    for side in SIDES {
        for (ending, is_filled) in endings {
            let mut scene = Scene::new(side);
            scene.place_slice();
            for refused in [
                scene.world.take_back(&scene.owner, 1),
                scene.world.give_back(&scene.owner, 1),
            ] {
                refused.expect_refusal(OrderError::SliceInFlight);
            }
            scene.world.cancel(&scene.owner, 1).expect("an end");
            let early = scene.world.give_back(&scene.owner, 1);
            early.expect_refusal(OrderError::SliceInFlight);
            ending(&mut scene.world);
            scene.world.pass(DELAY);
            if is_filled {
                scene.execute_and_book();
            } else {
                scene.execute();
                scene.book();
            }
            let over = scene.world.place_slice(&scene.owner, 1);
            over.expect_refusal(OrderError::Expired);
            scene.world.give_back(&scene.owner, 1).expect("a return");
            scene.has_all_back(1 + u64::from(is_filled));
        }
    }
}

/// The owner is not kept from his order by who sends slices: execution, booking and return are one transaction.
#[test]
fn owner_takes_back_in_the_transaction_that_ends_the_slice() {
    for side in SIDES {
        let mut scene = Scene::new(side);
        scene.place_slice();
        scene.world.pass(DELAY);
        let quote = quote(&scene.world, side, SLICE);
        let accounts = scene.world.accounts();
        let owner = scene.owner.address();
        let slice = accounts.slice(owner, 1);
        let back = accounts.give_back(owner, 1).instruction();
        let sent = [
            scene.world.build_execute_slice(&scene.owner, 1),
            BookSlice { slice }.instruction(),
            signed_by(back, &owner),
        ];
        scene
            .world
            .send(&sent, &[&scene.owner.key])
            .expect("all in one");
        scene.filled = SLICE;
        scene.got = match side {
            OrderSide::Buy => quote.shares.0,
            OrderSide::Sell => quote.amount.0,
        };
        scene.has_all_back(1);
    }
}

#[test]
fn slice_ends_before_its_order_expires() {
    for side in SIDES {
        let mut scene = Scene::new(side);
        // Two seconds of delay and four more, in slots of 400 ms.
        scene.world.pass(4 * 150 - 12);
        let late = scene.world.place_slice(&scene.owner, 1);
        late.expect_refusal(OrderError::SliceTooLate);
        scene.world.pass(20);
        let late = scene.world.place_slice(&scene.owner, 1);
        late.expect_refusal(OrderError::Expired);
        scene.world.give_back(&scene.owner, 1).expect("a return");
        scene.has_all_back(1);
    }
}

fn resolved(world: &mut FlashDeskWorld) {
    let market = world.market;
    world.flash.resolve(market, 0).expect("a result");
}

fn lost(world: &mut FlashDeskWorld) {
    let market = world.market;
    world.flash.resolve(market, 1).expect("a result");
}

fn void(world: &mut FlashDeskWorld) {
    let market = world.market;
    let void_from = world.flash.market_state(market).void_from;
    world.flash.pass_to(void_from);
    world.flash.void(market).expect("a void");
}

/// One slice is filled and one in the market when that is settled.
fn settled_with_a_slice(side: OrderSide, end: Change, is_executed: bool) -> Scene {
    let mut scene = Scene::new(side);
    scene.fill();
    scene.world.pass(25);
    scene.place_slice();
    scene.world.pass(DELAY);
    if is_executed {
        let quote = quote(&scene.world, side, SLICE);
        scene.execute();
        scene.filled += SLICE;
        scene.got += match side {
            OrderSide::Buy => quote.shares.0,
            OrderSide::Sell => quote.amount.0,
        };
    }
    end(&mut scene.world);
    scene
}

impl Scene {
    /// All is paid in money: what was not filled, what fills brought, and what the order's shares are paid.
    #[track_caller]
    fn is_paid(&self, payout: u64) {
        let (money, own, _) = self.had;
        let (back, own, shares) = match self.side {
            OrderSide::Buy => (money - self.filled, own, self.got),
            OrderSide::Sell => (money + self.got, own - TOTAL, TOTAL - self.filled),
        };
        let paid = u64::try_from((u128::from(shares) * u128::from(payout)) >> 63);
        let paid = paid.expect("an amount");
        assert_eq!(self.world.flash.balance(self.owner.tokens), back + paid);
        let ticket = flash_addresses::ticket(&self.world.market, &self.owner.address());
        if let Some(ticket) = self.world.flash.find::<Ticket>(ticket) {
            assert_eq!(ticket.holdings.shares[0], own);
        }
    }
}

#[test]
fn settled_desk_has_booked_every_slice() {
    for side in SIDES {
        for end in [resolved as Change, lost, void] {
            for is_executed in [true, false] {
                let mut scene = settled_with_a_slice(side, end, is_executed);
                let early = scene.world.settle();
                early.expect_refusal(OrderError::SlicesInFlight);
                let market = scene.world.market;
                let payouts = scene.world.flash.market_state(market).settlement.payouts;
                if !is_executed {
                    scene.execute();
                }
                scene.book();
                scene.world.settle().expect("a settlement");
                scene.world.give_back(&scene.owner, 1).expect("a return");
                scene.is_paid(payouts[0]);
                let desk = scene.world.desk();
                let accounts = [desk, scene.world.accounts().tokens_of(&desk)];
                scene.world.close().expect("a closing");
                assert_eq!(
                    accounts.map(|account| scene.world.lamports(account)),
                    [0; 2]
                );
                scene
                    .world
                    .flash
                    .settle(market, &[&scene.owner])
                    .expect("a payout");
                scene.world.flash.close(market).expect("a closing");
                assert_eq!(scene.world.lamports(market), 0);
            }
        }
    }
}

/// The receipt says all, when the market is closed and the desk's ticket paid by somebody else.
#[test]
fn slice_is_booked_after_its_market_is_closed() {
    for side in SIDES {
        for is_executed in [true, false] {
            let mut scene = settled_with_a_slice(side, resolved, is_executed);
            let market = scene.world.market;
            let desk = scene.world.desk();
            let settle = client::instructions::flash_bets::SettleTickets {
                market,
                token_program: scene.world.flash.token_program(),
                in_one_call: false,
                tickets: vec![client::instructions::flash_bets::SettledTicket {
                    owner: desk,
                    owner_tokens: scene.world.accounts().tokens_of(&desk),
                    rent_payer: scene.world.opener.address(),
                }],
            };
            let by_stranger = settle.instruction();
            let settled_at = scene.world.flash.market_state(market).settled_at;
            scene.world.flash.pass_to(settled_at + TICKET_HOLD_SECONDS);
            if !is_executed && side == OrderSide::Sell {
                let waits = scene.world.send(std::slice::from_ref(&by_stranger), &[]);
                waits.expect_refusal(FlashError::NothingSettled);
                scene.execute();
            }
            scene.world.send(&[by_stranger], &[]).expect("a payout");
            if !is_executed && side == OrderSide::Buy {
                scene.execute();
            }
            scene
                .world
                .flash
                .settle(market, &[&scene.owner])
                .expect("a payout");
            scene.world.flash.close(market).expect("a closing");
            scene.had.0 = scene.world.flash.balance(scene.owner.tokens);
            let early = scene.world.settle();
            early.expect_refusal(OrderError::SlicesInFlight);
            scene.book();
            scene.world.settle().expect("a settlement");
            scene.world.give_back(&scene.owner, 1).expect("a return");
            // One order alone has the average, which is all, and its outcome won.
            let back = scene.world.flash.balance(scene.owner.tokens) - scene.had.0;
            let whole = match side {
                OrderSide::Buy => TOTAL - scene.filled + scene.got,
                OrderSide::Sell => scene.got + TOTAL - scene.filled,
            };
            assert_eq!(back, whole);
            scene.world.close().expect("a closing");
        }
    }
}

/// What waits is bounded by the limit and by the average and deviation of when it was placed, fees included:
/// it is filled at any price within that, and at none beyond.
#[test]
fn slice_is_filled_within_its_bound_at_the_worst_moment() {
    for side in SIDES {
        let (with, against) = match side {
            OrderSide::Buy => (0, 1),
            OrderSide::Sell => (1, 0),
        };
        let mut outcomes = [0; 2];
        for push in [10, 20, 40, 60, 80, 100, 120, 140, 200] {
            let mut scene = Scene::new(side);
            scene.place_slice();
            let bound = match scene.pending().order {
                Order::Stake { min_shares, .. } => min_shares,
                Order::Sell { min_return, .. } => min_return,
                Order::Buy { .. } => unreachable!("slices are stakes and sales"),
            };
            let mover = scene.world.user();
            bet(&mut scene.world, &mover, with, push * 1_000_000);
            let fill = quote(&scene.world, side, SLICE);
            let brings = match side {
                OrderSide::Buy => fill.shares.0,
                OrderSide::Sell => fill.amount.0,
            };
            let is_within = brings >= bound;
            outcomes[usize::from(is_within)] += 1;
            if is_within {
                scene.execute_and_book();
            } else {
                scene.execute();
                scene.book();
                assert_eq!(scene.put_in(), TOTAL);
            }
            scene.world.take_back(&scene.owner, 1).expect("a return");
            scene.has_all_back(u64::from(is_within));
        }
        assert!(outcomes.iter().all(|count| *count > 1), "{outcomes:?}");
        // A better price is the owner's.
        let mut scene = Scene::new(side);
        scene.place_slice();
        let mover = scene.world.user();
        bet(&mut scene.world, &mover, against, 200_000_000);
        scene.execute_and_book();
        scene.world.take_back(&scene.owner, 1).expect("a return");
        scene.has_all_back(1);
    }
}

#[test]
fn bound_is_the_strictest_of_limits_and_deviation() {
    for side in SIDES {
        let tight = match side {
            OrderSide::Buy => 510,
            OrderSide::Sell => 490,
        };
        let plans = [
            (far(side), far(side), 300),
            (thousandths(tight), thousandths(tight), 300),
            // It moves there within the order's life.
            (far(side), thousandths(tight), 5_000),
            (thousandths(tight), far(side), 5_000),
        ];
        for (limit_from, limit_to, max_deviation) in plans {
            let mut scene = Scene::with(side, |terms| {
                terms.max_deviation = max_deviation;
                terms.plan = OrderPlan::Gradual {
                    slices: 4,
                    limit_from,
                    limit_to,
                };
            });
            scene.world.pass(10);
            let order = scene.order();
            let now = scene.world.seconds();
            let average = scene.world.flash.market_state(scene.world.market);
            scene.place_slice();
            let reference = {
                let mut market = average;
                let slot = scene.world.flash.chain().slot();
                market
                    .observe(Now::without_halts(slot, now))
                    .expect("prices");
                market.pool.slow_prices[0]
            };
            let allowed = thousandths(u64::from(max_deviation) / 10);
            let limits = [order.limit_at(now).0, order.limit_at(now + 6).0];
            let pending = scene.pending();
            match (side, pending.order) {
                (OrderSide::Buy, Order::Stake { stake, min_shares }) => {
                    let worst = limits
                        .into_iter()
                        .min()
                        .expect("two")
                        .min(reference + allowed);
                    let exact = u128::from(stake) << 63;
                    assert_eq!(u128::from(min_shares), exact.div_ceil(worst.into()));
                }
                (OrderSide::Sell, Order::Sell { shares, min_return }) => {
                    let worst = limits.into_iter().max().expect("two");
                    let worst = worst.max(reference.saturating_sub(allowed));
                    let exact = u128::from(shares) * u128::from(worst);
                    assert_eq!(u128::from(min_return), exact.div_ceil(1 << 63));
                }
                other => panic!("{other:?}"),
            }
            assert_eq!(pending.executable_until, now + 6);
        }
    }
}

/// Who cannot have it filled cannot keep an order busy either.
#[test]
fn slice_that_would_not_be_filled_now_is_not_placed() {
    for side in SIDES {
        let mut scene = Scene::with(side, |terms| {
            terms.plan = OrderPlan::Iceberg {
                shown: SLICE,
                interval_seconds: 10,
                limit: thousandths(500),
            };
        });
        let said = |scene: &Scene| {
            let lamports = scene.world.lamports(scene.keeper());
            format!("{:?} {:?} {lamports}", scene.order(), scene.world.state())
        };
        let before = said(&scene);
        let unable = scene.world.place_slice(&scene.owner, 1);
        unable.expect_refusal(OrderError::SliceNotFillable);
        suspended(&mut scene.world);
        let unable = scene.world.place_slice(&scene.owner, 1);
        unable.expect_refusal(OrderError::SliceNotFillable);
        assert_eq!(before, said(&scene));

        let mut scene = Scene::new(side);
        suspended(&mut scene.world);
        let unable = scene.world.place_slice(&scene.owner, 1);
        unable.expect_refusal(FlashError::MarketSuspended);
        scene.world.pass(4 * DELAY);
        let (mover, push) = (scene.world.user(), [1, 0][side as usize]);
        bet(&mut scene.world, &mover, 1 - push, 300_000_000);
        let unable = scene.world.place_slice(&scene.owner, 1);
        unable.expect_refusal(OrderError::DeviationTooGreat);
    }
}

#[test]
fn orders_of_such_a_market_are_filled_by_slices_alone() {
    let mut scene = Scene::new(OrderSide::Buy);
    let at_once = scene.world.fill(&scene.owner, 1);
    at_once.expect_refusal(OrderError::BetDelay);
    let other = bettor(&mut scene.world);
    let sale = scene
        .world
        .iceberg(OrderSide::Sell, TOTAL, far(OrderSide::Sell));
    scene.world.place(&other, 1, sale).expect("an order");
    let matched = scene.world.cross((&scene.owner, 1), (&other, 1));
    matched.expect_refusal(OrderError::BetDelay);

    let mut world = FlashDeskWorld::start();
    let owner = world.user();
    let terms = world.iceberg(OrderSide::Buy, TOTAL, far(OrderSide::Buy));
    world.place(&owner, 1, terms).expect("an order");
    let waits = world.place_slice(&owner, 1);
    waits.expect_refusal(OrderError::NoBetDelay);
}

/// Slices that wait may all be executed in one moment: together they move the price by no more than one may.
#[test]
fn slices_in_flight_are_one_safe_move_together() {
    let mut world = start();
    let owners: Vec<_> = (0..3).map(|_| bettor(&mut world)).collect();
    for (owner, total) in owners.iter().zip([WHOLE, WHOLE, WHOLE / 8]) {
        let mut terms = world.iceberg(OrderSide::Buy, total, far(OrderSide::Buy));
        terms.plan = OrderPlan::Iceberg {
            shown: total,
            interval_seconds: 0,
            limit: far(OrderSide::Buy),
        };
        world.place(owner, 1, terms).expect("an order");
    }
    world.place_slice(&owners[0], 1).expect("a slice");
    for owner in &owners[1..] {
        let more = world.place_slice(owner, 1);
        more.expect_refusal(OrderError::TooManyFills);
    }
    world.pass(DELAY);
    world.execute_slice(&owners[0], 1).expect("an execution");
    // It is not booked, so nobody knows that it is over.
    let more = world.place_slice(&owners[2], 1);
    more.expect_refusal(OrderError::TooManyFills);
    world.book_slice(&owners[0], 1).expect("a booking");
    let more = world.place_slice(&owners[2], 1);
    more.expect_refusal(OrderError::TooManyFills);
    // An eighth of a safe move is forgotten in two slots, all of it in sixteen.
    world.pass(3);
    world.place_slice(&owners[2], 1).expect("a slice");
    world.pass(16);
    let more = world.place_slice(&owners[1], 1);
    more.expect_refusal(OrderError::TooManyFills);
    world.execute_slice(&owners[2], 1).expect("an end");
    world.book_slice(&owners[2], 1).expect("a booking");
    world.pass(2);
    world.place_slice(&owners[1], 1).expect("a slice");
}

/// Who holds shares already can have his purchase, the slice and his sale executed one after the other.
#[test]
fn executor_who_sandwiches_a_slice_gains_nothing() {
    for ahead in [100_000, 1_000_000, 3_000_000, 6_000_000] {
        let mut scene = Scene::with(OrderSide::Buy, |terms| {
            terms.total = WHOLE;
            terms.plan = OrderPlan::Iceberg {
                shown: WHOLE,
                interval_seconds: 0,
                limit: thousandths(600),
            };
        });
        let raider = bettor(&mut scene.world);
        let market = scene.world.market;
        let before = scene.world.flash.balance(raider.tokens);
        let shares = held(&scene.world, &raider);
        let mut state = scene.world.flash.market_state(market);
        let now = Now::without_halts(scene.world.flash.chain().slot(), scene.world.seconds());
        let order = Order::Stake {
            stake: ahead,
            min_shares: 0,
        };
        let bought = state.trade(now, 0, order).expect("a quote").shares.0;
        let flash = &mut scene.world.flash;
        flash.place(&raider, market, 0, ahead).expect("a bet");
        let first = flash.nonce;
        flash
            .cash_out(&raider, market, 0, bought)
            .expect("a sale that waits");
        let last = flash.nonce;
        scene.place_slice();
        scene.world.pass(DELAY);
        let slice = scene.world.accounts().slice(scene.owner.address(), 1);
        let flash = &scene.world.flash;
        let orders = vec![
            flash.ended(&raider, market, first),
            slice.ended(),
            flash.ended(&raider, market, last),
        ];
        let all = flash.build_execute_all(market, orders).instruction();
        scene.world.send(&[all], &[]).expect("a sandwich");
        scene.book();
        assert_eq!(scene.order().left, 0, "it was filled");
        assert_eq!(held(&scene.world, &raider), shares);
        let after = scene.world.flash.balance(raider.tokens);
        assert!(after < before, "{ahead}: {after} of {before}");
    }
}

/// While a slice waits the price may leave what it was placed at. Whose bets wait with it can push a price that
/// fell some way back, have the slice filled there and sell: at most what the order's bound leaves him.
#[test]
fn executor_who_pushes_a_fallen_price_back_gains_what_the_bound_leaves() {
    // From one half to .4, .3 and .1; shares that push it back.
    let falls: [(u64, [u64; 3]); 3] = [
        (180_000_000, [50_000_000, 100_000_000, 200_000_000]),
        (340_000_000, [50_000_000, 150_000_000, 300_000_000]),
        (1_610_000_000, [400_000_000, 800_000_000, 1_200_000_000]),
    ];
    let gained = falls.map(|(news, pushes)| {
        let gains = pushes.map(|ahead| gain_of_pushing_back(news, ahead));
        gains.into_iter().max().expect("three")
    });
    println!("{gained:?} of a slice of {WHOLE}");
    assert!(gained[0] < 0 && gained[1] < i128::from(WHOLE / 50));
    assert!(gained[2] < i128::from(WHOLE / 3), "{gained:?}");
}

/// All that is safe at one half, at a depth of 10⁹ and a fee of 1 %.
const WHOLE: u64 = 12_000_000;

/// What somebody gains who has so many shares bought ahead of the slice and sold after it, once a bet on the other
/// outcome has moved the price.
fn gain_of_pushing_back(news: u64, ahead: u64) -> i128 {
    let mut scene = Scene::with(OrderSide::Buy, |terms| {
        terms.total = WHOLE;
        terms.plan = OrderPlan::Iceberg {
            shown: WHOLE,
            interval_seconds: 0,
            limit: thousandths(600),
        };
    });
    let market = scene.world.market;
    let [raider, informed] = [(); 2].map(|()| scene.world.user());
    let most = 2 * ahead;
    for outcome in 0..2 {
        let flash = &mut scene.world.flash;
        let bought = flash.buy_shares(&raider, market, outcome, [ahead, most]);
        bought.expect("an order");
        let nonce = flash.nonce;
        scene.world.pass(DELAY);
        let executed = scene.world.flash.execute(&raider, market, nonce);
        executed.expect("shares");
    }
    let before = scene.world.flash.balance(raider.tokens);
    let flash = &mut scene.world.flash;
    flash.place(&informed, market, 1, news).expect("a bet");
    let fall = flash.nonce;
    let bought = flash.buy_shares(&raider, market, 0, [ahead, most]);
    bought.expect("a bet ahead");
    let first = flash.nonce;
    let sold = flash.cash_out(&raider, market, 0, ahead);
    sold.expect("a sale behind");
    let last = flash.nonce;
    scene.place_slice();
    let Order::Stake { min_shares, .. } = scene.pending().order else {
        panic!("a purchase");
    };
    scene.world.pass(DELAY);
    let fallen = scene.world.flash.execute(&informed, market, fall);
    fallen.expect("news");
    let slice = scene.world.accounts().slice(scene.owner.address(), 1);
    let flash = &scene.world.flash;
    let orders = vec![
        flash.ended(&raider, market, first),
        slice.ended(),
        flash.ended(&raider, market, last),
    ];
    let all = flash.build_execute_all(market, orders).instruction();
    scene.world.send(&[all], &[]).expect("a sandwich");
    scene.book();
    assert!(scene.order().shares >= min_shares, "it was filled");
    i128::from(scene.world.flash.balance(raider.tokens)) - i128::from(before)
}

#[test]
fn executor_gets_the_tip_of_a_slice_and_who_placed_it_the_orders() {
    let mut scene = Scene::new(OrderSide::Buy);
    let mut place = scene.world.accounts().place_slice(scene.owner.address(), 1);
    place.tip_lamports = SLICE_TIP - 1;
    let keeper = scene.world.keeper.insecure_clone();
    let poor = scene.world.send(&[place.instruction()], &[&keeper]);
    poor.expect_refusal(OrderError::SliceTipTooSmall);
    place.tip_lamports = 7_777;
    let pending = place.slice.pending();
    scene.world.flash.know(scene.world.market, pending);
    // Lamports that are there before keep nobody from placing it, and are the rent payer's in the end.
    let market = scene.world.market;
    let chain = &mut scene.world.flash.world.chain;
    chain.airdrop(pending, 1_000_000).expect("lamports");
    let executor = scene.world.flash.treasury.pubkey();
    let had = [scene.keeper(), executor].map(|account| scene.world.lamports(account));
    let placed = scene.world.send(&[place.instruction()], &[&keeper]);
    placed.expect("a slice");
    scene.world.pass(DELAY);
    scene.execute_and_book();
    let has = [scene.keeper(), executor].map(|account| scene.world.lamports(account));
    assert_eq!(has, [had[0] + 1_000_000 - 7_777 + TIP, had[1] + 7_777]);
    assert!(scene.world.flash.market_state(market).escrow == 0);
    scene.world.take_back(&scene.owner, 1).expect("a return");
    scene.has_all_back(1);
}

/// Whoever ends a slice gets what its placer put up, so a great tip of an order must not have keepers put up much.
#[test]
fn keepers_put_up_little_for_orders_with_great_tips() {
    const GREAT_TIP: u64 = 50_000_000;
    let mut scene = Scene::with(OrderSide::Buy, |terms| terms.tip_lamports = GREAT_TIP);
    let mut place = scene.world.accounts().place_slice(scene.owner.address(), 1);
    let keeper = scene.world.keeper.insecure_clone();
    place.tip_lamports = LEAST_SLICE_TIP_CAP_LAMPORTS - 1;
    let poor = scene.world.send(&[place.instruction()], &[&keeper]);
    poor.expect_refusal(OrderError::SliceTipTooSmall);
    assert_eq!(
        scene.order().least_slice_tip(),
        LEAST_SLICE_TIP_CAP_LAMPORTS
    );
    place.tip_lamports = LEAST_SLICE_TIP_CAP_LAMPORTS;
    let pending = place.slice.pending();
    scene.world.flash.know(scene.world.market, pending);
    let placed = scene.world.send(&[place.instruction()], &[&keeper]);
    placed.expect("a slice");
    let before = scene.world.lamports(scene.keeper());
    scene.world.pass(DELAY);
    scene.execute_and_book();
    assert!(scene.world.lamports(scene.keeper()) > before + GREAT_TIP);
    // Three transactions, with a signature each, cost who has a slice come back more.
    const { assert!(LEAST_SLICE_TIP_CAP_LAMPORTS < 3 * 5_000) };
}

#[test]
fn receipt_is_booked_once() {
    for side in SIDES {
        let mut scene = Scene::new(side);
        let early = scene.world.book_slice(&scene.owner, 1);
        early.expect_refusal(ErrorCode::AccountNotInitialized);
        scene.place_slice();
        let again = scene.world.place_slice(&scene.owner, 1);
        again.expect_refusal(OrderError::SliceInFlight);
        scene.world.pass(DELAY);
        let quote = quote(&scene.world, side, SLICE);
        scene.execute();
        let over = scene.world.execute_slice(&scene.owner, 1);
        over.expect_refusal(FlashError::NothingExecuted);
        let slice = scene.world.accounts().slice(scene.owner.address(), 1);
        let book = BookSlice { slice }.instruction();
        let twice = scene.world.send(&[book.clone(), book], &[]);
        assert!(twice.is_err());
        scene.book();
        let again = scene.world.book_slice(&scene.owner, 1);
        again.expect_refusal(ErrorCode::AccountNotInitialized);
        scene.filled = SLICE;
        scene.got = match side {
            OrderSide::Buy => quote.shares.0,
            OrderSide::Sell => quote.amount.0,
        };
        scene.world.take_back(&scene.owner, 1).expect("a return");
        scene.has_all_back(1);
    }
}

/// Two orders whose slices came out otherwise: neither takes the other's receipt, nor a stranger's.
#[test]
fn receipts_of_others_are_refused() {
    let mut scene = Scene::new(OrderSide::Buy);
    let other = bettor(&mut scene.world);
    let terms = scene
        .world
        .iceberg(OrderSide::Buy, TOTAL, far(OrderSide::Buy));
    scene.world.place(&other, 1, terms).expect("an order");
    scene.place_slice();
    scene.world.place_slice(&other, 1).expect("a slice");
    // A stranger's bet for the desk's ticket, with a receipt, under the nonce of the order's slices.
    let stranger = bettor(&mut scene.world);
    let (market, desk) = (scene.world.market, scene.world.desk());
    let nonce = DeskOrder::slice_nonce(&scene.world.accounts().slice(other.address(), 1).order());
    let mut gift = scene.world.flash.build_bet(&stranger, market, 0, 7 * SLICE);
    (gift.buyer.owner, gift.buyer.nonce) = (desk, nonce);
    let strangers = flash_addresses::pending_order(&market, &stranger.address(), nonce);
    scene.world.flash.know(market, strangers);
    let keep = KeepReceipt {
        placer: stranger.address(),
        rent_payer: stranger.address(),
        market,
        nonce,
    };
    let sent = [gift.instruction(), keep.instruction()];
    let placed = scene.world.send(&sent, &[&stranger.key]);
    placed.expect("a bet with a receipt");
    scene.world.pass(DELAY);
    let executed = scene.world.flash.execute(&stranger, market, nonce);
    executed.expect("an execution");
    scene.world.execute_slice(&other, 1).expect("an execution");
    let pendings = [&scene.owner, &other].map(|owner| {
        let slice = scene.world.accounts().slice(owner.address(), 1);
        (slice, slice.pending())
    });
    let keeper = scene.keeper();
    let good = BookSlice {
        slice: pendings[1].0,
    }
    .instruction();
    for (from, to) in [
        (pendings[1].1, pendings[0].1),
        (pendings[1].1, strangers),
        (pendings[1].0.order(), pendings[0].0.order()),
        (keeper, stranger.address()),
        (desk, scene.world.flash.vault),
        (
            flash_addresses::ticket(&market, &desk),
            flash_addresses::ticket(&market, &stranger.address()),
        ),
        (flash_addresses::ticket(&market, &desk), stranger.address()),
        (scene.world.accounts().tokens_of(&desk), stranger.tokens),
    ] {
        let mut bad = good.clone();
        for account in &mut bad.accounts {
            if account.pubkey == from {
                account.pubkey = to;
            }
        }
        let before = format!("{:?} {:?}", scene.world.state(), scene.order());
        assert!(scene.world.send(&[bad], &[]).is_err(), "{to} for {from}");
        let after = format!("{:?} {:?}", scene.world.state(), scene.order());
        assert_eq!(before, after);
    }
    let mut bad = good.clone();
    for account in &mut bad.accounts {
        if account.pubkey == pendings[1].1 {
            account.pubkey = strangers;
        } else if account.pubkey == keeper {
            account.pubkey = stranger.address();
        }
    }
    let booked = scene.world.send(&[bad], &[]);
    booked.expect_refusal(OrderError::WrongAccount);
    // Nobody but the desk closes one, and it only by booking.
    for placer in [stranger.address(), desk] {
        let mut close = CloseReceipt {
            placer: desk,
            rent_payer: keeper,
            market,
            nonce,
        }
        .instruction();
        close.accounts[0].pubkey = placer;
        close.accounts[0].is_signer = placer != desk;
        let closed = scene.world.send(&[close], &[&stranger.key]);
        assert!(closed.is_err());
    }
    scene.world.book_slice(&other, 1).expect("a booking");
    scene.execute();
    scene.book();
    // The gift stays in the ticket, beyond what the orders have.
    let ticket: Ticket = scene
        .world
        .flash
        .read(flash_addresses::ticket(&market, &desk));
    assert!(ticket.holdings.shares[0] > scene.world.state().shares[0]);
    let close = CloseReceipt {
        placer: stranger.address(),
        rent_payer: stranger.address(),
        market,
        nonce,
    };
    let closed = scene.world.send(&[close.instruction()], &[&stranger.key]);
    closed.expect("his own");
    assert_eq!(scene.world.lamports(strangers), 0);
}

/// What comes back goes to the account that the desk looks at, and to no other of the desk's.
#[test]
fn money_goes_to_no_other_account_of_the_desk() {
    for side in SIDES {
        let mut scene = Scene::new(side);
        scene.place_slice();
        suspended(&mut scene.world);
        scene.world.pass(DELAY);
        let (desk, market) = (scene.world.desk(), scene.world.market);
        let other = scene.world.flash.token_account(desk, 0);
        let slice = scene.world.accounts().slice(scene.owner.address(), 1);
        let mut elsewhere = slice.ended();
        elsewhere.placer_tokens = other;
        let flash = &scene.world.flash;
        let elsewhere = flash
            .build_execute_all(market, vec![elsewhere])
            .instruction();
        let mut fallback = scene.world.build_execute_slice(&scene.owner, 1);
        let last = fallback
            .accounts
            .iter_mut()
            .filter(|account| account.pubkey == flash_bets::ID)
            .last();
        *last.expect("a place for it") = AccountMeta::new(other, false);
        let sent = scene.world.send(&[elsewhere], &[]);
        match side {
            OrderSide::Buy => {
                sent.expect_refusal(FlashError::WrongTokenAccount);
                scene.world.send(&[fallback], &[]).expect("an end");
            }
            OrderSide::Sell => drop(sent.expect("nothing is paid")),
        }
        scene.book();
        assert_eq!(scene.world.flash.balance(other), 0);
        scene.world.take_back(&scene.owner, 1).expect("a return");
        scene.has_all_back(0);
    }
}

/// Of the desk's token account: as its mint's issuer can.
fn set_state(world: &mut FlashDeskWorld, state: u8) {
    const STATE_OFFSET: usize = 108;
    let tokens = world.accounts().tokens_of(&world.desk());
    let chain = &mut world.flash.world.chain;
    let account = chain.find_account(tokens).expect("the chain");
    let mut account = account.expect("an account");
    account.data[STATE_OFFSET] = state;
    chain.set_account(tokens, account);
}

/// What ends the slice and pays at another account of the desk's.
fn fall_back(scene: &mut Scene) -> (Pubkey, Instruction) {
    let desk = scene.world.desk();
    let other = scene.world.flash.token_account(desk, 0);
    let mut fallback = scene.world.build_execute_slice(&scene.owner, 1);
    let mut absent = fallback.accounts.iter_mut();
    let absent = absent.find(|account| account.pubkey == flash_bets::ID);
    *absent.expect("a place for it") = AccountMeta::new(other, false);
    (other, fallback)
}

/// A desk takes its money out of one account. While that is frozen a slice waits for it.
#[test]
fn money_of_a_frozen_desk_goes_nowhere_else() {
    let mut scene = Scene::new(OrderSide::Buy);
    scene.place_slice();
    suspended(&mut scene.world);
    scene.world.pass(DELAY);
    let (_, fallback) = fall_back(&mut scene);
    set_state(&mut scene.world, 2);
    let frozen = scene.world.send(&[fallback], &[]);
    frozen.expect_refusal(FlashError::WrongTokenAccount);
    set_state(&mut scene.world, 1);
    scene.execute();
    scene.book();
    scene.world.take_back(&scene.owner, 1).expect("a return");
    scene.has_all_back(0);
}

/// A week after the settlement the market waits no longer. What is paid where the desk does not look is lost to
/// that order alone, and no other order of the desk is held up.
#[test]
fn frozen_desk_holds_up_no_market_for_longer_than_a_week() {
    let mut scene = Scene::new(OrderSide::Buy);
    let other = bettor(&mut scene.world);
    let terms = scene
        .world
        .iceberg(OrderSide::Buy, TOTAL, far(OrderSide::Buy));
    scene.world.place(&other, 1, terms).expect("an order");
    scene.place_slice();
    resolved(&mut scene.world);
    let market = scene.world.market;
    let settled_at = scene.world.flash.market_state(market).settled_at;
    let (elsewhere, fallback) = fall_back(&mut scene);
    set_state(&mut scene.world, 2);
    let week = settled_at + FROZEN_RECEIPT_SECONDS;
    scene.world.flash.pass_to(week - 1);
    let early = scene.world.send(std::slice::from_ref(&fallback), &[]);
    early.expect_refusal(FlashError::WrongTokenAccount);
    scene.world.flash.pass_to(week);
    scene.world.send(&[fallback], &[]).expect("an end");
    assert_eq!(scene.world.flash.balance(elsewhere), SLICE);
    assert_eq!(scene.world.flash.market_state(market).pending_orders, 0);
    set_state(&mut scene.world, 1);
    scene.book();
    assert_eq!(scene.put_in(), TOTAL - SLICE);
    assert_eq!(scene.order().left, TOTAL - SLICE);
    scene.world.settle().expect("a settlement");
    let had = scene.world.flash.balance(other.tokens);
    scene.world.give_back(&other, 1).expect("a return");
    assert_eq!(scene.world.flash.balance(other.tokens), had + TOTAL);
    scene.world.give_back(&scene.owner, 1).expect("a return");
    let money = scene.world.flash.balance(scene.owner.tokens);
    assert_eq!(money, scene.had.0 - SLICE);
    scene.world.close().expect("a closing");
}

/// Depth falls with the time left: what is safe when a slice is placed has to be when it is executed last.
#[test]
fn slice_is_safe_at_the_depth_of_its_last_moment() {
    for side in SIDES {
        let mut world = FlashDeskWorld::start_with(|terms| {
            terms.micro_tau = true;
            terms.freeze_seconds = 60;
            terms.delay_ms = 2_000;
            terms.execution_seconds = 30;
        });
        let owner = bettor(&mut world);
        let until = world.flash.market_state(world.market).hours.trading_until;
        world.flash.pass_to(until - 34);
        let mut sizes = (1..).map(|step| 4_000_000 - step * 50_000);
        let found = sizes.find(|size| {
            let nonce = *size;
            let mut terms = world.iceberg(side, *size, far(side));
            terms.plan = OrderPlan::Iceberg {
                shown: *size,
                interval_seconds: 0,
                limit: far(side),
            };
            world.place(&owner, nonce, terms).expect("an order");
            let placed = world.place_slice(&owner, nonce);
            if let Err(error) = &placed {
                let now = quote(&world, side, *size);
                assert!(now.shares.0 > 0, "{error:?}");
            }
            placed.is_ok()
        });
        let size = found.expect("a slice that is safe");
        world.flash.pass_to(until - 2);
        let mut market = world.flash.market_state(world.market);
        let price = |market: &FlashMarket| market.pool.prices().expect("prices")[0];
        let before = price(&market);
        let order = match side {
            OrderSide::Buy => Order::Stake {
                stake: size,
                min_shares: 0,
            },
            OrderSide::Sell => Order::Sell {
                shares: size,
                min_return: 0,
            },
        };
        let now = Now::without_halts(world.flash.chain().slot(), world.seconds());
        market.trade(now, 0, order).expect("a fill");
        let load = slice_load(before, before, price(&market), BasisPoints(100));
        assert!(load <= WHOLE_LOAD && load > WHOLE_LOAD / 4 * 3, "{load}");
    }
}

#[test]
fn slices_of_a_unit_lose_nothing() {
    for side in SIDES {
        let mut scene = Scene::with(side, |terms| {
            terms.total = 3;
            terms.plan = OrderPlan::Iceberg {
                shown: 1,
                interval_seconds: 0,
                limit: thousandths(match side {
                    OrderSide::Buy => 999,
                    OrderSide::Sell => 1,
                }),
            };
            terms.max_deviation = 5_000;
        });
        for _ in 0..3 {
            let placed = scene.world.place_slice(&scene.owner, 1);
            match placed {
                Ok(_) => {
                    scene.world.pass(DELAY);
                    scene.execute();
                    scene.book();
                }
                Err(_) => assert!(scene.order().in_flight.is_none()),
            }
        }
        let order = scene.order();
        let (put_in, came_back) = match side {
            OrderSide::Buy => (order.money, order.shares),
            OrderSide::Sell => (order.shares, order.money),
        };
        assert_eq!(put_in, order.left);
        assert!(came_back <= 2 * (order.total - order.left));
        scene.world.take_back(&scene.owner, 1).expect("a return");
    }
}

#[test]
fn accounts_of_others_place_no_slice() {
    let mut scene = Scene::new(OrderSide::Sell);
    let stranger = bettor(&mut scene.world);
    let (market, desk) = (scene.world.market, scene.world.desk());
    let [desks, owners, strangers] = [desk, scene.owner.address(), stranger.address()]
        .map(|owner| flash_addresses::ticket(&market, &owner));
    let other = scene.world.flash.user(0).address();
    let vault = scene.world.flash.vault;
    let place = scene.world.accounts().place_slice(scene.owner.address(), 1);
    let good = place.instruction();
    let tokens = scene.world.accounts().tokens_of(&desk);
    for (from, to) in [
        (desks, strangers),
        (desks, owners),
        (vault, other),
        (market, vault),
        (flash_bets::ID, markets::ID),
        (tokens, stranger.tokens),
        (place.slice.pending(), other),
        (
            place.slice.pending(),
            flash_addresses::pending_order(&market, &desk, 1),
        ),
    ] {
        let mut bad = good.clone();
        for account in &mut bad.accounts {
            if account.pubkey == from {
                account.pubkey = to;
            }
        }
        let before = format!("{:?} {:?}", scene.world.state(), scene.order());
        let key = scene.world.keeper.insecure_clone();
        assert!(
            scene.world.send(&[bad], &[&key]).is_err(),
            "{to} for {from}"
        );
        let after = format!("{:?} {:?}", scene.world.state(), scene.order());
        assert_eq!(before, after);
    }
    // A cancellation is the owner's.
    let cancel = CancelOrder {
        market,
        owner: scene.owner.address(),
        nonce: 1,
    };
    let mut cancel = cancel.instruction();
    cancel.accounts[0].pubkey = stranger.address();
    let cancelled = scene.world.send(&[cancel], &[&stranger.key]);
    cancelled.expect_refusal(OrderError::WrongAccount);
    scene.fill();
}

/// A called program pays nothing to a program for its caller: who placed a slice would stop the desk so.
#[test]
fn rent_payer_who_becomes_a_program_holds_nothing_up() {
    for side in SIDES {
        for change in [(|_| {}) as Change, suspended] {
            let mut scene = Scene::new(side);
            scene.place_slice();
            let keeper = scene.keeper();
            let had = scene.world.lamports(keeper);
            let rent = scene.world.lamports(scene.pending_address()) - SLICE_TIP;
            let desk = scene.world.desk();
            let of_desk = scene.world.lamports(desk);
            let chain = &mut scene.world.flash.world.chain;
            chain.become_program(keeper).expect("the chain");
            change(&mut scene.world);
            scene.world.pass(DELAY);
            scene.execute();
            scene.book();
            let order = scene.order();
            assert!(order.in_flight.is_none());
            let tip = u64::from(order.fills) * TIP;
            assert_eq!(scene.world.lamports(keeper), had);
            assert_eq!(scene.world.lamports(desk), of_desk + rent + tip);
            scene.world.take_back(&scene.owner, 1).expect("a return");
            assert_eq!(scene.world.lamports(scene.pending_address()), 0);
        }
    }
}

/// Native programs log none, so that only bytecode is compared.
#[track_caller]
fn said<T>(world: &FlashDeskWorld, receipt: &Receipt, expected: &T)
where
    T: Event + Discriminator + AnchorDeserialize,
{
    if world.flash.chain().kind() == ProgramKind::Sbf {
        let found = receipt.events_of::<T>(&orders::ID);
        let found: Vec<_> = found.iter().map(Event::data).collect();
        assert_eq!(found, [expected.data()]);
    }
}

#[test]
fn events_say_what_the_chain_holds_after_them() {
    for side in SIDES {
        let mut scene = Scene::new(side);
        let (desk, market, owner) = (
            scene.world.desk(),
            scene.world.market,
            scene.owner.address(),
        );
        let address = addresses::order(&desk, &owner, 1);
        let header = |scene: &Scene| EventHeader {
            sequence: scene.world.state().sequence,
            slot: scene.world.flash.chain().slot(),
            unix_time: scene.world.seconds(),
        };
        let receipt = scene.world.place_slice(&scene.owner, 1).expect("a slice");
        let bound = match scene.pending().order {
            Order::Stake { min_shares, .. } => min_shares,
            Order::Sell { min_return, .. } => min_return,
            Order::Buy { .. } => unreachable!("slices are stakes and sales"),
        };
        let state = scene.world.state();
        let event = SlicePlaced {
            header: header(&scene),
            desk,
            market,
            order: address,
            owner,
            rent_payer: scene.keeper(),
            pending: scene.pending_address(),
            side,
            outcome: 0,
            amount: SLICE,
            bound,
            desk_cash: state.cash,
            desk_shares: state.shares[0],
        };
        said(&scene.world, &receipt, &event);
        let receipt = scene.world.cancel(&scene.owner, 1).expect("an end");
        let event = OrderCancelled {
            header: header(&scene),
            desk,
            market,
            order: address,
            owner,
            left: TOTAL,
            in_flight: SLICE,
        };
        said(&scene.world, &receipt, &event);
        scene.world.pass(DELAY);
        scene.execute();
        let result = scene.pending().kept().expect("a receipt");
        let receipt = scene.world.book_slice(&scene.owner, 1).expect("a booking");
        let (order, state) = (scene.order(), scene.world.state());
        let event = SliceBooked {
            header: header(&scene),
            desk,
            market,
            order: address,
            owner,
            rent_payer: scene.keeper(),
            side,
            outcome: 0,
            result,
            tip_lamports: TIP,
            left: TOTAL - SLICE,
            next_at: order.next_at,
            desk_cash: state.cash,
            desk_shares: state.shares[0],
        };
        said(&scene.world, &receipt, &event);
    }
}

/// Whoever wins each place can hold the room of a desk with orders of his own that come back, each at the edge of its
/// limit when it is placed and beyond it when it is executed: at the fees of the bets that see to it, half a tip for
/// each, and no longer than he goes on.
#[test]
fn room_of_a_desk_is_held_at_the_price_of_its_rounds() {
    const ROUNDS: u64 = 5;
    const PUSH: u64 = 1_000_000;
    let mut world = start();
    let (victim, raider) = (bettor(&mut world), bettor(&mut world));
    let terms = world.iceberg(OrderSide::Buy, TOTAL, far(OrderSide::Buy));
    world.place(&victim, 1, terms).expect("an order");
    let market = world.market;
    let placer = world.accounts().keeper;
    let had = (
        world.flash.balance(raider.tokens),
        held(&world, &raider),
        world.lamports(placer),
    );
    for nonce in 1..=ROUNDS {
        // What the slice comes to now, and a hair above it.
        let now = quote(&world, OrderSide::Buy, WHOLE);
        let average = (u128::from(WHOLE) << 63) / u128::from(now.shares.0);
        let limit = u64::try_from(average + average / 10_000).expect("a price");
        let mut terms = world.iceberg(OrderSide::Buy, WHOLE, limit);
        terms.plan = OrderPlan::Iceberg {
            shown: WHOLE,
            interval_seconds: 0,
            limit,
        };
        world.place(&raider, nonce, terms).expect("an order");
        let pushed = world.flash.place(&raider, market, 0, PUSH);
        pushed.expect("a bet");
        let push = world.flash.nonce;
        world.place_slice(&raider, nonce).expect("a slice");
        let waits = world.place_slice(&victim, 1);
        waits.expect_refusal(OrderError::TooManyFills);
        world.pass(DELAY);
        let pushed = world.flash.execute(&raider, market, push);
        pushed.expect("an execution");
        world.execute_slice(&raider, nonce).expect("an end");
        world.book_slice(&raider, nonce).expect("a booking");
        let order = world.find_order(&raider, nonce).expect("an order");
        assert_eq!(order.left, WHOLE, "it came back");
        world.take_back(&raider, nonce).expect("a return");
    }
    let bought = held(&world, &raider) - had.1;
    let sold = world.flash.cash_out(&raider, market, 0, bought);
    sold.expect("a sale");
    let nonce = world.flash.nonce;
    world.place_slice(&victim, 1).expect("a slice");
    world.pass(DELAY);
    let sold = world.flash.execute(&raider, market, nonce);
    sold.expect("an execution");
    world.execute_slice(&victim, 1).expect("an execution");
    let money = had.0 - world.flash.balance(raider.tokens);
    world.book_slice(&victim, 1).expect("a booking");
    let lamports = had.2 + TIP - world.lamports(placer);
    println!("{ROUNDS} delays cost {money} base units and {lamports} lamports");
    // Of the victim's slice one tip more.
    assert_eq!(lamports, (ROUNDS + 1) * SLICE_TIP);
    // Fees of a hundredth of the less likely side, both ways.
    assert!(
        money > ROUNDS * PUSH / 60 && money < ROUNDS * PUSH / 40,
        "{money}"
    );
}
