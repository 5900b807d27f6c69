//! Flash bets under random operations: the books are checked after each, and at the end every claim
//! is paid and every account closed.

use anchor_lang::prelude::Pubkey;
use client::{addresses::flash_bets as addresses, instructions::flash_bets::*};
use flash_bets::{
    error::FlashError,
    instructions::MAX_FEE_FLOOR_BPS,
    state::{Deposit, FlashMarket, PendingOrder, Ticket, Withdrawal},
};
use market_core::RuleKind;
use math::Price;
use program_kit::Custody;
use rand::{rngs::StdRng, seq::SliceRandom, Rng, SeedableRng};
use solana_signer::Signer;
use testbed::{ExpectError, FeeShare, FlashOptions, FlashWorld, Receipt, SendError, User};

/// Operations of one run.
fn operations() -> u32 {
    crate::support::operations(100, 1_300)
}

/// Each of these has once found something, or makes up the number.
const SEEDS: [u64; 8] = [1, 2, 3, 4, 5, 6, 7, 8];

#[test]
fn random_operations_first_half() {
    for seed in &SEEDS[..4] {
        run(*seed);
    }
}

#[test]
fn random_operations_second_half() {
    for seed in &SEEDS[4..] {
        run(*seed);
    }
}

/// Another seed every time: who sees it fail adds the seed to the list.
#[test]
fn random_operations_of_a_new_seed() {
    run(rand::random());
}

fn run(seed: u64) {
    println!("seed {seed}");
    let mut run = Run::start(seed);
    for _ in 0..operations() {
        run.step();
    }
    run.drain();
}

const LARGEST_MARKETS: usize = 4;

struct Run {
    flash: FlashWorld,
    random: StdRng,
    bettors: Vec<User>,
    providers: Vec<User>,
    orders: Vec<(Pubkey, usize, u64)>,
    events: Vec<Pubkey>,
}

impl Run {
    fn start(seed: u64) -> Self {
        let mut random = StdRng::seed_from_u64(seed);
        let mut flash = FlashWorld::start(&FlashOptions {
            notice_seconds: random.gen_range(3_600..10_000),
            ..FlashOptions::default()
        });
        let providers: Vec<_> = (0..2).map(|_| flash.user(1_000_000_000_000_000)).collect();
        let bettors = (0..3).map(|_| flash.user(100_000_000_000_000)).collect();
        flash
            .deposit(&providers[0], 10_000_000_000_000)
            .expect("a deposit");
        let events = vec![flash.create_event_book(), flash.create_event_book()];
        Self {
            flash,
            random,
            bettors,
            providers,
            orders: Vec::new(),
            events,
        }
    }

    fn step(&mut self) {
        match self.random.gen_range(0..100) {
            0..=32 => self.place(),
            33..=52 => self.cash_out(),
            53..=63 => self.finish_order(),
            64..=72 => self.pass_time(),
            73..=77 => self.create_market(),
            78..=83 => self.settle_market(),
            84..=88 => self.close_market(),
            89 => self.suspend(),
            90 => self.donate(),
            91 => self.collect(),
            92 => self.pause(),
            _ => self.move_liquidity(),
        }
    }

    /// Refusals are part of life, but no sum may come out wrong.
    #[track_caller]
    fn judge(&self, result: Result<Receipt, SendError>) -> bool {
        const NEVER: [FlashError; 6] = [
            FlashError::Insolvent,
            FlashError::TokensMissing,
            FlashError::SharesMismatch,
            FlashError::NoConvergence,
            FlashError::Overflow,
            FlashError::WrongAccount,
        ];
        let Err(error) = result else {
            return true;
        };
        let refusal = error.refusal().expect("an answer of the programs");
        let code = refusal.error.code.unwrap_or_default();
        let is_ours =
            refusal.error.program == Some(flash_bets::ID) && (7_000..8_000).contains(&code);
        let is_wrong = NEVER.iter().any(|never| u32::from(*never) == code);
        assert!(is_ours && !is_wrong, "{refusal:?}");
        false
    }

