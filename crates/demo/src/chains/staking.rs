//! People who stake on chains, and what becomes of these.

use client::{
    addresses::flash_bets as addresses,
    chain_quotes::{self, QuotedLeg},
    instructions::flash_bets::{
        ChainOdds, LegOf, RequestCashOut, RequestCashOutArgs, RequestChain, RequestChainArgs,
    },
    intents::less,
};
use flash_bets::state::{Chain, ChainBook, ChainStatus, FlashMarket, LegStatus, Vault};
use math::{chain::LegPrice, BasisPoints, Money, Price};
use rand::Rng;
use solana_pubkey::Pubkey;

use super::{
    report::{ChainReport, Fate, LegReport},
    script::{GOAL, NO_GOAL, WINDOWS},
    Demo,
};
use crate::{
    error::DemoError,
    stage::{Person, Stage, MINUTE, SECOND, TOKEN},
    tables::{Refused, Standing},
};

/// What everybody brings and stakes, base units.
const BANKROLL: u64 = 100 * TOKEN;
const STAKE: u64 = 5 * TOKEN;
/// Basis points of the payout that somebody accepts less than quoted.
const SLIPPAGE: u16 = 1_000;
/// Lamports for whoever executes a chain.
const TIP_LAMPORTS: u64 = 10_000;
/// Units of a chain's decimals.
const DIGITS: f64 = 1e12;

/// Which outcome somebody takes of each window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Strategy {
    /// The likelier one.
    Likelier,
    /// One drawn by its chance.
    Drawn,
    /// A goal, as often as the cap of the multiple lets him.
    LongShot,
}

impl Strategy {
    fn name(self) -> &'static str {
        match self {
            Self::Likelier => "the likelier",
            Self::Drawn => "drawn",
            Self::LongShot => "long shots",
        }
    }
}

/// Everybody's strategy, number of legs, and whether he cashes out once a leg is won.
const PLANS: [(Strategy, usize, bool); 6] = [
    (Strategy::Likelier, 5, false),
    (Strategy::Likelier, 9, false),
    (Strategy::Likelier, 5, true),
    (Strategy::Drawn, 9, false),
    (Strategy::LongShot, 5, false),
    (Strategy::LongShot, 9, false),
];
const NONCE: u64 = 1;

/// Somebody's chain.
pub struct Staked {
    person: Person,
    name: String,
    cashes_out: bool,
    has_asked: bool,
    /// A window and its outcome.
    legs: Vec<(usize, u8)>,
    address: Pubkey,
    report: ChainReport,
}

impl Staked {
    pub fn report(self) -> ChainReport {
        self.report
    }

    /// # Errors
    /// [`DemoError::Chain`].
    pub fn standing(&self, stage: &Stage) -> Result<Standing, DemoError> {
        Ok(Standing {
            name: self.name.clone(),
            brought: BANKROLL,
            left: stage.balance(self.person.tokens)?,
        })
    }
}

