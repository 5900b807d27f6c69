//! The day itself: an agenda of what happens when, worked off in order of time.

mod keeping;
mod liquidity;
mod opening;
mod orders;
mod resolution;
mod trades;

use std::collections::BTreeSet;

use attestation::{Attestation, Field};
use circuits::KeyStore;
use indicatif::ProgressBar;
use keeper::{Proposer, Settings as KeeperSettings};
use markets::state::Market;
use rand::{rngs::StdRng, SeedableRng};
use solana_instruction::Instruction;
use solana_pubkey::Pubkey;
use testbed::ProgramKind;

use super::{
    orders::{OrderKind, OrderReport, DESK_MARKET},
    report::{MarketReport, Report, Totals},
    script::{questions, Lock, Question},
    traders::Intent,
    venue::{House, Role, CREATOR, PROPOSER},
};
use crate::{
    agenda::Agenda,
    error::DemoError,
    feed::Match,
    proofs::{self, Proofs, Proven},
    providers::{behaviours, Behaviour, ProviderReport, HONEST},
    stage::{time_of_goal, MINUTE, SECOND, TOKEN},
    tables::{Bets, Refused},
};

const HOUR: u64 = 60 * MINUTE;
const DAY_HOURS: u64 = 24;
/// From the announcement of the markets to their opening and to the kick-off.
const OPENS_IN: u64 = 10 * MINUTE;
const KICK_OFF_IN: u64 = 15 * HOUR;
/// Without trading before the lock.
const FREEZE: u64 = MINUTE;
/// From the lock to the void, without a proposal.
const PROPOSAL: u64 = 6 * HOUR;
const DISPUTE_WINDOW: u64 = 2 * HOUR;
const ARBITRATION: u64 = 6 * HOUR;
/// From the whistle to the results in one root.
const ROOT_AFTER: u64 = 15 * MINUTE;
/// From a wrong proposal to its dispute, and from there to what the arbiters say.
const DISPUTED_AFTER: u64 = 40 * MINUTE;
const ARBITRATED_AFTER: u64 = 90 * MINUTE;
const POKED_EVERY: u64 = 3 * HOUR;
/// The most that proposer and disputer put up as a bond, base units.
const MAX_BOND: u64 = 1_000 * TOKEN;
/// Basis points of `min(p, 1 − p)` per share, and the creator's part of the fees.
const FEE_RATE: u16 = 200;
const CREATOR_FEE_SHARE: u16 = 1_000;
/// What a later provider adds, base units.
const ADDED: u64 = 400 * TOKEN;

/// What a day is run with.
pub struct Settings {
    pub programs: ProgramKind,
    pub traders: usize,
    /// Of the traders' decisions. Keys are always fresh.
    pub seed: u64,
}

#[derive(Clone, Copy)]
enum Action {
    Announce {
        market: usize,
    },
    Goal {
        goal: usize,
    },
    Provide {
        player: usize,
        market: usize,
        step: Step,
    },
    Try {
        player: usize,
        market: usize,
        intent: Intent,
    },
    OpenDesk,
    Order {
        player: usize,
        kind: OrderKind,
    },
    /// Something may be due of an order.
    Serve,
    /// Something may be due that anybody may do.
    Keep {
        market: usize,
    },
    Report {
        subject: Subject,
        provider: usize,
    },
    Dispute {
        market: usize,
    },
    Arbitrate {
        market: usize,
    },
}

/// What a liquidity provider does.
#[derive(Clone, Copy)]
enum Step {
    Add,
    /// This part of its LP shares, in percent.
    Remove(u64),
    /// Everything.
    Leave,
    CollectFees,
}

/// What providers report on.
#[derive(Clone, Copy)]
enum Subject {
    Market(usize),
    /// The results of all markets that have no observation of their own.
    Root,
}

/// Reports on one thing.
struct Inquiry {
    feed: Field,
    /// `T`, unix milliseconds.
    time: u64,
    reports: Vec<Attestation>,
    is_proven: bool,
}

impl Inquiry {
    fn new(feed: Field, time: u64) -> Self {
        Self {
            feed,
            time,
            reports: Vec::new(),
            is_proven: false,
        }
    }
}

/// A market's part of the day.
struct Played {
    question: Question,
    /// Known once it is announced: it says all terms.
    address: Pubkey,
    inquiry: Inquiry,
    locks_at: u64,
    /// Players with a position, and with liquidity.
    holders: BTreeSet<usize>,
    providers: BTreeSet<usize>,
    /// What the last proof of its result was.
    proven: Option<Proven>,
    report: MarketReport,
}