    fn pick_market(&mut self) -> Option<Pubkey> {
        let markets = self.flash.open_markets();
        markets.choose(&mut self.random).copied()
    }

    fn pick_bettor(&mut self) -> usize {
        self.random.gen_range(0..self.bettors.len())
    }

    /// From 1 to `most`, small ones as likely as large ones.
    fn amount(&mut self, most: u64) -> u64 {
        let digits = (most as f64).ln();
        let amount = self.random.gen_range(0.0..=digits).exp();
        (amount as u64).clamp(1, most)
    }

    fn place(&mut self) {
        let Some(market) = self.pick_market() else {
            return self.create_market();
        };
        let bettor = self.pick_bettor();
        let user = &self.bettors[bettor];
        let address = addresses::ticket(&market, &user.address());
        if self.flash.find::<Ticket>(address).is_none() {
            let opened = self.flash.open_ticket(user, market);
            if !self.judge(opened) {
                return;
            }
        }
        let state = self.flash.market_state(market);
        let outcome = self.random.gen_range(0..state.pool.outcomes);
        let stake = self.amount(state.pool.initial_depth.saturating_mul(20));
        let placed = self
            .flash
            .place(&self.bettors[bettor], market, outcome, stake);
        if self.judge(placed) && state.delay_slots > 0 {
            self.orders.push((market, bettor, self.flash.nonce));
        }
    }

    fn cash_out(&mut self) {
        let Some(market) = self.pick_market() else {
            return;
        };
        let bettor = self.pick_bettor();
        let address = addresses::ticket(&market, &self.bettors[bettor].address());
        let Some(ticket) = self.flash.find::<Ticket>(address) else {
            return;
        };
        let outcome = self.random.gen_range(0..ticket.holdings.shares.len());
        let held = ticket.holdings.shares[outcome];
        let shares = match self.random.gen_range(0..4) {
            0 | 1 => held,
            2 => self.amount(held.max(1)),
            _ => self.random.gen_range(0..=held.saturating_add(1)),
        };
        let outcome = u8::try_from(outcome).expect("few");
        let sold = self
            .flash
            .cash_out(&self.bettors[bettor], market, outcome, shares);
        if self.judge(sold) && self.flash.market_state(market).delay_slots > 0 {
            self.orders.push((market, bettor, self.flash.nonce));
        }
    }

    fn finish_order(&mut self) {
        if self.orders.is_empty() {
            return self.place();
        }
        let index = self.random.gen_range(0..self.orders.len());
        let (market, bettor, nonce) = self.orders[index];
        let user = &self.bettors[bettor];
        let finished = self.flash.execute(user, market, nonce);
        if self.judge(finished) {
            self.orders.swap_remove(index);
        }
    }

    fn pass_time(&mut self) {
        if self.random.gen_bool(0.05) {
            // To when somebody's request can be executed, or past a market's deadline.
            let requests = self.providers.iter().flat_map(|provider| {
                let deposit = self.find_deposit(provider).map(|one| one.available_at);
                let withdrawal = self.find_withdrawal(provider).map(|one| one.available_at);
                deposit.into_iter().chain(withdrawal)
            });
            let now = self.flash.chain().now().seconds();
            let later = requests.min().unwrap_or(now + 800);
            self.flash.pass_to(later);
        } else {
            let slots = self.random.gen_range(0..15);
            self.flash.go_to(self.flash.chain().slot() + slots);
        }
        self.flash.check();
    }

