//! Random orders, fills, slices, bets and suspensions on flash markets with and without a bet delay, with the
//! books checked after every step; everything is closed at the end.

use anchor_lang::{prelude::Pubkey, solana_program::instruction::Instruction};
use client::instructions::{
    flash_bets::{FlashCurve, SettleTickets, SettledTicket},
    orders::*,
};
use flash_bets::state::{Order, TICKET_HOLD_SECONDS};
use market_core::Now;
use orders::state::{DeskOrder, MarketCopy};
use rand::{rngs::StdRng, Rng, SeedableRng};
use testbed::{thousandths, uniform, FlashDeskWorld, Receipt, SendError, User};

/// Fixed seeds: a market with a bet delay that is resolved while it trades, and one that is closed before the
/// slices of its desk are booked.
const KNOWN: [u64; 2] = [1, 13];

const STAKE: u64 = 100_000_000;
const DELAY: u64 = 5;

#[test]
fn books_hold_over_random_operations() {
    let steps = crate::support::operations(150, 300);
    for seed in KNOWN.into_iter().chain([rand::random()]) {
        run(seed, steps);
    }
}

/// `cargo test -p strobe-tests --test e2e -- --ignored flash_properties`; a first seed may be given in
/// `STROBE_FIRST_SEED`, and how many seeds in `STROBE_SEEDS`.
#[test]
#[ignore = "some minutes"]
fn books_hold_over_ten_thousand_operations() {
    let number = |name| std::env::var(name).ok()?.parse::<u64>().ok();
    let first = number("STROBE_FIRST_SEED").unwrap_or_else(rand::random);
    let mut done = [0; KINDS.len()];
    for more in 0..number("STROBE_SEEDS").unwrap_or(10) {
        let counts = run(first.wrapping_add(more), 1_000);
        for (sum, count) in done.iter_mut().zip(counts) {
            *sum += count;
        }
    }
    println!("{KINDS:?} in all: {done:?}");
}

const KINDS: [&str; 12] = [
    "placed",
    "filled",
    "slices placed",
    "slices ended",
    "slices booked",
    "returned",
    "cancelled",
    "bets",
    "sales",
    "crossed",
    "sandwiched",
    "suspended",
];

struct Player {
    random: StdRng,
    world: FlashDeskWorld,
    is_delayed: bool,
    /// The last has shares of all outcomes, and puts whatever it likes around what it executes.
    people: Vec<User>,
    /// Owner and nonce of an order.
    open: Vec<(usize, u64)>,
    /// Of bets and sales that wait.
    waiting: Vec<(usize, u64)>,
    done: [u32; KINDS.len()],
}

/// How many operations of each kind were done.
fn run(seed: u64, steps: u32) -> [u32; KINDS.len()] {
    println!("seed {seed}");
    let mut random = StdRng::seed_from_u64(seed);
    let is_delayed = !seed.is_multiple_of(3);
    let mut world = FlashDeskWorld::start_with(|terms| {
        terms.fee_rate = random.gen_range(20..=300);
        terms.micro_tau = random.gen();
        terms.freeze_seconds = 60;
        if random.gen() {
            terms.curve = FlashCurve::PmAmm;
        } else {
            terms.prior = uniform(random.gen_range(2..=4));
        }
        if is_delayed {
            terms.observe_at_ms -= u64::from(terms.duration_seconds) * 1_000;
            terms.delay_ms = 2_000;
            terms.execution_seconds = 4;
        }
    });
    let people = (0..5).map(|_| world.user()).collect();
    let mut player = Player {
        random,
        world,
        is_delayed,
        people,
        open: vec![],
        waiting: vec![],
        done: [0; KINDS.len()],
    };
    let outcomes = player.world.state().outcomes;
    for who in 0..player.people.len() {
        for outcome in 0..outcomes {
            assert!(player.bet(who, outcome, STAKE), "a bet");
        }
    }
    player.world.pass(DELAY);
    player.end_bets(usize::MAX);
    for step in 0..steps {
        player.step(step.into());
    }
    player.end(seed)
}

