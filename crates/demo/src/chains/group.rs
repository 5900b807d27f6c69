//! A question traded once for each end of the match, by a few people.

use client::{
    addresses::flash_bets as addresses,
    instructions::flash_bets::{CreateQuantum, Order, QuantumAccounts, QuantumTerms},
};
use flash_bets::state::{FlashMarket, QuantumGroup, QuantumTicket, Vault};
use math::Price;
use rand::{rngs::StdRng, Rng};
use solana_pubkey::Pubkey;

use super::{
    report::{BranchReport, GroupReport},
    script::{chances, conditional, score_at, BUCKETS, STRIKES},
    DEPTH, FEE_RATE, TRADES_AT,
};
use crate::{
    error::DemoError,
    feed::Match,
    flash::house::House,
    stage::{Person, Stage, TOKEN},
    tables::Standing,
};

/// What everybody brings, deposits, and stakes at a time, base units.
const BANKROLL: u64 = 500 * TOKEN;
const DEPOSIT: u64 = 400 * TOKEN;
const STAKE: u64 = 20 * TOKEN;
/// Stakes at a time of somebody who moves a price to where he reckons it.
const MOST_STAKES: usize = 4;
/// Stakes at a time of somebody who guesses.
const GUESSES: usize = 2;
/// Seconds from the creation to the opening, which waits for that of the asset's market.
const OPENS_IN_SECONDS: u32 = 30;

/// How somebody trades in the branches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Strategy {
    /// In every branch what is likelier there than the branch has it.
    Reckons,
    /// On any outcome of any branch.
    Guesses,
    /// The same, and takes half of what it has not spent anywhere back at the end.
    Leaves,
}

const STRATEGIES: [(Strategy, &str); 3] = [
    (Strategy::Reckons, "Trader 1, reckons"),
    (Strategy::Guesses, "Trader 2, guesses"),
    (Strategy::Leaves, "Trader 3, guesses and takes back"),
];

#[derive(Default)]
pub struct Group {
    address: Pubkey,
    /// Opening prices of every branch, basis points.
    opened: Vec<u16>,
    traders: Vec<(Strategy, &'static str, Person)>,
    trades: u32,
    /// Base units that came back before the collapse.
    merged: u64,
    /// Prices of each branch after the last trade.
    asked: Vec<Vec<f64>>,
    survivor: Option<u8>,
}

impl Group {
    /// Opens a group on two markets, every branch at the same prices, and takes the deposits.
    ///
    /// # Errors
    /// [`DemoError::Chain`], [`DemoError::Step`], here and below.
    pub fn open(
        &mut self,
        house: &mut House,
        condition: Pubkey,
        asset: Pubkey,
        row: Vec<u16>,
    ) -> Result<(), DemoError> {
        let chain = &house.stage.world.chain;
        let vault: Vault = chain.account(house.vault)?;
        let state: FlashMarket = chain.account(condition)?;
        let of_asset: FlashMarket = chain.account(asset)?;
        let create = CreateQuantum {
            operator: house.operator.address(),
            vault: house.vault,
            mint: house.stage.mint.address,
            token_program: house.stage.token_program(),
            condition,
            condition_observers: state.evidence.observers(),
            asset,
            asset_observers: of_asset.evidence.observers(),
            event_book: of_asset.event_book,
            feed_id: of_asset.evidence.feed_id,
            id: vault.next_market_id,
            terms: QuantumTerms {
                depth: DEPTH,
                priors: vec![row.clone(); usize::from(state.pool.outcomes)],
                opens_in_seconds: OPENS_IN_SECONDS,
            },
        };
        let operator = house.operator.key.insecure_clone();
        let stage = &mut house.stage;
        stage.must("a quantum group", &[create.instruction()], &[&operator])?;
        self.address = addresses::quantum_group(&house.vault, create.id);
        self.opened = row;
        for (strategy, name) in STRATEGIES {
            let person = stage.person(BANKROLL)?;
            let (_, accounts) = self.state(stage)?;
            let owner = person.address();
            let deposit = accounts.deposit(owner, person.tokens, owner, DEPOSIT);
            stage.must("a deposit into a group", &[deposit], &[&person.key])?;
            self.traders.push((strategy, name, person));
        }
        Ok(())
    }

    fn state(&self, stage: &Stage) -> Result<(QuantumGroup, QuantumAccounts), DemoError> {
        let group: QuantumGroup = stage.world.chain.account(self.address)?;
        let accounts = QuantumAccounts::new(self.address, &group, stage.token_program());
        Ok((group, accounts))
    }

    /// Everybody trades after so many minutes of the match.
    pub fn trade(
        &mut self,
        house: &mut House,
        game: &Match,
        minute: u32,
        rng: &mut StdRng,
    ) -> Result<(), DemoError> {
        let stage = &mut house.stage;
        for place in 0..self.traders.len() {
            if self.traders[place].0 == Strategy::Reckons {
                self.reckon(stage, place, game, minute)?;
            } else {
                for _ in 0..GUESSES {
                    let (branch, outcome) = (rng.gen_range(0..3), rng.gen_range(0..BUCKETS.len()));
                    self.buy(stage, place, branch, outcome)?;
                }
            }
        }
        let is_last = TRADES_AT.last() == Some(&minute);
        for place in 0..self.traders.len() {
            if is_last && self.traders[place].0 == Strategy::Leaves {
                self.take_back(stage, place)?;
            }
        }
        let (group, _) = self.state(stage)?;
        self.asked = (0..usize::from(group.branches))
            .map(|branch| prices_of(&group, branch))
            .collect();
        Ok(())
    }

