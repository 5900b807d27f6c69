//! Standard markets under random operations: the books are checked after each, and at the end every
//! claim is paid and every account closed.

use std::cell::Cell;

use anchor_lang::prelude::Pubkey;
use client::{addresses::markets as addresses, instructions::markets::*};
use harness::{MarketsWorld, ProgramKind, Receipt, SendError, Trader};
use markets::{
    error::MarketError,
    state::{LiquidityPosition, Market, MarketStatus, Position},
};
use rand::{rngs::StdRng, seq::SliceRandom, Rng, SeedableRng};

/// Operations of one run. Bytecode is some ten times slower.
fn operations() -> u32 {
    match ProgramKind::from_env() {
        Ok(ProgramKind::Sbf) => 100,
        _ => 1_200,
    }
}

const SEEDS: [u64; 6] = [1, 2, 3, 4, 5, 6];

#[test]
fn random_operations_first_half() {
    for seed in &SEEDS[..3] {
        run(*seed);
    }
}

#[test]
fn random_operations_second_half() {
    for seed in &SEEDS[3..] {
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
    let (accepted, refused) = (run.accepted.get(), run.refused.get());
    println!("{accepted} accepted, {refused} refused");
    assert!(accepted > operations() / 4, "hardly anything was accepted");
    run.drain();
}

const LARGEST_MARKETS: usize = 3;

struct Run {
    markets: MarketsWorld,
    random: StdRng,
    traders: Vec<Trader>,
    /// Who proposed and who disputed, by market.
    parties: Vec<(Pubkey, usize, Option<usize>)>,
    accepted: Cell<u32>,
    refused: Cell<u32>,
}

impl Run {
    fn start(seed: u64) -> Self {
        let random = StdRng::seed_from_u64(seed);
        let mut markets = MarketsWorld::start(&Default::default());
        let traders = (0..3)
            .map(|_| markets.trader(1_000_000_000_000_000))
            .collect();
        Self {
            markets,
            random,
            traders,
            parties: Vec::new(),
            accepted: Cell::default(),
            refused: Cell::default(),
        }
    }

    fn step(&mut self) {
        let now = self.markets.chain().now().seconds();
        if self.markets.venue_state().is_paused(now) && self.random.gen_bool(0.2) {
            return self.pause();
        }
        match self.random.gen_range(0..100) {
            0..=29 => self.buy(),
            30..=46 => self.sell(),
            47..=56 => self.move_sets(),
            57..=70 => self.move_liquidity(),
            71..=78 => self.pass_time(),
            79..=83 => self.create_market(),
            84..=92 => {
                self.move_on();
                self.move_on();
            }
            93 => self.donate(),
            94..=95 => self.collect(),
            96 => self.pause(),
            97 => self.switch(),
            _ => self.poke(),
        }
    }

    /// Refusals are part of life, but no sum may come out wrong.
    #[track_caller]
    fn judge(&self, result: Result<Receipt, SendError>) -> bool {
        const NEVER: [MarketError; 4] = [
            MarketError::Insolvent,
            MarketError::TokensMissing,
            MarketError::NoConvergence,
            MarketError::WrongAccount,
        ];
        let Err(error) = result else {
            self.accepted.set(self.accepted.get() + 1);
            return true;
        };
        self.refused.set(self.refused.get() + 1);
        let refusal = error.refusal().expect("an answer of the programs");
        let code = refusal.error.code.unwrap_or_default();
        let is_ours = refusal.error.program == Some(markets::ID) && (8_000..9_000).contains(&code);
        let is_wrong = NEVER.iter().any(|never| u32::from(*never) == code);
        assert!(is_ours && !is_wrong, "{refusal:?}");
        false
    }

    fn pick_market(&mut self) -> Option<Pubkey> {
        let markets = self.markets.open_markets();
        markets.choose(&mut self.random).copied()
    }

    fn pick_trader(&mut self) -> usize {
        self.random.gen_range(0..self.traders.len())
    }

    /// From 1 to `most`, small ones as likely as large ones.
    fn amount(&mut self, most: u64) -> u64 {
        let digits = (most as f64).ln();
        let amount = self.random.gen_range(0.0..=digits).exp();
        (amount as u64).clamp(1, most)
    }

    /// A trader with a position in a market, an open one if there is any.
    fn pick(&mut self) -> Option<(Pubkey, usize, Box<Market>, Position)> {
        let mut markets = self.markets.open_markets();
        markets.retain(|market| self.markets.state(*market).is_open());
        let market = markets.choose(&mut self.random).copied()?;
        let trader = self.pick_trader();
        let address = addresses::position(
            &market,
            &self.traders[trader].address(),
            PositionKind::Tradable,
        );
        if self.markets.find::<Position>(address).is_none() {
            let opened = self.markets.open(&self.traders[trader], market);
            if !self.judge(opened) {
                return None;
            }
        }
        let state = self.markets.state(market);
        Some((market, trader, state, self.markets.read(address)))
    }

    fn buy(&mut self) {
        let Some((market, trader, state, _)) = self.pick() else {
            return self.create_market();
        };
        let outcome = self.random.gen_range(0..state.pool.outcomes);
        let amount = self.amount(state.pool.initial_depth.max(1).saturating_mul(5));
        let trader = &self.traders[trader];
        let bought = if self.random.gen_bool(0.5) {
            self.markets.buy(trader, market, outcome, amount)
        } else {
            self.markets.buy_shares(trader, market, outcome, amount)
        };
        self.judge(bought);
    }

    fn sell(&mut self) {
        let Some((market, trader, _, position)) = self.pick() else {
            return self.create_market();
        };
        let outcome = self.random.gen_range(0..position.shares.len());
        let held = position.shares[outcome];
        if held == 0 {
            return self.buy();
        }
        let shares = match self.random.gen_range(0..4) {
            0 | 1 => held,
            2 => self.amount(held.max(1)),
            _ => self.random.gen_range(0..=held.saturating_add(1)),
        };
        let outcome = u8::try_from(outcome).expect("few");
        let sold = self
            .markets
            .sell(&self.traders[trader], market, outcome, shares);
        self.judge(sold);
    }

    fn move_sets(&mut self) {
        let Some((market, trader, state, position)) = self.pick() else {
            return self.create_market();
        };
        let sets = position.shares.iter().copied().min().unwrap_or(0);
        let result = if sets == 0 || self.random.gen_bool(0.4) {
            let amount = self.amount(state.pool.initial_depth.max(1));
            self.markets.split(&self.traders[trader], market, amount)
        } else {
            let amount = self.random.gen_range(0..=sets.saturating_add(1));
            self.markets.merge(&self.traders[trader], market, amount)
        };
        self.judge(result);
    }

    /// No reserve for an LP share falls, but for half a unit of rounding of the other ones.
    fn move_liquidity(&mut self) {
        let Some((market, trader, before, _)) = self.pick() else {
            return;
        };
        if before.is_settled() {
            return;
        }
        let trader = if self.random.gen_bool(0.3) {
            self.markets.creator()
        } else {
            Trader {
                key: self.traders[trader].key.insecure_clone(),
                tokens: self.traders[trader].tokens,
            }
        };
        self.markets.open_provider(&trader, market);
        let shares = self.markets.liquidity(market, &trader).shares;
        let result = if shares > 0 && self.random.gen_bool(0.5) {
            let some = if self.random.gen_bool(0.1) {
                shares
            } else {
                self.amount(shares)
            };
            self.markets.remove(&trader, market, some)
        } else {
            let some = self.amount(before.pool.initial_depth.max(1).saturating_mul(3));
            self.markets.add(&trader, market, some)
        };
        if !self.judge(result) {
            return;
        }
        let after = self.markets.state(market);
        let reserve = |market: &Market, outcome: usize| {
            u128::from(market.pool.cash - market.pool.sold[outcome])
        };
        for outcome in 0..usize::from(before.pool.outcomes) {
            let (old, new) = (reserve(&before, outcome), reserve(&after, outcome));
            let (old_supply, new_supply) = (
                u128::from(before.liquidity_supply),
                u128::from(after.liquidity_supply),
            );
            assert!(
                new_supply == 0 || new * old_supply >= old * new_supply,
                "outcome {outcome}: {new} of {new_supply} after {old} of {old_supply}"
            );
        }
    }

    fn pass_time(&mut self) {
        let slots = if self.random.gen_bool(0.1) {
            self.random.gen_range(0..5_000)
        } else {
            self.random.gen_range(0..200)
        };
        self.markets.go_to(self.markets.chain().slot() + slots);
        self.markets.check();
    }

    fn create_market(&mut self) {
        if self.markets.open_markets().len() >= LARGEST_MARKETS {
            return;
        }
        let (curve, outcomes) = match self.random.gen_range(0..5) {
            0 => (Curve::Lmsr, self.random.gen_range(2..=32)),
            1 => (Curve::Lmsr, 2),
            2 => {
                let micro_tau = self.random.gen_bool(0.5);
                (Curve::PmAmm { micro_tau }, 2)
            }
            3 => (Curve::L2, self.random.gen_range(2..=64)),
            _ => (Curve::Auto, 2),
        };
        let mut terms = self.markets.terms(outcomes);
        terms.curve = curve;
        terms.rule = match self.random.gen_range(0..4) {
            0 if outcomes <= 32 => Rule::Threshold {
                strikes: (1..i64::from(outcomes)).collect(),
            },
            1 => Rule::Scalar {
                low: 0,
                high: i64::from(outcomes),
            },
            2 if outcomes == 2 => Rule::Linear {
                low: 0,
                high: 7,
                tolerance: 0,
            },
            _ => Rule::Categorical,
        };
        terms.offers_switch = curve == Curve::Lmsr && outcomes == 2;
        if self.random.gen_bool(0.5) {
            terms.weights = (0..outcomes)
                .map(|_| self.random.gen_range(1_000..100_000))
                .collect();
        }
        terms.depth = 1_000 * self.amount(100_000_000);
        terms.fee_rate = self.random.gen_range(0..=500);
        terms.creator_fee_share = self.random.gen_range(0..=8_000);
        terms.opens_in = 20 * u32::from(self.random.gen_bool(0.2));
        terms.duration = self.random.gen_range(60..20_000);
        terms.freeze = self.random.gen_range(0..terms.duration / 2);
        terms.dispute_window = self.random.gen_range(60..600);
        let creator = self.markets.creator();
        let created = self.markets.try_market(&creator, terms);
        self.judge(created);
    }

    /// Takes a market one step further towards its end.
    fn move_on(&mut self) {
        let Some(market) = self.pick_market() else {
            return;
        };
        let state = self.markets.state(market);
        let now = self.markets.chain().now().seconds();
        let value = self.random.gen_range(0..i64::from(state.pool.outcomes));
        let trader = self.pick_trader();
        if state.is_settled() {
            return self.pay(market);
        }
        if state.status == MarketStatus::Open as u8 {
            if now >= state.proposal_deadline || self.random.gen_bool(0.2) {
                let voided = self.markets.void(market);
                self.judge(voided);
            } else if self.random.gen_bool(0.3) {
                let proposed = self.markets.propose(&self.traders[trader], market, value);
                if self.judge(proposed) {
                    self.parties.push((market, trader, None));
                }
            }
        } else if state.status == MarketStatus::Proposed as u8 {
            if self.random.gen_bool(0.5) {
                let disputed = self.markets.dispute(&self.traders[trader], market);
                if self.judge(disputed) {
                    let party = self.parties.iter_mut().find(|party| party.0 == market);
                    party.expect("a proposal").2 = Some(trader);
                }
            } else {
                let ended = self.markets.finalize(market);
                self.judge(ended);
            }
        } else if now < state.arbitration_deadline && self.random.gen_bool(0.7) {
            let resolved = self.markets.resolve_dispute(market, value);
            self.judge(resolved);
        } else {
            let voided = self.markets.void(market);
            self.judge(voided);
        }
    }

    /// Pays somebody, and closes the market if nobody is left.
    fn pay(&mut self, market: Pubkey) {
        let trader = self.pick_trader();
        let redeem = self.markets.build_redeem(market, &[&self.traders[trader]]);
        if !redeem.positions.is_empty() {
            let paid = self.markets.send(redeem.instruction(), &[]);
            assert!(self.judge(paid));
        }
        let creator = self.markets.creator();
        let all = self.markets.build_redeem(market, &[&creator]);
        if !all.positions.is_empty() {
            let paid = self.markets.send(all.instruction(), &[]);
            assert!(self.judge(paid));
        }
        for index in 0..=self.traders.len() {
            let provider = self.traders.get(index).unwrap_or(&creator);
            let liquidity = addresses::liquidity(&market, &provider.address());
            if self.random.gen_bool(0.5)
                && self.markets.find::<LiquidityPosition>(liquidity).is_some()
            {
                let paid = self.markets.redeem_liquidity(market, provider);
                assert!(self.judge(paid));
            }
        }
        self.pay_bonds(market);
        let closed = self.markets.close(market);
        self.judge(closed);
    }

    /// Pays who proposed for a settled market and who disputed, if anybody did.
    fn pay_bonds(&mut self, market: Pubkey) {
        let Some(party) = self.parties.iter().find(|party| party.0 == market) else {
            return;
        };
        let (_, proposer, disputer) = *party;
        let state = self.markets.state(market);
        if state.proposer_claim > 0 {
            self.markets
                .claim_proposal(market, &self.traders[proposer])
                .expect("a bond");
        }
        if let (Some(disputer), true) = (disputer, state.open_disputes > 0) {
            self.markets
                .claim_dispute(market, &self.traders[disputer])
                .expect("a bond");
        }
    }

    fn donate(&mut self) {
        let amount = self.amount(1_000_000_000);
        let to = match self.pick_market() {
            Some(market) if self.random.gen_bool(0.7) => addresses::market_tokens(&market),
            _ => addresses::venue_tokens(&self.markets.venue),
        };
        self.markets.donate(to, amount);
    }

    fn collect(&mut self) {
        let Some(market) = self.pick_market() else {
            return;
        };
        let creator = self.markets.creator();
        let instruction = match self.random.gen_range(0..4) {
            0 => self.markets.build_collect(&creator, market).instruction(),
            1 => self.markets.build_collect_creator(market).instruction(),
            2 => self.markets.build_release(market).instruction(),
            _ => self.markets.build_collect_protocol().instruction(),
        };
        let liquidity = addresses::liquidity(&market, &creator.address());
        if self.markets.find::<LiquidityPosition>(liquidity).is_some() {
            let collected = self.markets.send(instruction, &[]);
            self.judge(collected);
        }
    }

    /// A pause, or the end of one.
    fn pause(&mut self) {
        let now = self.markets.chain().now().seconds();
        let result = if self.markets.venue_state().is_paused(now) {
            self.markets.unpause()
        } else {
            self.markets.pause()
        };
        self.judge(result);
    }

    fn switch(&mut self) {
        if let Some(market) = self.pick_market() {
            let switched = self.markets.switch(market);
            self.judge(switched);
        }
    }

    fn poke(&mut self) {
        if let Some(market) = self.pick_market() {
            let poked = self.markets.poke(market);
            self.judge(poked);
        }
    }

    /// Everybody leaves, and nothing stays behind.
    fn drain(mut self) {
        let far = self.markets.chain().now().seconds() + 200_000;
        for market in self.markets.open_markets() {
            let state = self.markets.state(market);
            if state.status == MarketStatus::Open as u8 && self.random.gen_bool(0.5) {
                let proposed = self.markets.propose(&self.traders[0], market, 0);
                if self.judge(proposed) {
                    self.parties.push((market, 0, None));
                }
            }
        }
        self.markets.go_to_second(far);
        for market in self.markets.open_markets() {
            let state = self.markets.state(market);
            if !state.is_settled() {
                let ended = if state.status == MarketStatus::Proposed as u8 {
                    self.markets.finalize(market)
                } else {
                    self.markets.void(market)
                };
                ended.expect("an end");
            }
            self.pay_bonds(market);
            let traders: Vec<_> = self.traders.iter().collect();
            self.markets.resolve_all(market, &traders);
        }
        let venue = self.markets.venue_state();
        if venue.protocol_fees > 0 {
            let collect = self.markets.build_collect_protocol();
            self.markets
                .send(collect.instruction(), &[])
                .expect("a collection");
        }
        assert_eq!(self.markets.venue_state().protocol_fees, 0);
        assert!(self.markets.open_markets().is_empty());
    }
}
