//! The day itself.

use std::collections::BTreeMap;

use client::{
    addresses::leverage as addresses,
    instructions::{leverage::RequestOpenArgs, markets::RuleTerms},
};
use indicatif::ProgressBar;
use keeper::{leverage::LoanAction, Settings as KeeperSettings, Snapshot};
use leverage::state::LeveredPosition;
use math::{Order, Price};
use solana_pubkey::Pubkey;
use solana_signer::Signer;
use testbed::{
    KeySource, LeverageWorld, MarketsOptions, ProgramKind, Receipt, SendError, Trader, UNIT,
};

use super::{
    prices::{Prices, STEP_SECONDS},
    report::{Done, Lender, Report},
    traders::{Borrower, Fate, Plan, BORROWERS, BROUGHT, DOWN, UP},
};
use crate::error::DemoError;

/// What the two lenders put in, base units.
const LENT: [u64; 2] = [60_000 * UNIT, 40_000 * UNIT];

/// While the price falls fastest, between these steps, the keeper is away.
const AWAY: std::ops::Range<usize> = 85..97;

/// Bytes of a token account.
const TOKEN_ACCOUNT_LEN: usize = 165;

/// Of every borrower's position.
const NONCE: u64 = 1;

/// What a day is run with.
pub struct Settings {
    pub programs: ProgramKind,
    /// Of the keys.
    pub seed: u64,
}

struct Demo {
    prices: Prices,
    world: LeverageWorld,
    /// Trades the market to what the price is worth.
    arbitrageur: Trader,
    /// What each put in, and had before.
    lenders: Vec<(Trader, u64, u64)>,
    borrowers: Vec<Borrower>,
    opened_at: i64,
    /// What the keeper did, by name.
    kept: BTreeMap<&'static str, u32>,
    done: Vec<Done>,
}

/// Plays a day.
///
/// # Errors
/// [`DemoError`] if anything fails.
pub fn run(settings: &Settings, progress: &ProgressBar) -> Result<Report, DemoError> {
    let prices = Prices::load()?;
    progress.set_length(prices.steps() as u64);
    let mut demo = Demo::set_up(settings, prices)?;
    for step in 0..demo.prices.steps() {
        progress.set_position(step as u64);
        demo.step(step)?;
    }
    demo.settle()?;
    demo.report()
}

/// What nobody may refuse.
fn must(step: &str, result: Result<Receipt, SendError>) -> Result<Receipt, DemoError> {
    result.map_err(|cause| DemoError::Step {
        step: step.to_owned(),
        cause: Box::new(cause),
    })
}

impl Demo {
    fn set_up(settings: &Settings, prices: Prices) -> Result<Self, DemoError> {
        let strike = prices.cents(0);
        let options = MarketsOptions {
            keys: KeySource::seeded(settings.seed),
            programs: Some(settings.programs),
            ..MarketsOptions::default()
        };
        let mut world = LeverageWorld::with_pool_on(&options, 2, |args| {
            args.rule = RuleTerms::Threshold {
                strikes: vec![strike],
            };
        });
        must("listing the market", world.list())?;
        let opened_at = world.markets.state(world.listing.market).hours.opens_at;
        let second = world.markets.trader(LENT[1]);
        let first = world.lender();
        let brought = |lender: &Trader| world.markets.balance(lender.tokens);
        let brought = [brought(&first), brought(&second)];
        let lenders = vec![(first, LENT[0], brought[0]), (second, LENT[1], brought[1])];
        for (lender, amount, _) in &lenders {
            must("a deposit", world.request_deposit(lender, NONCE, *amount))?;
        }
        let borrowers = BORROWERS.map(|(name, plan, opens_at_step, outcome, margin, loan)| {
            let trader = world.trader_with(BROUGHT);
            Borrower {
                name,
                plan,
                opens_at_step,
                outcome,
                margin,
                loan,
                trader,
                brought: BROUGHT,
                shares: 0,
                fate: Fate::default(),
            }
        });
        let arbitrageur = world.trader();
        Ok(Self {
            prices,
            world,
            arbitrageur,
            lenders,
            borrowers: borrowers.into(),
            opened_at,
            kept: BTreeMap::new(),
            done: Vec::new(),
        })
    }

    /// Five minutes: the price moves, borrowers do what they planned, the keeper looks twice.
    fn step(&mut self, step: usize) -> Result<(), DemoError> {
        let offset = STEP_SECONDS * step as i64;
        let then = (self.opened_at + offset).max(self.world.markets.seconds());
        self.world.markets.go_to_second(then);
        self.arbitrage(step)?;
        for index in 0..self.borrowers.len() {
            self.borrow_or_close(step, index)?;
        }
        if AWAY.contains(&step) {
            return Ok(());
        }
        self.keep(step)?;
        // Until a delay is over, and a mark is old enough.
        self.world.wait_for_execution();
        self.keep(step)
    }

