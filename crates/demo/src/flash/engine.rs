//! The replay itself: an agenda of what happens when, worked off in order of time.

mod bets;
mod keeping;
mod opening;

use std::collections::BTreeSet;

use attestation::{Attestation, Field};
use circuits::KeyStore;
use client::{addresses::flash_bets as addresses, quotes};
use flash_bets::state::{FlashMarket, Vault};
use indicatif::ProgressBar;
use keeper::Settings as KeeperSettings;
use math::Price;
use program_kit::Custody;
use rand::{rngs::StdRng, SeedableRng};
use solana_pubkey::Pubkey;
use testbed::ProgramKind;

use super::{
    bettors::{Bettor, Intent, Strategy, BANKROLL},
    house::House,
    report::{MarketReport, Report, Totals},
    script::{questions, Answer, Question},
};
use crate::{
    agenda::Agenda,
    error::DemoError,
    feed::{Match, Minute},
    proofs::{self, Proofs},
    providers::{behaviours, Behaviour, ProviderReport},
    stage::{time_of_goal, MINUTE, SECOND},
    tables::{Bets, Refused, Standing},
};

/// From the setting-up to the kick-off.
const BEFORE_KICK_OFF: u64 = 2 * MINUTE;
/// Markets are announced this long before they open.
const ANNOUNCED_SECONDS: u32 = 60;
/// Without trading before the lock: this long, or this part of a market's duration if that is longer.
const FREEZE_SECONDS: u32 = 10;
const FREEZE_DIVISOR: u32 = 60;
/// From the lock to the void, without a proof.
const RESOLUTION_SECONDS: u32 = 30 * 60;
/// Lamports for whoever executes an order.
const TIP_LAMPORTS: u64 = 10_000;
/// The operator suspends markets this long after a goal, and for how long.
const REACTION: u64 = 1_500;
const SUSPENSION_SECONDS: u32 = 20;
/// A goal is recent for this many minutes.
const RECENT: u32 = 15;
/// Basis points of `min(p, 1 − p)` per share.
const FEE_RATE: u16 = 200;

/// What a replay is run with.
pub struct Settings {
    pub programs: ProgramKind,
    pub bettors: usize,
    /// Of the bettors' decisions. Keys are always fresh.
    pub seed: u64,
    /// Providers that tell the truth; with fewer than the threshold, markets are void.
    pub honest: u8,
}

enum Action {
    Announce {
        market: usize,
    },
    Goal {
        goal: usize,
    },
    Suspend {
        market: usize,
    },
    Try {
        bettor: usize,
        market: usize,
        intent: Intent,
    },
    Report {
        market: usize,
        provider: usize,
    },
    /// Something may be due that anybody may do.
    Keep {
        market: usize,
    },
}

/// An order that waits for its bet delay.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Pending {
    market: usize,
    bettor: usize,
    nonce: u64,
    /// Base units; `None` for a cash-out.
    stake: Option<u64>,
    placed_slot: u64,
}

/// A market's part of the replay.
struct Market {
    question: Question,
    answer: Answer,
    feed: Field,
    address: Pubkey,
    opens_at: u64,
    /// Reports that arrived while it was open.
    reports: Vec<Attestation>,
    orders: Vec<Pending>,
    /// Bettors with a ticket.
    owners: BTreeSet<usize>,
    is_announced: bool,
    is_closed: bool,
    report: MarketReport,
}

struct Demo<'a> {
    game: &'a Match,
    kick_off: u64,
    house: House,
    proofs: Proofs,
    keeper: KeeperSettings,
    behaviours: Vec<Behaviour>,
    markets: Vec<Market>,
    bettors: Vec<Bettor>,
    agenda: Agenda<Action>,
    rng: StdRng,
    bets: Bets,
    refused: Vec<Refused>,
    staked: u64,
    fees: u64,
    paid: u64,
    providers: ProviderReport,
    progress: &'a ProgressBar,
}

/// Replays a match.
///
/// # Errors
/// [`DemoError`] if anything fails but the bets that are meant to.
pub fn run(
    game: &Match,
    settings: &Settings,
    keys: &KeyStore,
    progress: &ProgressBar,
) -> Result<Report, DemoError> {
    progress.set_length(game.minutes.into());
    let mut demo = Demo::set_up(game, settings, keys, progress)?;
    while let Some((time, action)) = demo.agenda.next() {
        demo.house.stage.go_to(time);
        let played = time.saturating_sub(demo.kick_off) / MINUTE;
        progress.set_position(played.min(game.minutes.into()));
        demo.act(action)?;
    }
    demo.wind_up()
}

