//! Orders on flash markets with a bet delay: slices that wait there, to every end with exact balances, and what
//! who places, executes or books them tries.

use anchor_lang::prelude::Pubkey;
use client::{addresses::orders as addresses, instructions::orders::*};
use flash_bets::{
    error::FlashError,
    state::{Order, PendingOrder},
};
use market_core::{Fill, Now};
use orders::{error::OrderError, state::DeskOrder};
use testbed::{thousandths, ExpectError, FlashDeskWorld, User, TIP};

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
        assert_eq!(self.world.lamports(self.keeper()), before + TIP);
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

    fn pending(&self) -> Option<PendingOrder> {
        self.world.flash.find(self.pending_address())
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

/// A market of an hour, in which bets wait for two seconds and are executed in four more.
fn start() -> FlashDeskWorld {
    FlashDeskWorld::start_with(|terms| {
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
        assert_eq!(scene.world.lamports(scene.keeper()), keeper + TIP);
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