    /// Trades until the market's price is what the price of BTC makes it worth.
    fn arbitrage(&mut self, step: usize) -> Result<(), DemoError> {
        let market = self.world.listing.market;
        let state = self.world.markets.state(market);
        let up = self.prices.chance(step);
        let spot = state.pool.prices().map_err(|_| DemoError::Closes)?[usize::from(UP)];
        let (outcome, target) = match up > spot {
            true => (UP, up),
            false => (DOWN, Price(Price::ONE.0 - up.0)),
        };
        let found = state
            .pool
            .amount_until(outcome.into(), target, state.fees())
            .map_err(|_| DemoError::Closes)?;
        if let Some((Order::Buy(shares), _)) = found {
            let markets = &mut self.world.markets;
            let trader = &self.arbitrageur;
            must(
                "an arbitrage",
                markets.buy_shares(trader, market, outcome, shares.0),
            )?;
        }
        Ok(())
    }

    fn borrow_or_close(&mut self, step: usize, index: usize) -> Result<(), DemoError> {
        let borrower = &mut self.borrowers[index];
        let trader = &borrower.trader;
        if step == borrower.opens_at_step {
            let args = RequestOpenArgs {
                outcome: borrower.outcome,
                margin: borrower.margin,
                loan: borrower.loan,
                min_shares: 0,
            };
            must("a request", self.world.request(trader, NONCE, args))?;
        }
        if borrower.plan == Plan::Closes(step) {
            must("a sale", self.world.close(trader, NONCE))?;
            borrower.fate = borrower.fate.max(Fate::Closed);
            self.note(step, index, "sells everything");
        }
        Ok(())
    }

    fn note(&mut self, step: usize, borrower: usize, what: &str) {
        self.done.push(Done {
            minute: step as u64 * 5,
            borrower: borrower + 1,
            what: what.to_owned(),
        });
    }

    /// The borrower whose position or request has an address.
    fn whose(&self, address: &Pubkey) -> Option<usize> {
        let listing = self.world.listing.listing();
        self.borrowers.iter().position(|borrower| {
            let owner = borrower.trader.address();
            let position = addresses::levered_position(&listing, &owner, NONCE);
            let request = addresses::pending_open(&listing, &owner, NONCE);
            [position, request].contains(address)
        })
    }

    fn plan(&self) -> Result<Vec<LoanAction>, DemoError> {
        let chain = self.world.markets.chain();
        let snapshot = Snapshot::new(chain.accounts_of(&Snapshot::PROGRAMS)?);
        let mint = self.world.listing.pool;
        let token_programs = BTreeMap::from([(mint.mint, mint.token_program)]);
        let settings = KeeperSettings {
            keeper: self.world.keeper.address(),
            proposer: None,
            poke_after_seconds: i64::MAX,
            pays_in_one_call: false,
        };
        let clock = chain.clock();
        let of_pools = snapshot.pools(&token_programs);
        let mut actions: Vec<_> = of_pools.flat_map(|view| view.plan(clock)).collect();
        let of_listings = snapshot.listings(&token_programs);
        actions.extend(of_listings.flat_map(|view| view.plan(&settings, clock)));
        Ok(actions)
    }

    /// The keeper's plan, carried out; the last borrower it does not serve.
    fn keep(&mut self, step: usize) -> Result<(), DemoError> {
        for action in self.plan()? {
            let is_unserved = matches!(&action, LoanAction::Monitor(look)
                if self.whose(&look.holding.position()) == Some(self.borrowers.len() - 1));
            if is_unserved {
                continue;
            }
            let keeper = self.world.keeper.key.insecure_clone();
            let instruction = action.instruction();
            let is_keepers = instruction
                .accounts
                .iter()
                .any(|meta| meta.is_signer && meta.pubkey == self.world.keeper.address());
            let signers = if is_keepers { vec![&keeper] } else { vec![] };
            must(action.name(), self.world.send(&[instruction], &signers))?;
            *self.kept.entry(action.name()).or_default() += 1;
            self.see(step, &action);
        }
        Ok(())
    }

