//! Markets on prices under random operations: the books are checked after each, nothing is at stake beyond the cap,
//! and at the end everything is paid and closed.

use anchor_lang::prelude::Pubkey;
use client::{addresses::flash_bets as addresses, instructions::flash_bets::*};
use flash_bets::state::{FlashMarket, Ticket};
use market_core::MarketStatus;
use rand::{rngs::StdRng, seq::SliceRandom, Rng, SeedableRng};
use testbed::{feed, simulation::field, FlashWorld, User};

use super::chain_operations::judge;

const MARKETS: usize = 5;
const COST_PER_SECOND: u64 = 1_000_000_000;
const STRIKE: i64 = 2_037_104;

/// Of a run that every change is tested by.
fn operations() -> u32 {
    crate::support::operations(60, 500)
}

#[test]
fn random_operations_on_prices() {
    for seed in [1, 2] {
        run(seed, operations());
    }
}

/// Another seed every time: who sees it fail adds the seed to the list.
#[test]
fn random_operations_on_prices_of_a_new_seed() {
    run(rand::random(), operations());
}

#[test]
#[ignore = "takes minutes"]
fn random_operations_on_prices_5_000_times() {
    run(3, 5_000);
}

fn run(seed: u64, operations: u32) {
    println!("seed {seed}");
    let (mut flash, _) = FlashWorld::with_liquidity(1_000_000_000_000);
    flash.world.prove_medians().expect("a key of medians");
    let users = (0..3).map(|_| flash.user(1_000_000_000_000)).collect();
    // Markets that there can be: every feed is one's own, whose cost is behind the timelock.
    let next = flash.vault_state().next_market_id;
    for id in next..next + u64::from(operations / 10) {
        flash.price_feed(field(feed(id)), COST_PER_SECOND);
    }
    let mut run = Run {
        flash,
        random: StdRng::seed_from_u64(seed),
        users,
        markets: Vec::new(),
        last: next + u64::from(operations / 10),
        counts: [0; 4],
    };
    for _ in 0..operations {
        run.step();
    }
    run.drain();
    let [bets, refused, resolved, void] = run.counts;
    println!("{bets} bets, {refused} refused, {resolved} resolved, {void} void");
}

struct Run {
    flash: FlashWorld,
    random: StdRng,
    users: Vec<User>,
    markets: Vec<Pubkey>,
    /// The first market whose feed has no cost.
    last: u64,
    /// Bets, refused ones, markets with a result, void ones.
    counts: [u32; 4],
}

impl Run {
    fn step(&mut self) {
        match self.random.gen_range(0..100) {
            0..=9 => self.create_market(),
            10..=54 => self.bet(),
            55..=69 => self.cash_out(),
            70..=76 => self.strike(),
            77..=86 => self.settle_market(),
            87..=93 => self.pass_time(),
            _ => self.close_some(),
        }
        for market in self.markets.clone() {
            let state = self.flash.market_state(market);
            let interest = state.pool.sold.iter().max().copied().unwrap_or(0);
            assert!(interest <= state.price.max_interest, "beyond the cap");
        }
    }

    fn create_market(&mut self) {
        let is_full = self.markets.len() >= MARKETS;
        if is_full || self.flash.vault_state().next_market_id >= self.last {
            return self.pass_time();
        }
        let mut terms = self.flash.up_or_down();
        let price = terms.price.as_mut().expect("a price");
        price.tick = self.random.gen_range(1..=5);
        price.max_interest = 10u64.pow(self.random.gen_range(7..=9)) * 2;
        terms.depth = 10u64.pow(self.random.gen_range(7..=9));
        if self.random.gen_bool(0.4) {
            let strikes = vec![STRIKE - 50, STRIKE + 50];
            terms.rule = RuleTerms::Threshold { strikes };
            terms.prior = testbed::uniform(3);
        }
        let event_book = self.flash.create_event_book();
        let id = self.flash.vault_state().next_market_id;
        let created = self.flash.try_market(event_book, terms);
        if judge(created) {
            let market = addresses::market(&self.flash.vault, id);
            self.markets.push(market);
            let opens_at = self.flash.market_state(market).hours.opens_at;
            self.flash.pass_to(opens_at);
        }
    }

    fn one(&mut self, is_wanted: impl Fn(&FlashMarket) -> bool) -> Option<Pubkey> {
        let mut markets = self.markets.clone();
        markets.retain(|market| is_wanted(&self.flash.market_state(*market)));
        markets.choose(&mut self.random).copied()
    }

