//! Rolling chains under random operations: the books of every market are checked after each, and at the end
//! everything is paid and closed.

use anchor_lang::prelude::Pubkey;
use client::{addresses::flash_bets as addresses, instructions::flash_bets::*};
use flash_bets::state::{RollingChain, RollingHolding, Ticket};
use math::Price;
use rand::{rngs::StdRng, seq::SliceRandom, Rng, SeedableRng};
use testbed::{FlashWorld, User};

use super::chain_operations::judge;

const MARKETS: usize = 7;

/// Of a run that every change is tested by.
fn operations() -> u32 {
    crate::support::operations(60, 500)
}

#[test]
fn random_rolling_chains() {
    for seed in [1, 2] {
        run(seed, operations());
    }
}

/// Another seed every time: who sees it fail adds the seed to the list.
#[test]
fn random_rolling_chains_of_a_new_seed() {
    run(rand::random(), operations());
}

#[test]
#[ignore = "takes minutes"]
fn random_rolling_chains_for_5_000_operations() {
    run(3, 5_000);
}

fn run(seed: u64, operations: u32) {
    println!("seed {seed}");
    let (mut flash, _) = FlashWorld::with_liquidity(1_000_000_000_000);
    let users = (0..3).map(|_| flash.user(1_000_000_000_000)).collect();
    let mut run = Run {
        flash,
        random: StdRng::seed_from_u64(seed),
        users,
        markets: Vec::new(),
        chains: Vec::new(),
        counts: [0; 4],
    };
    for _ in 0..operations {
        run.step();
    }
    run.drain();
    let [opened, rolled, executed, ended] = run.counts;
    println!("{opened} opened, {rolled} rolled on, {executed} executed, {ended} ended");
}

struct Run {
    flash: FlashWorld,
    random: StdRng,
    users: Vec<User>,
    markets: Vec<Pubkey>,
    /// Owner and nonce.
    chains: Vec<(usize, u64)>,
    /// Chains that were opened, rolled on, executed, ended.
    counts: [u32; 4],
}

impl Run {
    fn step(&mut self) {
        match self.random.gen_range(0..100) {
            0..=14 => self.create_market(),
            15..=34 => self.open(),
            35..=54 => self.advance(),
            55..=64 => self.execute(),
            65..=68 => self.stop(),
            69..=76 => self.bet(),
            77..=78 => self.suspend(),
            79..=86 => self.settle_market(),
            87..=93 => self.pass_time(30),
            _ => self.close_some(),
        }
    }

    fn create_market(&mut self) {
        if self.markets.len() >= MARKETS {
            return self.pass_time(30);
        }
        let outcomes = self.random.gen_range(2..=4);
        let seconds = self.random.gen_range(60..1_200);
        let mut terms = match self.random.gen_bool(0.3) {
            true => self.flash.question(outcomes),
            false => self.flash.lasting(outcomes, seconds),
        };
        if terms.delay_ms == 0 && self.random.gen_bool(0.3) {
            (terms.delay_ms, terms.execution_seconds) = (2_000, 4);
        }
        terms.depth = 10u64.pow(self.random.gen_range(6..=9));
        if outcomes == 2 && self.random.gen_bool(0.3) {
            terms.curve = FlashCurve::PmAmm;
        }
        let event_book = self.flash.create_event_book();
        let market = self.flash.announce_on(event_book, terms);
        self.markets.push(market);
        if self.random.gen_bool(0.7) {
            let opens_at = self.flash.market_state(market).hours.opens_at;
            self.flash.pass_to(opens_at);
        }
    }

    fn trading(&mut self) -> Vec<Pubkey> {
        let clock = self.flash.chain().clock().clone();
        let mut trading = self.markets.clone();
        trading.retain(|market| {
            let market = self.flash.market_state(*market);
            market.require_trading(&clock).is_ok()
        });
        trading.shuffle(&mut self.random);
        trading
    }

