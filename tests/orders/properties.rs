//! Random orders, fills, trades and returns, with the books checked after every step; everything is
//! closed at the end.

use client::instructions::orders::*;
use rand::{rngs::StdRng, Rng, SeedableRng};
use testbed::{thousandths, DeskWorld, ProgramKind, Trader, PURSE};

/// Fixed seeds of failures that were found, to be played first.
const KNOWN: [u64; 1] = [1];

#[test]
fn books_hold_over_random_operations() {
    let steps = match ProgramKind::from_env() {
        Ok(ProgramKind::Sbf) => 200,
        _ => 600,
    };
    for seed in KNOWN.into_iter().chain([rand::random()]) {
        println!("seed {seed}");
        run(seed, steps);
    }
}

struct Player {
    random: StdRng,
    world: DeskWorld,
    traders: Vec<Trader>,
    /// Trader and nonce.
    open: Vec<(usize, u64)>,
    done: [u32; 6],
    watched: u32,
    started: u64,
}

fn run(seed: u64, steps: u32) {
    let mut random = StdRng::seed_from_u64(seed);
    let outcomes = random.gen_range(2..=4);
    let mut world = DeskWorld::start_with(testbed::KeySource::Random, outcomes, |args| {
        args.fee_rate = random.gen_range(20..=300);
    });
    let traders: Vec<_> = (0..4).map(|_| world.trader()).collect();
    for trader in &traders {
        let market = world.market;
        world
            .markets
            .split(trader, market, 1_000_000_000)
            .expect("sets");
    }
    let started = 4 * (PURSE - 1_000_000_000);
    let mut player = Player {
        random,
        world,
        traders,
        open: vec![],
        done: [0; 6],
        watched: 0,
        started,
    };
    for step in 0..steps {
        player.step(step.into());
    }
    player.end();
}

impl Player {
    fn step(&mut self, nonce: u64) {
        let who = self.random.gen_range(0..self.traders.len());
        let outcomes = self.world.state().outcomes;
        let outcome = self.random.gen_range(0..outcomes);
        let amount = 1 << self.random.gen_range(10..25);
        let market = self.world.market;
        let kind = self.random.gen_range(0..10);
        let open = (!self.open.is_empty())
            .then(|| self.random.gen_range(0..self.open.len()))
            .map(|index| (index, self.open[index]));
        let is_done = match (kind, open) {
            (0 | 1, _) => self.place(who, nonce, outcome, amount),
            (2..=5, Some((_, (owner, nonce)))) => {
                let trader = &self.traders[owner];
                if self.world.order(trader, nonce).trigger.is_some() {
                    self.watched += u32::from(self.world.watch(trader, nonce).is_ok());
                }
                self.world.fill(trader, nonce).is_ok()
            }
            (6, Some((index, (owner, nonce)))) => {
                let trader = &self.traders[owner];
                let is_returned = if self.random.gen() {
                    self.world.give_back(trader, nonce).is_ok()
                } else {
                    self.world.take_back(trader, nonce).is_ok()
                };
                if is_returned {
                    self.open.swap_remove(index);
                }
                is_returned
            }
            (7, _) => {
                let trader = &self.traders[who];
                self.world
                    .markets
                    .buy(trader, market, outcome, amount)
                    .is_ok()
            }
            (8, _) => {
                let trader = &self.traders[who];
                self.world
                    .markets
                    .sell(trader, market, outcome, amount)
                    .is_ok()
            }
            _ => {
                let slots = self.random.gen_range(1..60);
                self.world.pass(slots);
                false
            }
        };
        let place = match kind {
            0 | 1 => 0,
            2..=5 => 1,
            6 => 2,
            7 => 3,
            8 => 4,
            _ => 5,
        };
        self.done[place] += u32::from(is_done);
        self.world.check();
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
        let terms = OrderTerms {
            outcome,
            side,
            total,
            expires_at: self.world.markets.seconds() + random.gen_range(30..600),
            max_deviation: random.gen_range(100..=5_000),
            tip_lamports: 1_000,
            plan,
            trigger: self.trigger(),
        };
        let is_placed = self.world.place(&self.traders[who], nonce, terms).is_ok();
        if is_placed {
            self.open.push((who, nonce));
        }
        is_placed
    }

    /// None, or one that is near enough to fire.
    fn trigger(&mut self) -> Option<TriggerTerms> {
        let random = &mut self.random;
        let mut near = |most| random.gen::<bool>().then(|| random.gen_range(1..most));
        let [stop, take, trail] = [near(700), near(700), near(50)];
        let terms = TriggerTerms {
            stop: stop.map(thousandths),
            take: take.map(thousandths),
            trail: trail.map(thousandths),
            window_slots: random.gen_range(25..60),
        };
        random.gen::<bool>().then_some(terms)
    }

    fn end(mut self) {
        println!(
            "placed, filled, returned, bought, sold: {:?}, triggers watched: {}",
            &self.done[..5],
            self.watched
        );
        assert!(
            self.done[..3].iter().all(|count| *count > 5) && self.watched > 5,
            "{:?}, {}",
            self.done,
            self.watched
        );
        let market = self.world.market;
        let is_void = self.random.gen();
        if is_void {
            let deadline = self.world.markets.state(market).proposal_until;
            self.world.markets.go_to_second(deadline);
            self.world.markets.void(market).expect("a void");
        } else {
            self.world.markets.resolve(market, 1);
        }
        self.world.settle().expect("a settlement");
        for (owner, nonce) in std::mem::take(&mut self.open) {
            self.world
                .give_back(&self.traders[owner], nonce)
                .expect("a return");
        }
        let state = self.world.state();
        // Less than a unit for each order was lost to rounding.
        assert!(
            state.cash <= self.world.placed.len() as u64,
            "{}",
            state.cash
        );
        self.world.close().expect("a closing");
        let traders: Vec<_> = self.traders.iter().collect();
        self.world.markets.resolve_all(market, &traders);
        let now: u64 = traders
            .iter()
            .map(|trader| self.world.markets.balance(trader.tokens))
            .sum();
        println!("traders went from {} to {now}", self.started);
    }
}