    /// Buys in each branch what is likelier there than it costs, until it is not.
    fn reckon(
        &mut self,
        stage: &mut Stage,
        place: usize,
        game: &Match,
        minute: u32,
    ) -> Result<(), DemoError> {
        for (branch, row) in chances(game, minute).into_iter().enumerate() {
            let chances = conditional(row);
            for _ in 0..MOST_STAKES {
                let (group, _) = self.state(stage)?;
                let prices = prices_of(&group, branch);
                let fee = |price: f64| f64::from(FEE_RATE) / 10_000.0 * price.min(1.0 - price);
                let gain = |outcome: usize| {
                    chances[outcome] / (prices[outcome] + fee(prices[outcome])) - 1.0
                };
                let outcomes = (0..prices.len()).filter(|outcome| gain(*outcome) > 0.0);
                let best = outcomes.max_by(|a, b| gain(*a).total_cmp(&gain(*b)));
                let Some(best) = best else {
                    break;
                };
                if !self.buy(stage, place, branch, best)? {
                    break;
                }
            }
        }
        Ok(())
    }

    /// Whether there was credit for it.
    fn buy(
        &mut self,
        stage: &mut Stage,
        place: usize,
        branch: usize,
        outcome: usize,
    ) -> Result<bool, DemoError> {
        if self.ticket(stage, place)?.credits[branch] < STAKE {
            return Ok(false);
        }
        let (_, accounts) = self.state(stage)?;
        let (_, _, person) = &self.traders[place];
        let [branch, outcome] = [branch, outcome].map(|index| index as u8);
        let order = Order::Stake {
            stake: STAKE,
            min_shares: STAKE,
        };
        let trade = accounts.trade(person.address(), branch, outcome, order);
        stage.must("a trade in a branch", &[trade], &[&person.key])?;
        self.trades += 1;
        Ok(true)
    }

    fn take_back(&mut self, stage: &mut Stage, place: usize) -> Result<(), DemoError> {
        let (group, accounts) = self.state(stage)?;
        let credits = self.ticket(stage, place)?.credits;
        let branches = usize::from(group.branches);
        let least = credits.into_iter().take(branches).min().unwrap_or_default();
        let (_, _, person) = &self.traders[place];
        let merge = accounts.merge(person.address(), person.tokens, least / 2);
        stage.must("merging branches", &[merge], &[&person.key])?;
        self.merged += least / 2;
        Ok(())
    }

    fn ticket(&self, stage: &Stage, place: usize) -> Result<QuantumTicket, DemoError> {
        let (_, _, person) = &self.traders[place];
        let ticket = addresses::quantum_ticket(&self.address, &person.address());
        Ok(stage.world.chain.account(ticket)?)
    }

    /// Which branch came true, while the group is there.
    pub fn note(&mut self, stage: &Stage) -> Result<(), DemoError> {
        if stage.world.chain.find_account(self.address)?.is_some() {
            let (group, _) = self.state(stage)?;
            let survivor = group.survivor;
            self.survivor = (survivor < group.branches).then_some(survivor);
        }
        Ok(())
    }

    pub fn standings(&self, stage: &Stage) -> Result<Vec<Standing>, DemoError> {
        let traders = self.traders.iter().map(|(_, name, person)| {
            Ok(Standing {
                name: (*name).to_owned(),
                brought: BANKROLL,
                left: stage.balance(person.tokens)?,
            })
        });
        traders.collect()
    }

    pub fn report(self, game: &Match) -> GroupReport {
        let [first, second] = &game.teams;
        let ends = [
            format!("{first} wins"),
            format!("{second} wins"),
            "a draw".to_owned(),
        ];
        let goals: u32 = score_at(game, game.minutes).iter().sum();
        let bucket = STRIKES
            .iter()
            .filter(|strike| **strike <= i64::from(goals))
            .count();
        let minute = TRADES_AT.last().copied().unwrap_or_default();
        let rows = chances(game, minute);
        let branches = ends
            .into_iter()
            .zip(self.asked)
            .zip(rows)
            .enumerate()
            .map(|(index, ((end, asked), row))| BranchReport {
                end,
                is_real: self.survivor.map(usize::from) == Some(index),
                chance_of_end: row.iter().sum(),
                asked,
                chances: conditional(row).to_vec(),
            })
            .collect();
        let opened = self
            .opened
            .iter()
            .map(|points| f64::from(*points) / 10_000.0);
        GroupReport {
            minute,
            outcomes: BUCKETS.map(str::to_owned).to_vec(),
            opened: opened.collect(),
            branches,
            survivor: self.survivor,
            winner: bucket,
            trades: self.trades,
            deposited: DEPOSIT * STRATEGIES.len() as u64,
            merged: self.merged,
        }
    }
}

/// What a share of each outcome costs in a branch.
fn prices_of(group: &QuantumGroup, branch: usize) -> Vec<f64> {
    let pool = &group.pools[branch];
    // A branch that the program opened has prices.
    let prices = pool.prices().unwrap_or_default();
    let prices = prices.into_iter().take(usize::from(pool.outcomes));
    prices
        .map(|price| price.0 as f64 / Price::ONE.0 as f64)
        .collect()
}