    fn open(&mut self) {
        let Some(first) = self.trading().first().copied() else {
            return self.create_market();
        };
        let mut markets = self.markets.clone();
        markets.retain(|market| {
            *market != first && self.flash.market_state(*market).settlement.is_open()
        });
        markets.shuffle(&mut self.random);
        markets.truncate(self.random.gen_range(1..=4));
        markets.insert(0, first);
        let legs: Vec<_> = markets
            .iter()
            .map(|market| {
                let outcomes = self.flash.market_state(*market).pool.outcomes;
                (*market, self.random.gen_range(0..outcomes))
            })
            .collect();
        let user = self.random.gen_range(0..self.users.len());
        let stake = 10u64.pow(self.random.gen_range(0..=7)) * self.random.gen_range(1..10);
        let mut open = self.flash.build_rolling(&self.users[user], &legs, stake);
        open.args.tip_lamports = self.random.gen_range(0..10_000);
        open.args.max_above_slow = self.random.gen_range(500..=10_000);
        for step in &mut open.args.steps {
            step.max_price = Price::ONE.0 / 100 * self.random.gen_range(50..=100);
        }
        let nonce = open.nonce;
        let key = self.users[user].key.insecure_clone();
        let result = self.flash.send_with_table(&open.instruction(), &[&key]);
        if judge(result) {
            self.chains.push((user, nonce));
            self.counts[0] += 1;
        }
    }

    /// One of the chains that are so.
    fn chain(&mut self, is_wanted: impl Fn(&RollingChain) -> bool) -> Option<(usize, u64)> {
        let mut chains = self.chains.clone();
        chains.shuffle(&mut self.random);
        chains.into_iter().find(|(user, nonce)| {
            let chain = self.flash.rolling_state(&self.users[*user], *nonce);
            is_wanted(&chain)
        })
    }

    fn is_settled(&self, chain: &RollingChain) -> bool {
        let market = self.flash.market_state(chain.market());
        market.settlement.is_settled()
    }

    fn count_end(&mut self, chain: (usize, u64)) {
        let (user, nonce) = chain;
        if self.flash.find_rolling(&self.users[user], nonce).is_none() {
            self.chains.retain(|other| *other != chain);
            self.counts[3] += 1;
        }
    }

    fn advance(&mut self) {
        let settled: Vec<_> = self
            .chains
            .iter()
            .copied()
            .filter(|(user, nonce)| {
                let chain = self.flash.rolling_state(&self.users[*user], *nonce);
                self.is_settled(&chain)
            })
            .collect();
        let chains = if settled.is_empty() {
            &self.chains
        } else {
            &settled
        };
        let Some((user, nonce)) = chains.choose(&mut self.random).copied() else {
            return self.open();
        };
        let result = self.flash.advance(&self.users[user], nonce);
        self.counts[1] += u32::from(judge(result));
        self.count_end((user, nonce));
    }

    fn execute(&mut self) {
        let is_waiting =
            |chain: &RollingChain| matches!(chain.holding, RollingHolding::Stake { .. });
        let Some((user, nonce)) = self.chain(is_waiting) else {
            return self.settle_market();
        };
        let chain = self.flash.rolling_state(&self.users[user], nonce);
        let RollingHolding::Stake { wait, .. } = chain.holding else {
            return;
        };
        let is_early = self.flash.chain().now().seconds() < wait.executable_at;
        if is_early && self.random.gen_bool(0.9) {
            self.flash.pass_rolling_delay(&self.users[user], nonce);
        }
        let result = self.flash.execute_rolling(&self.users[user], nonce);
        self.counts[2] += u32::from(judge(result));
        self.count_end((user, nonce));
    }

    fn stop(&mut self) {
        let Some((user, nonce)) = self.chain(|_| true) else {
            return;
        };
        let chain = self.flash.rolling_state(&self.users[user], nonce);
        let ticket = addresses::ticket(&chain.market(), &self.users[user].address());
        if self.flash.find::<Ticket>(ticket).is_none() {
            let result = self.flash.open_ticket(&self.users[user], chain.market());
            judge(result);
        }
        let result = self.flash.stop_rolling(&self.users[user], nonce);
        let is_held = matches!(chain.holding, RollingHolding::Shares { .. });
        assert_eq!(judge(result), is_held, "its owner ends what does not wait");
        self.count_end((user, nonce));
    }