    fn create_market(&mut self) {
        if self.flash.open_markets().len() >= LARGEST_MARKETS {
            return;
        }
        let is_pm_amm = self.random.gen_bool(0.3);
        let outcomes = if is_pm_amm {
            2
        } else {
            self.random.gen_range(2..=10)
        };
        let duration_seconds = self.random.gen_range(10..200);
        let mut terms = self.flash.lasting(2, duration_seconds);
        terms.prior = self.prior(outcomes);
        if is_pm_amm {
            terms.curve = FlashCurve::PmAmm;
        }
        let opening_ms = terms.observe_at_ms - u64::from(duration_seconds) * 1_000;
        terms.rule = match self.random.gen_range(0..3) {
            0 => RuleTerms::Threshold {
                strikes: (1..i64::from(outcomes)).collect(),
            },
            1 if outcomes == 2 => RuleTerms::ThresholdAtOpening {
                strike_at_ms: opening_ms,
            },
            _ => RuleTerms::Categorical,
        };
        terms.depth = 1_000 * self.amount(100_000_000);
        terms.micro_tau = self.random.gen_bool(0.5);
        terms.fee_rate = self.random.gen_range(0..=500);
        if self.random.gen_bool(0.5) {
            terms.fee_floor_bps = self.random.gen_range(1..=MAX_FEE_FLOOR_BPS);
        }
        let least = if terms.micro_tau {
            (duration_seconds / 64).max(1)
        } else {
            0
        };
        terms.freeze_seconds = self.random.gen_range(least..duration_seconds - 5);
        let is_question = self.random.gen_bool(0.4);
        if self.random.gen_bool(0.5) || is_question {
            terms.delay_ms = self.random.gen_range(1_000..2_000);
            terms.execution_seconds = self.random.gen_range(1..4);
        }
        if is_question && !matches!(terms.rule, RuleTerms::ThresholdAtOpening { .. }) {
            terms.observe_at_ms = opening_ms;
        }
        let event = *self.events.choose(&mut self.random).expect("some");
        let created = self.flash.try_market(event, terms);
        self.judge(created);
    }

    /// Prices of at least 10⁻⁴ that sum to one.
    fn prior(&mut self, outcomes: u8) -> Vec<u64> {
        const LEAST: f64 = 1.1e-4;
        let weights: Vec<f64> = (0..outcomes)
            .map(|_| self.random.gen_range(0.0f64..1.0).powi(4) + 1e-9)
            .collect();
        let sum: f64 = weights.iter().sum();
        let free = 1.0 - LEAST * f64::from(outcomes);
        let mut prior: Vec<u64> = weights
            .iter()
            .map(|weight| ((LEAST + free * weight / sum) * Price::ONE.0 as f64) as u64)
            .collect();
        let missing =
            i128::from(Price::ONE.0) - prior.iter().map(|part| i128::from(*part)).sum::<i128>();
        let largest = prior.iter_mut().max().expect("some");
        *largest = u64::try_from(i128::from(*largest) + missing).expect("a price");
        prior
    }

    fn settle_market(&mut self) {
        let Some(market) = self.pick_market() else {
            return;
        };
        let state = self.flash.market_state(market);
        if !state.settlement.is_open() {
            return self.pay(market);
        }
        let is_due = self.flash.chain().now().seconds() >= state.void_from;
        if is_due || self.random.gen_bool(0.1) {
            let voided = self.flash.void(market);
            self.judge(voided);
        } else if self.random.gen_bool(0.3) {
            self.resolve(market, &state);
        }
    }

    /// Resolves the market, or has it void at once, on whatever its providers say. Of a market whose
    /// result is of a time after trading they say nothing before.
    fn resolve(&mut self, market: Pubkey, state: &FlashMarket) {
        let now = self.flash.chain().now().seconds();
        if !state.may_resolve_early() && now < state.hours.locks_at {
            return;
        }
        if state.rule.is_strike_pending() {
            let strike = self.random.gen_range(0..2);
            let strike_at_ms = state.evidence.strike_at_ms;
            self.flash.observe_at(market, strike_at_ms, strike);
            self.flash.set_strike_from(market).expect("a strike");
        }
        let is_threshold = state.rule.kind().expect("a rule") == RuleKind::Threshold;
        let is_abandoned = !is_threshold && self.random.gen_bool(0.1);
        if is_abandoned {
            self.flash.observe(market, 99);
            self.flash.void(market).expect("a void");
            return;
        }
        let most = i64::from(state.pool.outcomes) - 1 + if is_threshold { 5 } else { 0 };
        let value = self.random.gen_range(0..=most);
        if self.random.gen_bool(0.1) {
            self.flash.contradict(market, [value, value + 1]);
            self.flash.void(market).expect("a void");
            return;
        }
        self.flash.resolve(market, value).expect("a resolution");
    }

