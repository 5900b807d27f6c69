//! Chains under random operations: the books are checked after each, results come in the order that is worst
//! for the vault, and at the end everything is paid and closed.

use anchor_lang::prelude::Pubkey;
use client::{addresses::flash_bets as addresses, instructions::flash_bets::*};
use flash_bets::{
    error::FlashError,
    state::{Chain, ChainBook, ChainLeg, ChainStatus, FlashMarket, LegStatus, Ticket},
};
use rand::{rngs::StdRng, seq::SliceRandom, Rng, SeedableRng};
use testbed::{FlashOptions, FlashWorld, Receipt, SendError, User};

/// Of a run that every change is tested by.
fn operations() -> u32 {
    crate::support::operations(60, 400)
}

#[test]
fn random_chains() {
    for seed in [1, 2] {
        run(seed, operations());
    }
}

/// Another seed every time: who sees it fail adds the seed to the list.
#[test]
fn random_chains_of_a_new_seed() {
    run(rand::random(), operations());
}

#[test]
#[ignore = "takes minutes"]
fn random_chains_for_5_000_operations() {
    run(3, 5_000);
}

fn run(seed: u64, operations: u32) {
    println!("seed {seed}");
    let mut run = Run::start(seed);
    for _ in 0..operations {
        run.step();
    }
    run.drain();
    println!("{} chains opened, {} paid", run.opened, run.paid);
    assert!(run.opened > 0 || operations < 1_000, "chains were opened");
}

/// Whether it was done. Refusals are part of life, but no sum may come out wrong.
#[track_caller]
pub(super) fn judge(result: Result<Receipt, SendError>) -> bool {
    const NEVER: [FlashError; 6] = [
        FlashError::Insolvent,
        FlashError::TokensMissing,
        FlashError::SharesMismatch,
        FlashError::NoConvergence,
        FlashError::Overflow,
        FlashError::WrongAccount,
    ];
    match result {
        Ok(_) => true,
        Err(SendError::Refused(refusal)) => {
            let is = |never| testbed::Expected::is(never, &refusal.error);
            assert!(!NEVER.iter().any(is), "{refusal:?}");
            false
        }
        Err(other) => panic!("{other:?}"),
    }
}

const MARKETS: usize = 8;

struct Run {
    flash: FlashWorld,
    random: StdRng,
    users: Vec<User>,
    provider: User,
    /// A root, one below with little room, and no verse.
    verses: [Option<Pubkey>; 3],
    markets: Vec<Pubkey>,
    chains: Vec<(usize, u64)>,
    opened: u32,
    paid: u32,
}

impl Run {
    fn start(seed: u64) -> Self {
        let mut random = StdRng::seed_from_u64(seed);
        let mut flash = FlashWorld::start(&FlashOptions::default());
        let provider = flash.user(1_000_000_000_000);
        flash
            .deposit(&provider, 500_000_000_000)
            .expect("a deposit");
        flash.set_chain_terms(ChainTerms {
            fee_rate: random.gen_range(0..=300),
            spread: random.gen_range(0..=300),
            reserve: random.gen_range(3_000..=10_000),
            cash_out_fee_rate: random.gen_range(0..=300),
        });
        let users = (0..3).map(|_| flash.user(1_000_000_000_000)).collect();
        let root = flash.create_verse(None, u64::MAX);
        let narrow = flash.create_verse(Some(root), 12_000_000_000);
        Self {
            verses: [Some(root), Some(narrow), None],
            flash,
            random,
            users,
            provider,
            markets: Vec::new(),
            chains: Vec::new(),
            opened: 0,
            paid: 0,
        }
    }

    fn step(&mut self) {
        match self.random.gen_range(0..100) {
            0..=14 => self.create_market(),
            15..=34 => self.request(),
            35..=52 => self.execute(),
            53..=55 => self.cancel(),
            56..=65 => self.settle_legs(),
            66..=71 => self.settle_market(),
            72..=78 => self.cash_out(),
            79..=86 => self.bet(),
            87..=88 => self.suspend(),
            89..=91 => self.pass_time(),
            92..=93 => self.move_liquidity(),
            _ => self.close(),
        }
    }