impl Player {
    fn step(&mut self, nonce: u64) {
        let raider = self.people.len() - 1;
        let who = self.random.gen_range(0..raider);
        let outcomes = self.world.state().outcomes;
        let outcome = self.random.gen_range(0..outcomes);
        let amount = 1 << self.random.gen_range(8..24);
        let some = (!self.open.is_empty()).then(|| self.random.gen_range(0..self.open.len()));
        let (kind, is_done) = match (self.random.gen_range(0..20), some) {
            (0..=2, _) => (0, self.place(who, nonce, outcome, amount)),
            (3..=9, Some(index)) => self.crank(self.open[index]),
            (10, Some(index)) => (5, self.take_back(index)),
            (11, Some(index)) => (6, self.cancel(self.open[index])),
            (12, _) => (7, self.bet(who, outcome, amount)),
            (13, _) => (8, self.sell(who, outcome, amount)),
            (14 | 15, _) => {
                self.end_bets(3);
                return;
            }
            (16, _) => (9, self.cross_any()),
            (17, Some(index)) => (10, self.sandwich(self.open[index])),
            (18, _) => (11, self.suspend()),
            _ => {
                let slots = self.random.gen_range(1..40);
                self.world.pass(slots);
                return;
            }
        };
        self.done[kind] += u32::from(is_done);
        self.world.check();
    }

    fn order(&self, (owner, nonce): (usize, u64)) -> DeskOrder {
        let order = self.world.find_order(&self.people[owner], nonce);
        order.expect("an order")
    }

    /// What anybody may do of an order, whether it is time or not.
    fn crank(&mut self, (owner, nonce): (usize, u64)) -> (usize, bool) {
        let order = self.order((owner, nonce));
        let (world, owner) = (&mut self.world, &self.people[owner]);
        if order.trigger.is_some() {
            drop(world.watch(owner, nonce));
        }
        if !self.is_delayed {
            return (1, world.fill(owner, nonce).is_ok());
        }
        if order.in_flight.is_none() {
            return (2, world.place_slice(owner, nonce).is_ok());
        }
        let before = world.lamports(world.accounts().keeper);
        let is_ended = world.execute_slice(owner, nonce).is_ok();
        if self.random.gen() {
            self.done[3] += u32::from(is_ended);
            let is_booked = world.book_slice(owner, nonce).is_ok();
            let after = world.lamports(world.accounts().keeper);
            assert!(after >= before && (is_booked || after == before));
            return (4, is_booked);
        }
        (3, is_ended)
    }

    fn take_back(&mut self, index: usize) -> bool {
        let (owner, nonce) = self.open[index];
        let owner = &self.people[owner];
        let is_returned = if self.random.gen() {
            self.world.give_back(owner, nonce).is_ok()
        } else {
            self.world.take_back(owner, nonce).is_ok()
        };
        if is_returned {
            self.open.swap_remove(index);
        }
        is_returned
    }

    fn cancel(&mut self, (owner, nonce): (usize, u64)) -> bool {
        let is_rare = self.random.gen_range(0..3) == 0;
        is_rare && self.world.cancel(&self.people[owner], nonce).is_ok()
    }

    fn bet(&mut self, who: usize, outcome: u8, stake: u64) -> bool {
        let (market, user) = (self.world.market, &self.people[who]);
        let bet = self.world.flash.place(user, market, outcome, stake);
        self.count_waiting(who, bet)
    }

    fn sell(&mut self, who: usize, outcome: u8, shares: u64) -> bool {
        let (market, user) = (self.world.market, &self.people[who]);
        let sale = self.world.flash.cash_out(user, market, outcome, shares);
        self.count_waiting(who, sale)
    }

    fn count_waiting(&mut self, who: usize, sent: Result<Receipt, SendError>) -> bool {
        let is_done = sent.is_ok();
        if is_done && self.is_delayed {
            self.waiting.push((who, self.world.flash.nonce));
        }
        is_done
    }