    fn pay(&mut self, market: Pubkey) {
        let bettor = self.pick_bettor();
        let address = addresses::ticket(&market, &self.bettors[bettor].address());
        if self.flash.find::<Ticket>(address).is_some() {
            let paid = self.flash.settle(market, &[&self.bettors[bettor]]);
            self.judge(paid);
        }
    }

    fn close_market(&mut self) {
        let Some(market) = self.pick_market() else {
            return;
        };
        if self.random.gen_bool(0.5) {
            let released = self.flash.release(market);
            self.judge(released);
        }
        let closed = self.flash.close(market);
        if self.judge(closed) {
            self.flash.forget(market);
        }
    }

    fn suspend(&mut self) {
        let Some(market) = self.pick_market() else {
            return;
        };
        let seconds = self.random.gen_range(0..20);
        let result = if self.random.gen_bool(0.7) {
            self.flash.suspend(market, seconds)
        } else {
            self.flash.resume(market)
        };
        self.judge(result);
    }

    fn donate(&mut self) {
        let amount = self.amount(1_000_000_000);
        let to = match self.pick_market() {
            Some(market) if self.random.gen_bool(0.7) => addresses::market_tokens(&market),
            _ => addresses::vault_tokens(&self.flash.vault),
        };
        self.flash.donate(to, amount);
    }

    fn collect(&mut self) {
        let share = if self.random.gen_bool(0.5) {
            FeeShare::Protocol
        } else {
            FeeShare::Operator
        };
        let collected = self.flash.collect(share);
        self.judge(collected);
    }

    /// A pause, or the end of one.
    fn pause(&mut self) {
        let admin = self.flash.world.admin.insecure_clone();
        let (vault, address) = (self.flash.vault, admin.pubkey());
        let result = if self.random.gen_bool(0.1) {
            let pause = Pause {
                authority: address,
                vault,
            };
            self.flash.send(pause.instruction(), &[&admin])
        } else {
            let unpause = Unpause {
                authority: address,
                vault,
            };
            let result = self.flash.send(unpause.instruction(), &[&admin]);
            if result.is_ok() {
                self.flash.world.pass_timelock();
            }
            result
        };
        self.judge(result);
    }

    fn move_liquidity(&mut self) {
        let index = self.random.gen_range(0..self.providers.len());
        let provider = &self.providers[index];
        let is_leaving = self.find_withdrawal(provider).is_some();
        let is_coming = self.find_deposit(provider).is_some();
        let shares = self.flash.balance(provider.lp_tokens);
        let is_out = self.random.gen_bool(0.4);
        let result = if is_out && is_leaving {
            match self.random.gen_range(0..4) {
                0 => self.flash.cancel_withdraw(&self.providers[index]),
                1 => self.flash.lapse_withdraw(&self.providers[index]),
                _ => self.flash.withdraw(&self.providers[index]),
            }
        } else if is_out && shares > 0 {
            let some = if self.random.gen_bool(0.1) {
                shares
            } else {
                self.amount(shares)
            };
            self.flash.request_withdraw(&self.providers[index], some)
        } else if is_coming && self.random.gen_bool(0.8) {
            self.flash.execute_deposit(&self.providers[index])
        } else if is_coming {
            self.flash.cancel_deposit(&self.providers[index])
        } else {
            self.request_deposit(index)
        };
        self.judge(result);
    }