    /// What an action did to borrowers.
    fn see(&mut self, step: usize, action: &LoanAction) {
        let (positions, is_before_the_lock) = match action {
            LoanAction::ExecuteOpen(open) => {
                if let Some(index) = self.whose(&open.holding.position()) {
                    let position = self.position(index);
                    self.borrowers[index].shares = position.map_or(0, |found| found.shares);
                    self.note(step, index, "gets his loan");
                }
                return;
            }
            LoanAction::Liquidate(sale) | LoanAction::DeleverageProRata(sale) => {
                (&sale.positions, false)
            }
            LoanAction::ForceDeleverage(sale) => (&sale.positions, true),
            _ => return,
        };
        for address in positions {
            let Some(index) = self.whose(address) else {
                continue;
            };
            let is_whole = self.position(index).is_none_or(|found| found.shares == 0);
            let (fate, what) = match (is_before_the_lock, is_whole) {
                (true, _) => (
                    Fate::DeleveragedBeforeTheLock,
                    "has the debt paid before the lock",
                ),
                (false, true) => (Fate::LiquidatedWhole, "is liquidated whole"),
                (false, false) => (Fate::LiquidatedInPart, "is liquidated in part"),
            };
            self.borrowers[index].fate = fate.max(self.borrowers[index].fate);
            self.note(step, index, what);
        }
    }

    fn position(&self, index: usize) -> Option<LeveredPosition> {
        let trader = &self.borrowers[index].trader;
        self.world.find_position(trader, NONCE)
    }

    /// From the lock to the last closed account.
    fn settle(&mut self) -> Result<(), DemoError> {
        let last = self.prices.steps();
        let market = self.world.listing.market;
        let state = self.world.markets.state(market);
        self.world.markets.go_to_second(state.hours.trading_until);
        let creator = self.world.markets.creator();
        let value = self.prices.cents(last);
        must(
            "a proposal",
            self.world.markets.propose(&creator, market, value),
        )?;
        for index in 0..self.borrowers.len() {
            let borrower = &self.borrowers[index];
            let owes = self
                .position(index)
                .is_some_and(|found| found.shares > 0 && found.debt_shares > 0);
            if borrower.plan == Plan::RepaysAfterTheLock && owes {
                must("a repayment", self.world.repay(&borrower.trader, NONCE))?;
                self.borrowers[index].fate = Fate::Repaid;
                self.note(last, index, "pays in tokens, and has the shares");
            }
        }
        let until = self.world.markets.state(market).dispute_until;
        self.world.markets.go_to_second(until);
        must("an end", self.world.markets.finalize(market))?;
        // What depends on what was done is in the next plan.
        while !self.plan()?.is_empty() {
            self.keep(last)?;
        }
        let holders: Vec<_> = self.borrowers.iter().map(|one| &one.trader).collect();
        let holders: Vec<_> = holders.into_iter().chain([&self.arbitrageur]).collect();
        for holder in holders {
            must("a redemption", self.world.markets.redeem(market, &[holder]))?;
        }
        for index in 0..self.lenders.len() {
            let lender = &self.lenders[index].0;
            let shares = self.world.deposit_state(lender, NONCE).shares;
            must(
                "a lender's notice",
                self.world.request_withdraw(lender, NONCE, shares),
            )?;
        }
        let first = &self.lenders[0].0;
        let available = self.world.withdrawal_state(first, NONCE).available_at;
        self.world.markets.go_to_second(available);
        while !self.plan()?.is_empty() {
            self.keep(last)?;
        }
        Ok(())
    }

    fn report(mut self) -> Result<Report, DemoError> {
        let book = *self.world.pool_state().book;
        let admin = self.world.admin().pubkey();
        let rest = self.world.markets.associated_account(admin, 0);
        must("closing the pool", self.world.close_pool(rest))?;
        let world = &self.world;
        let chain = world.markets.chain();
        let accounts = chain.accounts_of(&[leverage::ID])?;
        let mut held = 0;
        for (address, account) in chain.accounts_of(&[world.markets.token_program()])? {
            if account.data.len() == TOKEN_ACCOUNT_LEN {
                held += u128::from(world.markets.balance(address));
            }
        }
        let supply = chain.token_supply(world.markets.mint.address)?.into();
        let standings = self.borrowers.iter().map(|borrower| {
            let left = world.markets.balance(borrower.trader.tokens);
            super::report::Trader {
                name: borrower.name.to_owned(),
                outcome: borrower.outcome,
                margin: borrower.margin,
                loan: borrower.loan,
                shares: borrower.shares,
                fate: borrower.fate,
                brought: borrower.brought,
                left,
            }
        });
        let lenders = self.lenders.iter().map(|(lender, amount, brought)| Lender {
            lent: *amount,
            brought: *brought,
            left: world.markets.balance(lender.tokens),
        });
        Ok(Report {
            strike_cents: self.prices.cents(0),
            result_cents: self.prices.cents(self.prices.steps()),
            traders: standings.collect(),
            lenders: lenders.collect(),
            insurance: book.insurance,
            rest: book.cash,
            rewards: world.markets.balance(world.keeper.tokens),
            open_accounts: accounts.len(),
            conserved: held == supply,
            held,
            supply,
            kept: self
                .kept
                .iter()
                .map(|(name, times)| ((*name).to_owned(), *times))
                .collect(),
            done: self.done,
        })
    }
}