    /// Executes, or gives back, up to so many bets and sales that wait, the oldest first.
    fn end_bets(&mut self, most: usize) {
        let mut left = vec![];
        for (index, (who, nonce)) in std::mem::take(&mut self.waiting).into_iter().enumerate() {
            let (market, user) = (self.world.market, &self.people[who]);
            if index >= most || self.world.flash.execute(user, market, nonce).is_err() {
                left.push((who, nonce));
            }
            self.world.check();
        }
        self.waiting = left;
    }

    fn suspend(&mut self) -> bool {
        let market = self.world.market;
        if self.random.gen() {
            return self.world.flash.resume(market).is_ok();
        }
        let seconds = self.random.gen_range(1..4);
        self.world.flash.suspend(market, seconds).is_ok()
    }

    /// Fills the first two orders against each other that can be; the books say which. None can be where bets
    /// wait.
    fn cross_any(&mut self) -> bool {
        let flash = &self.world.flash;
        let now = Now::without_halts(flash.chain().slot(), self.world.seconds());
        let state = flash.market_state(self.world.market);
        let mut market = MarketCopy::Flash(Box::new(state));
        let mut desk = self.world.state();
        if market.observe(now).is_err() {
            return false;
        }
        let market = market.any();
        desk.read_prices(market);
        self.open.sort_by_key(|(_, nonce)| *nonce);
        let orders: Vec<_> = self
            .open
            .iter()
            .map(|named| (*named, self.order(*named)))
            .filter(|(_, order)| order.due(now.seconds).is_ok())
            .take(12)
            .collect();
        let found = orders.iter().find_map(|(older, first)| {
            let crosses = |second| desk.cross(market, first, second, &now).is_ok();
            let other = orders.iter().find(|(_, second)| crosses(second));
            other.map(|(newer, _)| [*older, *newer])
        });
        assert!(!self.is_delayed || found.is_none());
        found.is_some_and(|pair| {
            let [older, newer] = pair.map(|(owner, nonce)| (&self.people[owner], nonce));
            self.world.cross(older, newer).is_ok()
        })
    }

    /// The raider trades ahead of a fill and back after it, in one transaction: where bets wait, by what it
    /// placed before.
    fn sandwich(&mut self, (owner, nonce): (usize, u64)) -> bool {
        if self.is_delayed {
            // Its own trades are executed with nothing but the slice between them.
            self.world.pass(DELAY);
            self.end_bets(usize::MAX);
        }
        let order = self.order((owner, nonce));
        if order.in_flight.is_some() || !self.waiting.is_empty() {
            return false;
        }
        let raider = self.people.len() - 1;
        let before = self.purse(order.outcome);
        let Some(pushes) = self.push(raider, order.outcome, order.side) else {
            return false;
        };
        let key = self.people[raider].key.insecure_clone();
        let victim = &self.people[owner];
        let is_done = if self.is_delayed {
            self.sandwich_later(victim.address(), nonce, pushes)
        } else {
            let [ahead, back] = pushes.map(|(instruction, _)| instruction);
            let fill = self.world.accounts().fill(victim.address(), nonce);
            let sent = [ahead, fill.instruction(), back];
            self.world.send(&sent, &[&key]).is_ok()
        };
        let after = self.purse(order.outcome);
        assert_eq!(after.1, before.1, "it holds what it held");
        assert!(after.0 <= before.0, "it gained {}", after.0 - before.0);
        is_done
    }

