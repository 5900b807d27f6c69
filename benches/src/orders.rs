//! The orders' instructions.

use anchor_lang::solana_program::instruction::Instruction;
use client::instructions::{
    orders::{
        CloseDesk, MarketProgram, ObservePrices, OrderSide, OrderTerms, SettleDesk, TriggerTerms,
    },
    signed_by,
};
use orders::state::AVERAGE_SLOTS;
use solana_keypair::Keypair;
use testbed::{
    thousandths, BatchWorld, DeskWorld, FlashDeskWorld, KeySource, Receipt, Sealed, SendError,
};

use crate::{Measured, SEED};

const TOTAL: u64 = 10_000_000;

/// Of the bet delay.
const DELAY_SLOTS: u64 = 5;

pub fn measure(measured: &mut Measured) {
    let world = DeskWorld::start_with(KeySource::seeded(SEED), 2, |_| {});
    let mut scenario = Scenario { world, measured };
    scenario.life();
    scenario.trigger();
    scenario.end();
    batches(measured);
    flash(measured);
    waiting(measured);
}

/// Orders on a flash market.
fn flash(measured: &mut Measured) {
    let mut world = FlashDeskWorld::without_desk(KeySource::seeded(SEED), |_| {});
    let mut take = |name: &str, sent: Result<Receipt, SendError>| {
        let receipt = sent.expect(name);
        measured.take(&format!("orders {name}"), &receipt);
    };
    take("open_desk (flash)", world.open());
    take("observe_prices (flash)", world.observe());
    let market = world.market;
    for (nonce, (what, side, limit)) in
        (1..).zip([("buy", OrderSide::Buy, 540), ("sell", OrderSide::Sell, 460)])
    {
        let owner = world.user();
        for outcome in 0..2 {
            let bet = world.flash.place(&owner, market, outcome, 2 * TOTAL);
            bet.expect("a bet");
        }
        world.pass(1);
        let terms = world.iceberg(side, TOTAL, thousandths(limit));
        let placed = world.place(&owner, nonce, terms);
        take(&format!("place_order ({what}, flash)"), placed);
        let filled = world.fill(&owner, nonce);
        take(&format!("fill_order ({what}, flash)"), filled);
        let taken = world.take_back(&owner, nonce);
        take(&format!("return_order ({what}, flash)"), taken);
    }
    world.flash.resolve(market, 0).expect("a result");
    take("settle_desk (flash)", world.settle());
}

/// Slices that wait in a flash market with a bet delay.
fn waiting(measured: &mut Measured) {
    let mut world = FlashDeskWorld::without_desk(KeySource::seeded(SEED), |terms| {
        terms.delay_ms = 2_000;
        terms.execution_seconds = 4;
    });
    let mut take = |name: &str, sent: Result<Receipt, SendError>| {
        let receipt = sent.expect(name);
        measured.take(name, &receipt);
    };
    world.open().expect("a desk");
    let market = world.market;
    for (nonce, (what, side, limit)) in
        (1..).zip([("buy", OrderSide::Buy, 540), ("sell", OrderSide::Sell, 460)])
    {
        let owner = world.user();
        for outcome in 0..2 {
            let bet = world.flash.place(&owner, market, outcome, 2 * TOTAL);
            bet.expect("a bet");
            let bet = world.flash.nonce;
            world.pass(DELAY_SLOTS);
            let executed = world.flash.execute(&owner, market, bet);
            executed.expect("an execution");
        }
        let terms = world.iceberg(side, TOTAL, thousandths(limit));
        world.place(&owner, nonce, terms).expect("an order");
        let placed = world.place_slice(&owner, nonce);
        take(&format!("orders place_slice ({what})"), placed);
        world.pass(DELAY_SLOTS);
        let executed = world.execute_slice(&owner, nonce);
        take(
            &format!("flash_bets execute_orders (1 slice, {what})"),
            executed,
        );
        let booked = world.book_slice(&owner, nonce);
        take(&format!("orders book_slice ({what})"), booked);
        let cancelled = world.cancel(&owner, nonce);
        take(&format!("orders cancel_order ({what})"), cancelled);
        world.give_back(&owner, nonce).expect("a return");
    }
}

/// Two sealed orders, from the opening of their batch to its closing.
fn batches(measured: &mut Measured) {
    let mut world = BatchWorld::unopened(KeySource::seeded(SEED));
    let mut take = |name: &str, sent: Result<Receipt, SendError>| {
        let receipt = sent.expect(name);
        measured.take(&format!("orders {name}"), &receipt);
    };
    take("open_batch", world.open());
    let owners = [0, 1].map(|_| world.desk.trader());
    let orders = [0, 1].map(|outcome| {
        let (owner, terms) = (
            &owners[usize::from(outcome)],
            BatchWorld::terms(outcome, 600),
        );
        let sealed = world.seal(owner, 1, terms);
        take(&format!("seal_order (outcome {outcome})"), sealed);
        Sealed::new(owner, 1, terms)
    });
    world.desk.markets.go_to_second(world.batch.commit_until);
    take("price_batch (begins)", world.price());
    world.desk.pass(AVERAGE_SLOTS);
    take("price_batch (fixes)", world.price());
    for (outcome, order) in orders.into_iter().enumerate() {
        let revealed = world.reveal(order);
        take(&format!("reveal_order (outcome {outcome})"), revealed);
    }
    take("cross_batch", world.cross());
    for (outcome, owner) in owners.iter().enumerate() {
        let given = world.give_back(owner, 1);
        take(&format!("return_sealed_order (outcome {outcome})"), given);
    }
    take("close_batch", world.close());
}