    fn bet(&mut self) {
        let Some(market) = self.trading().first().copied() else {
            return;
        };
        if self.flash.market_state(market).delay_slots > 0 {
            return;
        }
        let user = self.random.gen_range(0..self.users.len());
        let outcomes = self.flash.market_state(market).pool.outcomes;
        let outcome = self.random.gen_range(0..outcomes);
        let stake = 10u64.pow(self.random.gen_range(3..=8));
        let result = self
            .flash
            .open_and_place(&self.users[user], market, outcome, stake);
        judge(result);
    }

    fn suspend(&mut self) {
        if let Some(market) = self.trading().first().copied() {
            let seconds = self.random.gen_range(1..8);
            let result = self.flash.suspend(market, seconds);
            judge(result);
        }
    }

    /// By its result, mostly, or void.
    fn settle_market(&mut self) {
        let now = self.flash.chain().now().seconds();
        let mut due = self.markets.clone();
        due.retain(|market| {
            let market = self.flash.market_state(*market);
            let observed_at = i64::try_from(market.evidence.observe_at_ms / 1_000).unwrap();
            market.settlement.is_open() && now >= observed_at
        });
        let Some(market) = due.choose(&mut self.random).copied() else {
            return self.pass_time(60);
        };
        let state = self.flash.market_state(market);
        if now >= state.void_from && self.random.gen_bool(0.5) {
            let result = self.flash.void(market);
            judge(result);
            return;
        }
        // What most chains win by, so that they roll on.
        let outcomes = usize::from(state.pool.outcomes);
        let outcome = (0..outcomes).max_by_key(|outcome| state.pool.sold[*outcome]);
        let result = self
            .flash
            .resolve(market, i64::try_from(outcome.unwrap()).unwrap());
        judge(result);
    }

    fn pass_time(&mut self, most: i64) {
        let seconds = self.random.gen_range(1..most);
        let now = self.flash.chain().now().seconds();
        self.flash.pass_to(now + seconds);
    }

    /// A settled market without chains in it, if there is one.
    fn close_some(&mut self) {
        let busy: Vec<_> = self
            .chains
            .iter()
            .map(|(user, nonce)| {
                let chain = self.flash.rolling_state(&self.users[*user], *nonce);
                chain.market()
            })
            .collect();
        let mut settled = self.markets.clone();
        settled.retain(|market| {
            let state = self.flash.market_state(*market);
            state.settlement.is_settled() && !busy.contains(market)
        });
        if let Some(market) = settled.first().copied() {
            self.close(market);
        }
    }

    fn close(&mut self, market: Pubkey) {
        for user in 0..self.users.len() {
            let address = addresses::ticket(&market, &self.users[user].address());
            if self.flash.find::<Ticket>(address).is_some() {
                let result = self.flash.settle(market, &[&self.users[user]]);
                assert!(judge(result), "a ticket");
            }
        }
        self.flash.release(market).expect("a release");
        self.flash.close(market).expect("a closing");
        self.flash.forget(market);
        self.markets.retain(|other| *other != market);
    }

    /// Everything ends by what anybody may do.
    fn drain(&mut self) {
        for market in self.markets.clone() {
            let state = self.flash.market_state(market);
            if state.settlement.is_open() {
                self.flash.pass_to(state.void_from);
                if self.flash.void(market).is_err() {
                    let observation = state.evidence.observation;
                    self.flash
                        .resolve_on(market, observation)
                        .expect("a result");
                }
            }
        }
        while let Some((user, nonce)) = self.chains.first().copied() {
            let chain = self.flash.rolling_state(&self.users[user], nonce);
            let step = match chain.holding {
                RollingHolding::Stake { .. } => {
                    self.flash.execute_rolling(&self.users[user], nonce)
                }
                RollingHolding::Shares { .. } => self.flash.advance(&self.users[user], nonce),
            };
            step.expect("a step");
            self.count_end((user, nonce));
        }
        for market in self.markets.clone() {
            self.close(market);
        }
        assert_eq!(self.flash.vault_state().allocated, 0);
    }
}