    fn trading(&mut self) -> Option<Pubkey> {
        let clock = self.flash.chain().clock().clone();
        self.one(|market| market.require_trading(&clock).is_ok())
    }

    fn bet(&mut self) {
        let Some(market) = self.trading() else {
            return self.create_market();
        };
        let user = self.random.gen_range(0..self.users.len());
        let outcome = self
            .random
            .gen_range(0..self.flash.market_state(market).pool.outcomes);
        let stake = 10u64.pow(self.random.gen_range(3..=9));
        let result = self
            .flash
            .open_and_place(&self.users[user], market, outcome, stake);
        self.counts[usize::from(!judge(result))] += 1;
    }

    fn cash_out(&mut self) {
        let Some(market) = self.trading() else {
            return;
        };
        let user = self.random.gen_range(0..self.users.len());
        let ticket = addresses::ticket(&market, &self.users[user].address());
        let Some(ticket) = self.flash.find::<Ticket>(ticket) else {
            return;
        };
        let held = ticket.holdings.shares.iter().enumerate();
        let Some((outcome, held)) = held.max_by_key(|(_, held)| **held) else {
            return;
        };
        let shares = self.random.gen_range(0..=*held);
        let outcome = u8::try_from(outcome).expect("an outcome");
        let result = self
            .flash
            .cash_out(&self.users[user], market, outcome, shares);
        judge(result);
    }

    fn strike(&mut self) {
        let now = self.flash.chain().now().0;
        let waits = |market: &FlashMarket| {
            let is_due = market.evidence.strike_at_ms <= now;
            market.settlement.is_open() && market.rule.is_strike_pending() && is_due
        };
        if let Some(market) = self.one(waits) {
            self.set_strike(market);
        }
    }

    fn set_strike(&mut self, market: Pubkey) {
        let state = self.flash.market_state(market);
        if state.rule.is_strike_pending() {
            let value = STRIKE + self.random.gen_range(-9..=9);
            self.flash
                .observe_at(market, state.evidence.strike_at_ms, value);
            self.flash.set_strike_from(market).expect("a strike");
        }
    }

    /// By its close, often within a tick of the strike or without one, or void after its deadline.
    fn settle_market(&mut self) {
        let Some(market) = self.one(|market| market.settlement.is_open()) else {
            return self.pass_time();
        };
        if self.random.gen_bool(0.1) {
            let deadline = self.flash.market_state(market).void_from;
            self.flash.pass_to(deadline);
            let result = self.flash.void(market);
            judge(result);
        } else {
            if self.random.gen_bool(0.9) {
                let at_ms = self.flash.market_state(market).evidence.strike_at_ms;
                let at = i64::try_from(at_ms.div_ceil(1_000)).expect("a time");
                self.flash.pass_to(at);
                self.set_strike(market);
            }
            let close = STRIKE + self.random.gen_range(-60..=60);
            self.end(market, close);
        }
        let settlement = self.flash.market_state(market).settlement;
        self.counts[2] += u32::from(settlement.is(MarketStatus::Resolved));
        self.counts[3] += u32::from(settlement.is(MarketStatus::Void));
    }

    /// Whoever cannot resolve may make it void: at once if the close names no outcome.
    fn end(&mut self, market: Pubkey, close: i64) {
        let observation = self.flash.market_state(market).evidence.observation;
        let is_known = self.flash.find::<oracle::Observation>(observation);
        let result = match is_known {
            Some(_) => self.flash.resolve_on(market, observation),
            None => self.flash.resolve(market, close),
        };
        if !judge(result) {
            let result = self.flash.void(market);
            judge(result);
        }
    }

    fn pass_time(&mut self) {
        let now = self.flash.chain().now().seconds();
        let seconds = self.random.gen_range(1..20);
        self.flash.pass_to(now + seconds);
    }

    fn close_some(&mut self) {
        if let Some(market) = self.one(|market| market.settlement.is_settled()) {
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
        let event = self.flash.market_state(market).event_book;
        self.flash.release(market).expect("a release");
        self.flash.close(market).expect("a closing");
        self.flash.close_event_book(event).expect("a closing");
        self.flash.forget(market);
        self.markets.retain(|other| *other != market);
    }

    fn drain(&mut self) {
        for market in self.markets.clone() {
            if self.flash.market_state(market).settlement.is_open() {
                self.end(market, STRIKE + 40);
            }
            let state = self.flash.market_state(market);
            if state.settlement.is_open() {
                self.flash.pass_to(state.void_from);
                self.flash.void(market).expect("a void");
            }
            self.close(market);
        }
        assert_eq!(self.flash.vault_state().allocated, 0);
    }
}