struct Scenario<'a> {
    world: DeskWorld,
    measured: &'a mut Measured,
}

impl Scenario<'_> {
    fn send(&mut self, name: &str, instruction: Instruction, signers: &[&Keypair]) {
        let receipt = self.world.send(&[instruction], signers).expect(name);
        self.measured.take(&format!("orders {name}"), &receipt);
    }

    /// From placing to returning, on both sides.
    fn life(&mut self) {
        let market = self.world.market;
        for (what, side, limit) in [("buy", OrderSide::Buy, 520), ("sell", OrderSide::Sell, 480)] {
            let owner = self.world.trader();
            self.world
                .markets
                .split(&owner, market, TOTAL)
                .expect("sets");
            self.world.pass(1);
            let terms = self.world.iceberg(side, TOTAL, limit);
            let place = self.world.build_place(&owner, 1, terms);
            self.world.placed.insert((place.owner, 1));
            self.send(
                &format!("place_order ({what})"),
                place.instruction(),
                &[&owner.key],
            );
            let fill = self.world.build_fill(&owner, 1);
            self.send(&format!("fill_order ({what}, LMSR, 2 outcomes)"), fill, &[]);
            let give = self.world.build_return(&owner, 1).instruction();
            let signed = signed_by(give, &owner.address());
            self.send(&format!("return_order ({what})"), signed, &[&owner.key]);
        }
        self.crossings();
        let venue = self.world.markets.venue;
        let observe = ObservePrices { venue, market };
        self.send("observe_prices", observe.instruction(), &[]);
    }

    /// Two orders against each other, in each way.
    fn crossings(&mut self) {
        let market = self.world.market;
        let [older, newer] = [(); 2].map(|()| self.world.trader());
        for owner in [&older, &newer] {
            let sets = self.world.markets.split(owner, market, TOTAL);
            sets.expect("sets");
        }
        let (buy, sell) = ((OrderSide::Buy, 510), (OrderSide::Sell, 490));
        for (nonce, (what, first, second)) in (3..).zip([
            ("transfer", (0, buy), (0, sell)),
            ("split", (0, buy), (1, buy)),
            ("merge", (0, sell), (1, sell)),
        ]) {
            for (owner, (outcome, (side, limit))) in [(&older, first), (&newer, second)] {
                let terms = OrderTerms {
                    outcome,
                    ..self.world.iceberg(side, TOTAL / 10, limit)
                };
                self.world.place(owner, nonce, terms).expect("an order");
            }
            self.world.pass(1);
            let pair = self.world.build_match((&older, nonce), (&newer, nonce));
            self.send(&format!("match_orders ({what})"), pair.instruction(), &[]);
            for owner in [&older, &newer] {
                self.world.take_back(owner, nonce).expect("a return");
            }
        }
    }

    /// A stop that is armed and fires.
    fn trigger(&mut self) {
        let (owner, mover) = (self.world.trader(), self.world.trader());
        let market = self.world.market;
        self.world
            .markets
            .split(&owner, market, TOTAL)
            .expect("sets");
        let window_slots = 25;
        let terms = OrderTerms {
            trigger: Some(TriggerTerms {
                stop: Some(thousandths(450)),
                take: Some(thousandths(550)),
                trail: None,
                window_slots,
            }),
            ..self.world.iceberg(OrderSide::Sell, TOTAL, 10)
        };
        self.world.place(&owner, 2, terms).expect("an order");
        self.world
            .markets
            .buy(&mover, market, 1, 20 * TOTAL)
            .expect("a push");
        self.world.pass(1);
        let watch = self.world.build_watch(&owner, 2).instruction();
        self.send("watch_order (armed)", watch.clone(), &[]);
        self.world.pass(window_slots.into());
        self.send("watch_order (fired)", watch, &[]);
        self.world.take_back(&owner, 2).expect("a return");
    }

    fn end(&mut self) {
        let world = &mut self.world;
        let (market, mint) = (world.market, world.markets.mint.address);
        let (rent_payer, token_program) = (world.opener.address(), world.markets.token_program());
        let market_program = MarketProgram::Standard;
        let close = CloseDesk {
            market,
            market_program,
            mint,
            rent_payer,
            token_program,
        };
        self.send("close_desk", close.instruction(), &[]);
        let open = self.world.build_open();
        let opener = self.world.opener.key.insecure_clone();
        self.send("open_desk", open.instruction(), &[&opener]);
        self.world.markets.resolve(market, 0);
        let settle = SettleDesk {
            market,
            market_program,
            rent_payer,
            mint,
            token_program,
        };
        self.send("settle_desk", settle.instruction(), &[]);
    }
}