    fn create_market(&mut self) {
        if self.markets.len() >= MARKETS {
            return self.pass_time();
        }
        let outcomes = self.random.gen_range(2..=4);
        let mut terms = match self.random.gen_bool(0.3) {
            true => self.flash.question(outcomes),
            false => {
                let seconds = self.random.gen_range(100..2_000);
                self.flash.lasting(outcomes, seconds)
            }
        };
        terms.depth = 10u64.pow(self.random.gen_range(7..=9));
        if outcomes == 2 && self.random.gen_bool(0.3) {
            terms.curve = FlashCurve::PmAmm;
        }
        let verse = self.verses.choose(&mut self.random).copied().flatten();
        let event_book = self.flash.create_event_book_in(verse);
        let id = self.flash.vault_state().next_market_id;
        // Withdrawals that wait come first.
        let result = self.flash.try_market(event_book, terms);
        if !judge(result) {
            return;
        }
        let market = addresses::market(&self.flash.vault, id);
        let result = self.flash.create_chain_book(market);
        assert!(judge(result), "a chain book");
        self.markets.push(market);
        if self.random.gen_bool(0.5) {
            let opens_at = self.flash.market_state(market).hours.opens_at;
            if self.flash.chain().now().seconds() < opens_at {
                self.flash.pass_to(opens_at);
            }
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

    fn request(&mut self) {
        let mut markets = self.trading();
        if markets.len() < 2 {
            return self.create_market();
        }
        markets.truncate(self.random.gen_range(2..=9));
        let legs: Vec<_> = markets
            .iter()
            .map(|market| {
                let outcomes = self.flash.market_state(*market).pool.outcomes;
                (*market, self.random.gen_range(0..outcomes))
            })
            .collect();
        let user = self.random.gen_range(0..self.users.len());
        let stake = 10u64.pow(self.random.gen_range(0..=7)) * self.random.gen_range(1..10);
        let result = self.flash.request_chain(&self.users[user], &legs, stake);
        if judge(result) {
            self.chains.push((user, self.flash.nonce));
        }
    }

    /// One of the chains that are so.
    fn chain(&mut self, is_wanted: impl Fn(&Chain) -> bool) -> Option<(usize, u64, Chain)> {
        let mut chains = self.chains.clone();
        chains.shuffle(&mut self.random);
        chains.into_iter().find_map(|(user, nonce)| {
            let chain = self.flash.chain_state(&self.users[user], nonce);
            is_wanted(&chain).then_some((user, nonce, chain))
        })
    }

    fn forget_if_closed(&mut self, user: usize, nonce: u64) {
        let owner = self.users[user].address();
        let address = addresses::chain(&self.flash.vault, &owner, nonce);
        if self.flash.find::<Chain>(address).is_none() {
            self.chains.retain(|chain| *chain != (user, nonce));
        }
    }

    fn execute(&mut self) {
        let Some((user, nonce, chain)) = self.chain(|chain| chain.is(ChainStatus::Waiting)) else {
            return self.request();
        };
        let is_there = |leg: &ChainLeg| self.markets.contains(&leg.market);
        if !chain.legs().iter().all(is_there) {
            return self.cancel();
        }
        let wait = self.flash.chain_state(&self.users[user], nonce).wait;
        let is_early = self.flash.chain().now().seconds() < wait.executable_at;
        if is_early && self.random.gen_bool(0.9) {
            self.flash.pass_chain_delay(&self.users[user], nonce);
        }
        let result = self.flash.execute_chain(&self.users[user], nonce);
        judge(result);
        self.forget_if_closed(user, nonce);
        let is_open = self.chains.contains(&(user, nonce));
        self.opened += u32::from(is_open);
    }

    fn cancel(&mut self) {
        if let Some((user, nonce, _)) = self.chain(|chain| chain.is(ChainStatus::Waiting)) {
            let result = self.flash.cancel_chain(&self.users[user], nonce);
            judge(result);
            self.forget_if_closed(user, nonce);
        }
    }

    fn settle_legs(&mut self) {
        let Some((user, nonce, chain)) =
            self.chain(|chain| !chain.is(ChainStatus::Waiting) && chain.open_legs > 0)
        else {
            return self.execute();
        };
        let mut legs: Vec<_> = chain.legs().to_vec();
        legs.retain(|leg| leg.is(LegStatus::Open));
        let mut legs: Vec<_> = legs.iter().map(|leg| leg.market).collect();
        legs.shuffle(&mut self.random);
        legs.truncate(self.random.gen_range(1..=legs.len()));
        let result = self.flash.settle_legs(&self.users[user], nonce, &legs);
        judge(result);
    }

    /// On what most chains have a leg on, mostly, or void.
    fn settle_market(&mut self) {
        let now = self.flash.chain().now().seconds();
        let mut due = self.markets.clone();
        due.retain(|market| {
            let market = self.flash.market_state(*market);
            let observed_at = i64::try_from(market.evidence.observe_at_ms / 1_000).unwrap();
            market.settlement.is_open() && now >= observed_at
        });
        let Some(market) = due.choose(&mut self.random).copied() else {
            return self.pass_time();
        };
        let state = self.flash.market_state(market);
        if now >= state.void_from && self.random.gen_bool(0.5) {
            let result = self.flash.void(market);
            judge(result);
            return;
        }
        let delta = self.flash.chain_book(market).delta_shares;
        let outcomes = usize::from(state.pool.outcomes);
        let worst = (0..outcomes).max_by_key(|outcome| delta[*outcome]);
        let outcome = match worst {
            Some(worst) if self.random.gen_bool(0.7) => worst,
            _ => self.random.gen_range(0..outcomes),
        };
        let result = self.flash.resolve(market, i64::try_from(outcome).unwrap());
        judge(result);
    }

    fn cash_out(&mut self) {
        let Some((user, nonce, chain)) = self.chain(|chain| chain.is(ChainStatus::Open)) else {
            return self.request();
        };
        if chain.cash_out_waits == 0 {
            let result = self.flash.request_cash_out(&self.users[user], nonce);
            if !judge(result) || self.random.gen_bool(0.3) {
                return;
            }
        }
        let wait = self.flash.chain_state(&self.users[user], nonce).wait;
        if self.flash.chain().now().seconds() < wait.executable_at {
            self.flash.pass_chain_delay(&self.users[user], nonce);
        }
        let before = self.flash.balance(self.users[user].tokens);
        let result = self.flash.execute_cash_out(&self.users[user], nonce);
        if judge(result) {
            let paid = self.flash.balance(self.users[user].tokens) - before;
            assert!(paid <= chain.reserve, "no more than it would pay");
        }
        self.forget_if_closed(user, nonce);
    }

    fn bet(&mut self) {
        let markets = self.trading();
        let Some(market) = markets.first().copied() else {
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
        let markets = self.trading();
        if let Some(market) = markets.first().copied() {
            let seconds = self.random.gen_range(1..8);
            let result = self.flash.suspend(market, seconds);
            judge(result);
        }
    }

    fn pass_time(&mut self) {
        let seconds = self.random.gen_range(1..60);
        let now = self.flash.chain().now().seconds();
        self.flash.pass_to(now + seconds);
    }

    fn move_liquidity(&mut self) {
        let address = addresses::withdrawal(&self.flash.vault, &self.provider.address());
        let waiting = self.flash.find::<flash_bets::state::Withdrawal>(address);
        let result = match waiting {
            None => {
                let shares = self.flash.balance(self.provider.lp_tokens);
                let part = self.random.gen_range(1..=shares / 4);
                self.flash.request_withdraw(&self.provider, part)
            }
            Some(waiting) => {
                let now = self.flash.chain().now().seconds();
                if now < waiting.available_at {
                    self.flash.pass_to(waiting.available_at);
                }
                match self.flash.chain().now().seconds() > waiting.available_until {
                    true => self.flash.lapse_withdraw(&self.provider),
                    false => self.flash.withdraw(&self.provider),
                }
            }
        };
        judge(result);
    }

    /// A chain or a market that is over.
    fn close(&mut self) {
        let over = |chain: &Chain| !chain.is(ChainStatus::Waiting) && chain.open_legs == 0;
        if let Some((user, nonce, chain)) = self.chain(over) {
            let had = self.flash.balance(self.users[user].tokens);
            let result = self.flash.close_chain(&self.users[user], nonce);
            assert!(judge(result), "a chain that is over is paid");
            let paid = self.flash.balance(self.users[user].tokens) - had;
            assert_eq!(paid, chain.reserve, "what was reserved for it");
            self.paid += u32::from(paid > 0);
            self.forget_if_closed(user, nonce);
        }
        let settled: Vec<_> = self.markets.clone();
        for market in settled {
            let state = self.flash.market_state(market);
            let is_free = self.flash.chain_book(market).open_legs == 0;
            if state.settlement.is_settled() && is_free {
                self.close_market(market);
                break;
            }
        }
    }

    fn close_market(&mut self, market: Pubkey) {
        let with_ticket: Vec<_> = (0..self.users.len())
            .filter(|user| {
                let owner = self.users[*user].address();
                let address = addresses::ticket(&market, &owner);
                self.flash.find::<Ticket>(address).is_some()
            })
            .collect();
        for user in with_ticket {
            let result = self.flash.settle(market, &[&self.users[user]]);
            assert!(judge(result), "a ticket");
        }
        let book = addresses::chain_book(&market);
        if self.flash.find::<ChainBook>(book).is_some() {
            self.flash.close_chain_book(market).expect("a closing");
        }
        self.flash.release(market).expect("a release");
        self.flash.close(market).expect("a closing");
        self.flash.forget(market);
        self.markets.retain(|other| *other != market);
    }

    /// Everything ends: what waits goes back, what is open is settled and paid.
    fn drain(&mut self) {
        for market in self.markets.clone() {
            let state: FlashMarket = self.flash.market_state(market);
            if state.settlement.is_open() {
                let outcome = self.random.gen_range(0..i64::from(state.pool.outcomes));
                let observation = state.evidence.observation;
                let is_known = self.flash.find::<oracle::Observation>(observation);
                let result = match is_known {
                    Some(_) => self.flash.resolve_on(market, observation),
                    None => self.flash.resolve(market, outcome),
                };
                assert!(judge(result), "a result");
            }
        }
        let now = self.flash.chain().now().seconds();
        self.flash.pass_to(now + 100);
        for (user, nonce) in self.chains.clone() {
            let chain = self.flash.chain_state(&self.users[user], nonce);
            if chain.is(ChainStatus::Waiting) {
                let result = self.flash.cancel_chain(&self.users[user], nonce);
                assert!(judge(result), "a stake goes back");
                continue;
            }
            if chain.open_legs > 0 {
                let mut legs: Vec<_> = chain.legs().iter().map(|leg| leg.market).collect();
                legs.retain(|market| self.markets.contains(market));
                let result = self.flash.settle_legs(&self.users[user], nonce, &legs);
                assert!(judge(result), "results");
            }
            let result = self.flash.close_chain(&self.users[user], nonce);
            assert!(judge(result), "a payment");
        }
        self.chains.clear();
        for market in self.markets.clone() {
            self.close_market(market);
        }
        let vault = self.flash.vault_state();
        assert_eq!(vault.chain_reserve, 0, "nothing stays reserved");
        assert_eq!((vault.chain_stakes, vault.open_chains), (0, 0));
        assert_eq!(vault.allocated, 0);
        for verse in self.verses.into_iter().flatten() {
            assert_eq!(self.flash.verse_state(verse).at_risk, 0);
        }
    }
}