impl Demo<'_> {
    /// Everybody asks for his chain in turn; after its delay the keeper opens it.
    pub(super) fn stake(&mut self) -> Result<(), DemoError> {
        for (strategy, count, cashes_out) in PLANS {
            let staked = self.request(strategy, count, cashes_out)?;
            let stage = &mut self.house.stage;
            let chain: Chain = stage.world.chain.account(staked.address)?;
            stage.go_to(ready(stage, &chain));
            stage.keep(&self.keeper)?;
            self.chains.push(staked);
            self.note_offer()?;
        }
        Ok(())
    }

    /// Asks for a chain, and where it is refused for one with a goal less.
    fn request(
        &mut self,
        strategy: Strategy,
        count: usize,
        cashes_out: bool,
    ) -> Result<Staked, DemoError> {
        let person = self.house.stage.person(BANKROLL)?;
        let mut legs = self.pick(strategy, count);
        let number = self.chains.len() + 1;
        let name = format!("Bettor {number}, {count} legs, {}", strategy.name());
        loop {
            let request = self.build(&person, &legs)?;
            let stage = &mut self.house.stage;
            let sent = stage.attempt_with_table(&name, &request.instruction(), &person.key)?;
            let goal = legs.iter().position(|(_, outcome)| *outcome == GOAL);
            match (sent, goal) {
                (None, _) => break,
                (Some(error), Some(goal)) => {
                    self.refused.push(Refused {
                        who: name.clone(),
                        market: 0,
                        what: "chain",
                        reason: error.name,
                        message: error.message,
                    });
                    legs[goal].1 = NO_GOAL;
                }
                (Some(error), None) => return Err(DemoError::Refused { step: name, error }),
            }
        }
        let report = self.first_report(&name, &legs);
        Ok(Staked {
            address: addresses::chain(&self.house.vault, &person.address(), NONCE),
            person,
            name,
            cashes_out,
            has_asked: false,
            legs,
            report,
        })
    }

    /// Five legs are on every second window, so that the results of one are there before the next.
    fn pick(&mut self, strategy: Strategy, count: usize) -> Vec<(usize, u8)> {
        let step = (WINDOWS - 1) / (count - 1);
        let mut legs = Vec::with_capacity(count);
        for window in (0..WINDOWS).step_by(step) {
            let chance = self.windows[window].chance;
            let outcome = match strategy {
                Strategy::Likelier if chance > 0.5 => GOAL,
                Strategy::Drawn if self.rng.gen_bool(chance) => GOAL,
                Strategy::LongShot => GOAL,
                Strategy::Likelier | Strategy::Drawn => NO_GOAL,
            };
            legs.push((window, outcome));
        }
        legs
    }

    fn build(&self, person: &Person, legs: &[(usize, u8)]) -> Result<RequestChain, DemoError> {
        let stage = &self.house.stage;
        let mut states = Vec::with_capacity(legs.len());
        for (window, outcome) in legs {
            let address = self.markets[*window].address;
            let market: FlashMarket = stage.world.chain.account(address)?;
            let book: ChainBook = stage.world.chain.account(addresses::chain_book(&address))?;
            states.push((address, market, book, *outcome));
        }
        let quoted: Vec<_> = states
            .iter()
            .map(|(_, market, book, outcome)| QuotedLeg {
                market,
                book,
                outcome: *outcome,
            })
            .collect();
        let vault: Vault = stage.world.chain.account(self.house.vault)?;
        let quote = chain_quotes::open(&vault, &quoted, Money(STAKE), stage.world.chain.clock());
        // Without a quote the program says why there is none.
        let payout = quote.map_or(0, |quote| quote.odds.payout);
        Ok(RequestChain {
            owner: person.address(),
            owner_tokens: person.tokens,
            rent_payer: person.address(),
            vault: self.house.vault,
            token_program: stage.token_program(),
            nonce: NONCE,
            legs: states
                .iter()
                .map(|(address, market, ..)| LegOf::new(*address, market))
                .collect(),
            args: RequestChainArgs {
                stake: STAKE,
                min_payout: less(payout, SLIPPAGE),
                tip_lamports: TIP_LAMPORTS,
                outcomes: legs.iter().map(|(_, outcome)| *outcome).collect(),
            },
        })
    }

    fn first_report(&self, name: &str, legs: &[(usize, u8)]) -> ChainReport {
        let of_leg = |(window, outcome): &(usize, u8)| {
            let window = &self.windows[*window];
            LegReport {
                from_minute: window.from_minute,
                to_minute: window.to_minute,
                is_goal: *outcome == GOAL,
                chance: window.chance_of(*outcome),
                has_won: window.is_goal == (*outcome == GOAL),
            }
        };
        let legs: Vec<_> = legs.iter().map(of_leg).collect();
        ChainReport {
            who: name.to_owned(),
            stake: STAKE,
            multiple: 0.0,
            payout: 0,
            priced_chance: 0.0,
            chance: legs.iter().map(|leg| leg.chance).product(),
            expected: 0.0,
            fate: Fate::Returned,
            paid: 0,
            ended_minute: 0,
            legs,
        }
    }

    /// What the last chain was opened at, if it was.
    fn note_offer(&mut self) -> Result<(), DemoError> {
        let stage = &self.house.stage;
        let Some(staked) = self.chains.last_mut() else {
            return Ok(());
        };
        if stage.world.chain.find_account(staked.address)?.is_none() {
            return Ok(());
        }
        let chain: Chain = stage.world.chain.account(staked.address)?;
        let prices = chain
            .legs()
            .iter()
            .map(|leg| LegPrice::try_from(Price(leg.price)));
        let prices = prices.collect::<Result<Vec<_>, _>>()?;
        let odds = ChainOdds::of(&prices, Money(STAKE), BasisPoints(chain.fee_rate))?;
        let report = &mut staked.report;
        report.multiple = odds.multiple as f64 / DIGITS;
        report.priced_chance = odds.chance as f64 / DIGITS;
        report.expected = report.multiple * report.chance;
        report.payout = odds.payout;
        report.fate = Fate::Open;
        Ok(())
    }

    /// What became of chains that are closed.
    pub(super) fn note_chains(&mut self) -> Result<(), DemoError> {
        let stage = &self.house.stage;
        let minute = stage.now().saturating_sub(self.kick_off) / MINUTE;
        for staked in &mut self.chains {
            let report = &mut staked.report;
            let is_open = stage.world.chain.find_account(staked.address)?.is_some();
            if is_open || report.fate != Fate::Open {
                continue;
            }
            report.ended_minute = minute;
            report.paid = stage.balance(staked.person.tokens)? + STAKE - BANKROLL;
            report.fate = match (staked.has_asked, report.paid) {
                (_, 0) => Fate::Lost,
                (_, paid) if paid == report.payout => Fate::Won,
                (true, _) => Fate::CashedOut,
                (false, _) => Fate::Void,
            };
        }
        Ok(())
    }

    /// Whoever takes what a chain is worth once a leg is won asks for it, and the keeper cashes it out.
    pub(super) fn cash_out_chains(&mut self) -> Result<(), DemoError> {
        for place in 0..self.chains.len() {
            let staked = &self.chains[place];
            let stage = &self.house.stage;
            let is_wanted = staked.cashes_out && !staked.has_asked;
            if !is_wanted || stage.world.chain.find_account(staked.address)?.is_none() {
                continue;
            }
            let chain: Chain = stage.world.chain.account(staked.address)?;
            if !chain.is(ChainStatus::Open) || usize::from(chain.open_legs) == staked.legs.len() {
                continue;
            }
            let request = RequestCashOut {
                vault: self.house.vault,
                owner: staked.person.address(),
                nonce: NONCE,
                args: RequestCashOutArgs {
                    min_return: less(self.worth(&chain)?, SLIPPAGE),
                    tip_lamports: TIP_LAMPORTS,
                },
            };
            let key = staked.person.key.insecure_clone();
            self.chains[place].has_asked = true;
            let stage = &mut self.house.stage;
            stage.must("asking for a cash-out", &[request.instruction()], &[&key])?;
            let chain: Chain = stage.world.chain.account(self.chains[place].address)?;
            let ready_at = ready(stage, &chain);
            stage.go_to(ready_at);
            stage.keep(&self.keeper)?;
            self.note_chains()?;
        }
        Ok(())
    }

    /// What a chain would be cashed out for now.
    fn worth(&self, chain: &Chain) -> Result<u64, DemoError> {
        let embedded = &self.house.stage.world.chain;
        let open = chain.legs().iter().filter(|leg| leg.is(LegStatus::Open));
        let markets = open
            .map(|leg| embedded.account(leg.market))
            .collect::<Result<Vec<FlashMarket>, _>>()?;
        let markets: Vec<_> = markets.iter().collect();
        let vault: Vault = embedded.account(self.house.vault)?;
        let worth = chain_quotes::cash_out(&vault, chain, &markets, embedded.clock());
        Ok(worth.map_or(0, |worth| worth.0))
    }
}

/// When what waits of a chain can be executed, unix milliseconds.
fn ready(stage: &Stage, chain: &Chain) -> u64 {
    let second = u64::try_from(chain.wait.executable_at).unwrap_or_default();
    (second * SECOND).max(stage.time_of(chain.wait.executable_slot))
}