    /// Places both of the raider's, then the slice, and has them executed in that order.
    fn sandwich_later(
        &mut self,
        owner: Pubkey,
        nonce: u64,
        pushes: [(Instruction, u64); 2],
    ) -> bool {
        let raider = &self.people[self.people.len() - 1];
        let key = raider.key.insecure_clone();
        let [(ahead, first), (back, last)] = pushes;
        if self.world.send(&[ahead, back], &[&key]).is_err() {
            return false;
        }
        let place = self.world.accounts().place_slice(owner, nonce);
        let (market, keeper) = (self.world.market, self.world.keeper.insecure_clone());
        self.world.flash.know(market, place.slice.pending());
        let placed = self.world.send(&[place.instruction()], &[&keeper]).is_ok();
        self.world.pass(DELAY);
        let flash = &self.world.flash;
        let mut orders = vec![flash.ended(raider, market, first)];
        orders.extend(placed.then(|| place.slice.ended()));
        orders.push(flash.ended(raider, market, last));
        let all = flash.build_execute_all(market, orders).instruction();
        self.world.send(&[all], &[]).expect("all are executed");
        if placed {
            let book = BookSlice { slice: place.slice };
            let booked = self.world.send(&[book.instruction()], &[]);
            booked.expect("a booking");
        }
        placed
    }

    /// The raider's trades that move the price against an order's owner, and back, with their nonces.
    fn push(
        &mut self,
        raider: usize,
        outcome: u8,
        side: OrderSide,
    ) -> Option<[(Instruction, u64); 2]> {
        let amount = 1 << self.random.gen_range(8..25);
        let (market, raider) = (self.world.market, &self.people[raider]);
        let flash = &mut self.world.flash;
        let mut state = flash.market_state(market);
        let now = Now::without_halts(flash.chain().slot(), flash.chain().now().seconds());
        Some(match side {
            OrderSide::Buy => {
                let order = Order::Stake {
                    stake: amount,
                    min_shares: 0,
                };
                let bought = state.trade(now, outcome, order).ok()?.shares.0;
                let ahead = flash.build_buy_shares(raider, market, outcome, [bought, 2 * amount]);
                let first = flash.nonce;
                let back = flash.build_cash_out(raider, market, outcome, bought);
                [
                    (ahead.instruction(), first),
                    (back.instruction(), flash.nonce),
                ]
            }
            OrderSide::Sell => {
                let ahead = flash.build_cash_out(raider, market, outcome, amount);
                let first = flash.nonce;
                let back = flash.build_buy_shares(raider, market, outcome, [amount, 2 * amount]);
                [
                    (ahead.instruction(), first),
                    (back.instruction(), flash.nonce),
                ]
            }
        })
    }

    /// The raider's base units and shares of an outcome.
    fn purse(&self, outcome: u8) -> (u64, u64) {
        let raider = &self.people[self.people.len() - 1];
        let ticket = self.world.flash.ticket(self.world.market, raider);
        let money = self.world.flash.balance(raider.tokens);
        (money, ticket.holdings.shares[usize::from(outcome)])
    }

    fn place(&mut self, who: usize, nonce: u64, outcome: u8, total: u64) -> bool {
        let random = &mut self.random;
        let side = if random.gen() {
            OrderSide::Buy
        } else {
            OrderSide::Sell
        };
        let limit = match side {
            OrderSide::Buy => thousandths(random.gen_range(300..999)),
            OrderSide::Sell => thousandths(random.gen_range(1..700)),
        };
        let slices = random.gen_range(1..8);
        let plan = match random.gen_range(0..3) {
            0 => OrderPlan::Iceberg {
                shown: total.div_ceil(slices),
                interval_seconds: random.gen_range(0..30),
                limit,
            },
            1 => OrderPlan::Twap {
                slices: slices as u32,
                limit,
            },
            _ => OrderPlan::Gradual {
                slices: slices as u32,
                limit_from: limit,
                limit_to: thousandths(random.gen_range(1..999)),
            },
        };
        let near = thousandths(random.gen_range(1..999));
        let trigger = (random.gen_range(0..4) == 0).then_some(TriggerTerms {
            stop: Some(near),
            take: None,
            trail: None,
            window_slots: random.gen_range(25..60),
        });
        let terms = OrderTerms {
            outcome,
            side,
            total,
            expires_at: self.world.seconds() + random.gen_range(30..600),
            max_deviation: random.gen_range(100..=5_000),
            tip_lamports: 1_000,
            plan,
            trigger,
        };
        let is_placed = self.world.place(&self.people[who], nonce, terms).is_ok();
        if is_placed {
            self.open.push((who, nonce));
        }
        is_placed
    }