    fn request_deposit(&mut self, index: usize) -> Result<Receipt, SendError> {
        let some = self.amount(10_000_000_000_000);
        let mut request = self.flash.build_deposit(&self.providers[index], some);
        if self.random.gen_bool(0.2) {
            let vault = self.flash.vault_state();
            request.args.min_shares = vault.shares_for(some, 0).unwrap_or(1);
        }
        let key = self.providers[index].key.insecure_clone();
        self.flash.send(request.instruction(), &[&key])
    }

    fn find_deposit(&self, provider: &User) -> Option<Deposit> {
        let address = addresses::deposit(&self.flash.vault, &provider.address());
        self.flash.find(address)
    }

    fn find_withdrawal(&self, provider: &User) -> Option<Withdrawal> {
        let address = addresses::withdrawal(&self.flash.vault, &provider.address());
        self.flash.find(address)
    }

    /// Everybody leaves, and nothing stays behind.
    fn drain(mut self) {
        for market in self.flash.open_markets() {
            let state = self.flash.market_state(market);
            if state.settlement.is_open() && self.random.gen_bool(0.5) {
                self.resolve(market, &state);
            }
        }
        let deadlines = self.flash.open_markets().into_iter();
        let deadlines = deadlines.map(|market| self.flash.market_state(market).void_from);
        if let Some(last) = deadlines.max() {
            self.flash.pass_to(last);
        }
        for (market, bettor, nonce) in std::mem::take(&mut self.orders) {
            let user = &self.bettors[bettor];
            let pending = addresses::pending_order(&market, &user.address(), nonce);
            if self.flash.find::<PendingOrder>(pending).is_some() {
                self.flash.execute(user, market, nonce).expect("an end");
            }
        }
        for market in self.flash.open_markets() {
            if self.flash.market_state(market).settlement.is_open() {
                self.flash.void(market).expect("a void");
            }
            let with_tickets: Vec<_> = self
                .bettors
                .iter()
                .filter(|user| {
                    let address = addresses::ticket(&market, &user.address());
                    self.flash.find::<Ticket>(address).is_some()
                })
                .collect();
            if !with_tickets.is_empty() {
                self.flash
                    .settle(market, &with_tickets)
                    .expect("a settlement");
            }
            self.flash.close(market).expect("a closing");
            self.flash.forget(market);
        }
        for event in std::mem::take(&mut self.events) {
            self.flash.close_event_book(event).expect("a closing");
        }
        let deposits = self.providers.iter();
        let deposits = deposits.filter_map(|provider| self.find_deposit(provider));
        if let Some(last) = deposits.map(|deposit| deposit.available_until).max() {
            self.flash.pass_to(last + 1);
        }
        for provider in &self.providers {
            if self.find_deposit(provider).is_some() {
                self.flash.cancel_deposit(provider).expect("an end");
            }
            if let Some(withdrawal) = self.find_withdrawal(provider) {
                self.flash.pass_to(withdrawal.available_until + 1);
                self.flash.lapse_withdraw(provider).expect("an end");
            }
            let shares = self.flash.balance(provider.lp_tokens);
            if shares > 0 {
                self.flash
                    .request_withdraw(provider, shares)
                    .expect("a request");
                let due = self.flash.withdrawal_state(provider).available_at;
                self.flash.pass_to(due);
                self.flash.withdraw(provider).expect("a withdrawal");
            }
        }
        let vault = self.flash.vault_state();
        assert_eq!((vault.shares, vault.allocated), (0, 0));
        for (share, fees) in [
            (FeeShare::Protocol, vault.protocol_fees),
            (FeeShare::Operator, vault.operator_fees),
        ] {
            if fees > 0 {
                self.flash.collect(share).expect("a collection");
            }
        }
        if vault.next_market_id > 1 {
            self.flash.close_earned();
        }
        assert_eq!(self.flash.open_accounts(), []);
        // What is left belongs to the virtual shares, and is not much.
        self.flash
            .collect(FeeShare::Protocol)
            .expect_refusal(FlashError::NothingToCollect);
        let vault = self.flash.vault_state();
        assert_eq!(vault.tracked().expect("a sum"), vault.cash);
    }
}