impl<'a> Demo<'a> {
    fn set_up(
        game: &'a Match,
        settings: &Settings,
        keys: &KeyStore,
        progress: &'a ProgressBar,
    ) -> Result<Self, DemoError> {
        let (proofs, stage) = proofs::open(settings.programs, keys, progress)?;
        let mut house = House::open(stage)?;
        let keeper = house.stage.keeper();
        let bettors = (0..settings.bettors)
            .map(|index| {
                Ok(Bettor {
                    strategy: Strategy::of(index),
                    person: house.stage.person(BANKROLL)?,
                    nonce: 0,
                })
            })
            .collect::<Result<_, DemoError>>()?;
        // A whole second, which the chain's clock can show.
        let kick_off = (house.stage.now() + BEFORE_KICK_OFF).next_multiple_of(SECOND);
        let mut demo = Self {
            game,
            kick_off,
            house,
            proofs,
            keeper,
            behaviours: behaviours(settings.honest),
            markets: Vec::new(),
            bettors,
            agenda: Agenda::new(),
            rng: StdRng::seed_from_u64(settings.seed),
            bets: Bets::default(),
            refused: Vec::new(),
            staked: 0,
            fees: 0,
            paid: 0,
            providers: ProviderReport::default(),
            progress,
        };
        demo.fill_agenda();
        Ok(demo)
    }

    fn fill_agenda(&mut self) {
        for (index, question) in questions(self.game).into_iter().enumerate() {
            let market = Market {
                answer: question.answer(self.game),
                feed: attestation::poseidon([Field::from(self.kick_off), Field::from(question.id)]),
                address: addresses::market(&self.house.vault, question.id),
                opens_at: self.time_at(question.window.from),
                reports: Vec::new(),
                orders: Vec::new(),
                owners: BTreeSet::new(),
                is_announced: false,
                is_closed: false,
                report: MarketReport::new(&question),
                question,
            };
            self.agenda.at(
                market.opens_at - u64::from(ANNOUNCED_SECONDS) * SECOND,
                Action::Announce { market: index },
            );
            self.markets.push(market);
        }
        for (goal, fallen) in self.game.goals().iter().enumerate() {
            self.agenda
                .at(self.time_of(fallen.at), Action::Goal { goal });
        }
    }

    /// When a number of minutes has been played.
    fn time_at(&self, minutes: u32) -> u64 {
        self.kick_off + u64::from(minutes) * MINUTE
    }

    fn time_of(&self, at: Minute) -> u64 {
        time_of_goal(self.kick_off, at)
    }

    fn act(&mut self, action: Action) -> Result<(), DemoError> {
        match action {
            Action::Announce { market } => self.announce(market),
            Action::Goal { goal } => {
                self.goal(goal);
                Ok(())
            }
            Action::Suspend { market } => self.suspend(market),
            Action::Try {
                bettor,
                market,
                intent,
            } => self.attempt(bettor, market, intent),
            Action::Report { market, provider } => self.take_report(market, provider),
            Action::Keep { market } => self.keep(market),
        }
    }

    /// Pays out the vault, closes the observations and checks the books.
    fn wind_up(mut self) -> Result<Report, DemoError> {
        self.progress.set_message("closing the books");
        let vault: Vault = self.house.stage.world.chain.account(self.house.vault)?;
        let left_in_vault = self.house.vault_balance()?;
        let is_tracked = vault
            .tracked()
            .is_ok_and(|tracked| tracked == left_in_vault);
        let deposited = self.house.deposited();
        let is_balanced = u128::from(deposited) + u128::from(self.staked)
            == u128::from(self.paid) + u128::from(left_in_vault);

        let takings = self.house.wind_up()?;
        self.proofs.close_all(&mut self.house.stage)?;
        let (held, supply) = self.house.stage.held_and_supply()?;
        let bettors = (0..self.bettors.len())
            .map(|index| {
                let strategy = self.bettors[index].strategy.name();
                Ok(Standing {
                    name: format!("Bettor {}, {strategy}", index + 1),
                    brought: BANKROLL,
                    left: self.balance(index)?,
                })
            })
            .collect::<Result<Vec<_>, DemoError>>()?;
        let addresses: Vec<_> = self.markets.iter().map(|market| market.address).collect();
        let open_accounts = self.house.open_accounts(&addresses)?;
        self.progress.set_position(self.game.minutes.into());
        Ok(Report {
            title: self.game.title(),
            markets: self
                .markets
                .into_iter()
                .map(|market| market.report)
                .collect(),
            bets: self.bets,
            totals: Totals {
                deposited,
                staked: self.staked,
                fees: self.fees,
                paid: self.paid,
                returned_to_vault: left_in_vault.saturating_sub(self.fees),
            },
            conserved: is_tracked && is_balanced && held == supply,
            open_accounts,
            held,
            supply,
            takings,
            bettors,
            refused: self.refused,
            providers: self.providers,
        })
    }

    fn state(&self, market: usize) -> Result<FlashMarket, DemoError> {
        Ok(self
            .house
            .stage
            .world
            .chain
            .account(self.markets[market].address)?)
    }

    fn prices(&self, market: usize) -> Result<Vec<Price>, DemoError> {
        // A market that the program created has prices.
        Ok(quotes::prices(&self.state(market)?).unwrap_or_default())
    }

    fn balance(&self, bettor: usize) -> Result<u64, DemoError> {
        self.house.stage.balance(self.bettors[bettor].person.tokens)
    }

    fn balances(&self, bettors: &[usize]) -> Result<u64, DemoError> {
        bettors.iter().map(|bettor| self.balance(*bettor)).sum()
    }
}