struct Demo<'a> {
    game: &'a Match,
    /// When the day begins.
    dawn: u64,
    house: House,
    proofs: Proofs,
    keeper: KeeperSettings,
    behaviours: Vec<Behaviour>,
    markets: Vec<Played>,
    root: Inquiry,
    agenda: Agenda<Action>,
    rng: StdRng,
    bets: Bets,
    totals: Totals,
    orders: Vec<OrderReport>,
    refused: Vec<Refused>,
    providers: ProviderReport,
    progress: &'a ProgressBar,
}

/// Plays a match day.
///
/// # Errors
/// [`DemoError`] if anything fails but the trades that are meant to.
pub fn run(
    game: &Match,
    settings: &Settings,
    keys: &KeyStore,
    progress: &ProgressBar,
) -> Result<Report, DemoError> {
    progress.set_length(DAY_HOURS);
    let mut demo = Demo::set_up(game, settings, keys, progress)?;
    while let Some((time, action)) = demo.agenda.next() {
        demo.house.stage.go_to(time);
        progress.set_position((time.saturating_sub(demo.dawn) / HOUR).min(DAY_HOURS));
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
        let house = House::open(stage, settings.traders)?;
        let keeper = KeeperSettings {
            keeper: house.stage.world.chain.fee_payer(),
            proposer: Some(Proposer {
                address: house.players[PROPOSER].person.address(),
                max_bond: MAX_BOND,
            }),
            poke_after_seconds: i64::try_from(POKED_EVERY / SECOND).unwrap_or(i64::MAX),
            pays_in_one_call: false,
        };
        // A whole second, which the chain's clock can show.
        let dawn = (house.stage.now() + MINUTE).next_multiple_of(SECOND);
        let mut demo = Self {
            game,
            dawn,
            house,
            proofs,
            keeper,
            behaviours: behaviours(HONEST),
            markets: Vec::new(),
            root: Inquiry::new(feed(dawn, 0), dawn),
            agenda: Agenda::new(),
            rng: StdRng::seed_from_u64(settings.seed),
            bets: Bets::default(),
            totals: Totals::default(),
            orders: Vec::new(),
            refused: Vec::new(),
            providers: ProviderReport::default(),
            progress,
        };
        demo.fill_agenda();
        Ok(demo)
    }

    fn fill_agenda(&mut self) {
        let opens_at = self.dawn + OPENS_IN;
        for (market, question) in questions(self.game).into_iter().enumerate() {
            let locks_at = match question.lock {
                Lock::KickOff => self.minute(0),
                Lock::Minute(minute) => self.minute(minute),
            };
            self.agenda.at(self.dawn, Action::Announce { market });
            let freezes_at = locks_at - FREEZE;
            let mut poked_at = opens_at + POKED_EVERY;
            while poked_at < freezes_at {
                self.agenda.at(poked_at, Action::Keep { market });
                poked_at += POKED_EVERY;
            }
            if question.offers_switch {
                let due = locks_at - (locks_at - opens_at) / 8 + MINUTE;
                self.agenda.at(due, Action::Keep { market });
            }
            self.plan_liquidity(market, &question, opens_at);
            self.plan_trades(market, &question, opens_at, freezes_at);
            if market == DESK_MARKET {
                self.plan_orders(opens_at, freezes_at);
            }
            self.markets.push(Played {
                address: Pubkey::default(),
                inquiry: Inquiry::new(feed(self.dawn, question.id), opens_at),
                locks_at,
                holders: BTreeSet::new(),
                providers: BTreeSet::from([CREATOR]),
                proven: None,
                report: MarketReport::new(
                    &question,
                    self.minutes(opens_at)..=self.minutes(locks_at),
                ),
                question,
            });
        }
        for (goal, fallen) in self.game.goals().iter().enumerate() {
            self.agenda.at(
                time_of_goal(self.minute(0), fallen.at),
                Action::Goal { goal },
            );
        }
        let known_at = self.minute(self.game.minutes) + ROOT_AFTER;
        self.plan_reports(Subject::Root, known_at);
    }

    /// When a number of minutes has been played.
    fn minute(&self, minutes: u32) -> u64 {
        self.dawn + KICK_OFF_IN + u64::from(minutes) * MINUTE
    }

    /// The minutes of play at a time, negative before the kick-off.
    fn minutes(&self, time: u64) -> i64 {
        let minutes = |time: u64| i64::try_from(time / MINUTE).unwrap_or(i64::MAX);
        minutes(time) - minutes(self.minute(0))
    }

    fn act(&mut self, action: Action) -> Result<(), DemoError> {
        match action {
            Action::Announce { market } => self.announce(market),
            Action::Goal { goal } => {
                self.goal(goal);
                Ok(())
            }
            Action::Provide {
                player,
                market,
                step,
            } => self.provide(player, market, step),
            Action::Try {
                player,
                market,
                intent,
            } => self.attempt(player, market, intent),
            Action::OpenDesk => self.open_desk(),
            Action::Order { player, kind } => self.order(player, kind),
            Action::Serve => {
                while self.serve()? {}
                Ok(())
            }
            Action::Keep { market } => self.keep(market),
            Action::Report { subject, provider } => self.take_report(subject, provider),
            Action::Dispute { market } => self.dispute(market),
            Action::Arbitrate { market } => self.arbitrate(market),
        }
    }

    /// Sends what a player does, and books what it paid and got for it. Gives the compute units.
    fn act_as(
        &mut self,
        player: usize,
        market: usize,
        step: &str,
        instructions: &[Instruction],
    ) -> Result<Option<u64>, DemoError> {
        let before = self.house.balance(player)?;
        let key = self.house.players[player].person.key.insecure_clone();
        let mut accounts = instructions.iter().flat_map(|one| &one.accounts);
        // Anybody may collect a provider's fees.
        let signs = accounts.any(|account| account.is_signer);
        let signers = [&key];
        let signers = if signs { &signers[..] } else { &[] };
        let receipt = self.house.stage.must(step, instructions, signers)?;
        self.book(player, market, before)?;
        Ok(receipt.compute_units)
    }

    /// Books what a player has paid into a market, or got from it, since he had `before`. Gives the
    /// amount.
    fn book(&mut self, player: usize, market: usize, before: u64) -> Result<u64, DemoError> {
        let after = self.house.balance(player)?;
        let totals = &mut self.totals;
        let report = &mut self.markets[market].report;
        let (paid, received) = match self.house.players[player].role {
            Role::Provider => {
                report.deposited += before.saturating_sub(after);
                report.withdrawn += after.saturating_sub(before);
                (&mut totals.deposited, &mut totals.withdrawn)
            }
            Role::Watcher => (&mut totals.bonded, &mut totals.bonds_returned),
            Role::Trader(_) | Role::Orderer(_) => (&mut totals.staked, &mut totals.paid),
        };
        *paid += before.saturating_sub(after);
        *received += after.saturating_sub(before);
        Ok(after.abs_diff(before))
    }

    /// Pays out the protocol, closes what the oracle keeps and checks the books.
    fn wind_up(mut self) -> Result<Report, DemoError> {
        self.progress.set_message("closing the books");
        self.totals.protocol_fees = self.house.collect_protocol_fees()?;
        self.proofs.close_all(&mut self.house.stage)?;
        let addresses: Vec<_> = self.markets.iter().map(|market| market.address).collect();
        let open_accounts = self.house.open_accounts(&addresses)?;
        let (held, supply) = self.house.stage.held_and_supply()?;
        let is_empty = self.house.left_in_venue()? == 0;
        self.progress.set_position(DAY_HOURS);
        let markets: Vec<_> = self.markets.into_iter().map(|one| one.report).collect();
        self.totals.close(markets.iter().map(|one| one.fees).sum());
        Ok(Report {
            title: format!("The day of {}", self.game.title()),
            markets,
            bets: self.bets,
            orders: self.orders,
            conserved: is_empty && self.totals.balance() && held == supply,
            totals: self.totals,
            open_accounts,
            held,
            supply,
            people: self.house.standings()?,
            refused: self.refused,
            providers: self.providers,
        })
    }

    fn state(&self, market: usize) -> Result<Market, DemoError> {
        let address = self.markets[market].address;
        Ok(self.house.stage.world.chain.account(address)?)
    }
}

/// The feed of a market of this day, or, as number 0, of all results.
fn feed(dawn: u64, id: u64) -> Field {
    attestation::poseidon([Field::from(dawn), Field::from(id)])
}

fn milliseconds(seconds: i64) -> u64 {
    u64::try_from(seconds)
        .unwrap_or_default()
        .saturating_mul(SECOND)
}

/// This part of an amount, in percent, rounded down.
fn part(amount: u64, percent: u64) -> u64 {
    match percent {
        100 => amount,
        _ => amount / 100 * percent,
    }
}