    /// Settles the market in one of several ways, gives everything back and closes every account.
    fn end(mut self, seed: u64) -> [u32; KINDS.len()] {
        println!("{KINDS:?}: {:?}", self.done);
        let market = self.world.market;
        let state = self.world.flash.market_state(market);
        match seed / 3 % 5 {
            0 => self.world.flash.resolve(market, 0).map(drop),
            1 => {
                self.world.flash.pass_to(state.hours.locks_at);
                self.world.flash.resolve(market, 1).map(drop)
            }
            2 => {
                self.world.flash.pass_to(state.void_from);
                self.world.flash.void(market).map(drop)
            }
            _ => self.world.flash.resolve(market, 1).map(drop),
        }
        .expect("an end");
        self.world.check();
        let is_closed_first = seed / 3 % 5 == 4;
        if self.world.state().slices_in_flight > 0 {
            assert!(self.world.settle().is_err(), "slices are in flight");
        }
        if is_closed_first {
            self.close_market_first();
        } else {
            self.end_slices();
            self.end_bets(usize::MAX);
        }
        assert!(self.waiting.is_empty(), "every bet has ended");
        self.book_slices();
        self.world.settle().expect("a settlement");
        for (owner, nonce) in std::mem::take(&mut self.open) {
            let owner = &self.people[owner];
            self.world.give_back(owner, nonce).expect("a return");
        }
        let desk = self.world.state();
        // Less than a unit for each order was lost to rounding.
        assert!(desk.cash <= self.world.placed.len() as u64, "{}", desk.cash);
        assert_eq!((desk.load_in_flight, desk.shares), (0, [0; 64]));
        let address = self.world.desk();
        let accounts = [address, self.world.accounts().tokens_of(&address)];
        self.world.close().expect("a closing");
        assert_eq!(accounts.map(|account| self.world.lamports(account)), [0; 2]);
        if !is_closed_first {
            self.close_market();
        }
        self.world.flash.check();
        self.world.flash.forget(market);
        self.done
    }

    /// Ends every slice that is in the market.
    fn end_slices(&mut self) {
        for (owner, nonce) in self.open.clone() {
            if self.order((owner, nonce)).in_flight.is_some() {
                // Some have ended.
                drop(self.world.execute_slice(&self.people[owner], nonce));
            }
        }
    }

    fn book_slices(&mut self) {
        for (owner, nonce) in self.open.clone() {
            if self.order((owner, nonce)).in_flight.is_some() {
                let booked = self.world.book_slice(&self.people[owner], nonce);
                booked.expect("a booking");
            }
        }
        assert_eq!(self.world.state().slices_in_flight, 0);
    }

    fn close_market(&mut self) {
        let market = self.world.market;
        let people: Vec<_> = self.people.iter().collect();
        self.world.flash.settle(market, &people).expect("payouts");
        self.world.flash.close(market).expect("a closing");
    }

    /// The desk's ticket is settled by a stranger once the day is over, and the market closed, before a slice
    /// is booked.
    fn close_market_first(&mut self) {
        let market = self.world.market;
        self.end_slices();
        self.end_bets(usize::MAX);
        let settled_at = self.world.flash.market_state(market).settled_at;
        self.world.flash.pass_to(settled_at + TICKET_HOLD_SECONDS);
        let desk = self.world.desk();
        let settle = SettleTickets {
            market,
            token_program: self.world.flash.token_program(),
            in_one_call: false,
            tickets: vec![SettledTicket {
                owner: desk,
                owner_tokens: self.world.accounts().tokens_of(&desk),
                rent_payer: self.world.opener.address(),
            }],
        };
        let settled = self.world.flash.send(settle.instruction(), &[]);
        settled.expect("a payout");
        self.close_market();
    }
}
