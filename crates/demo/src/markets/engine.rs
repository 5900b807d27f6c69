//! The day itself: an agenda of what happens when, worked off in order of time.

mod resolution;
mod trades;

use std::collections::BTreeSet;

use attestation::{Attestation, Field};
use circuits::KeyStore;
use client::{
    addresses::markets as addresses,
    instructions::markets::{
        AddLiquidity, AddLiquidityArgs, CollectLiquidityFees, CreateMarket, CreateMarketArgs,
        Curve, OpenLiquidity, OpenPosition, Poke, PositionKind, RemoveLiquidity,
        RemoveLiquidityArgs, SwitchCurve,
    },
    market_quotes::add_liquidity,
};
use indicatif::ProgressBar;
use markets::state::{LiquidityPosition, Market};
use math::{CurveKind, Money};
use rand::{rngs::StdRng, SeedableRng};
use solana_instruction::Instruction;
use solana_pubkey::Pubkey;
use testbed::{simulation::field, ProgramKind};

use super::{
    report::{MarketReport, Report, Totals},
    script::{questions, Kind, Lock, Question, Source},
    traders::{after_goal, plan, Intent},
    venue::{House, Role, CREATOR, FIRST_TRADER, PROVIDERS, STAYER, VISITOR},
};
use crate::{
    agenda::Agenda,
    error::DemoError,
    feed::{tally, Match},
    keeper::{self, Keeper},
    orders::tolerated,
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
    Poke {
        market: usize,
    },
    Switch {
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
    Finalize {
        market: usize,
    },
    Void {
        market: usize,
    },
}

/// What a liquidity provider does.
#[derive(Clone, Copy)]
enum Step {
    Add,
    /// This part of its LP shares, in percent.
    Remove(u64),
    /// Everything; of an L2 curve, which charges who leaves before the result, a part.
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
    address: Pubkey,
    inquiry: Inquiry,
    locks_at: u64,
    /// Players with a position, and with liquidity.
    holders: BTreeSet<usize>,
    providers: BTreeSet<usize>,
    is_l2: bool,
    report: MarketReport,
}

struct Demo<'a> {
    game: &'a Match,
    /// When the day begins.
    dawn: u64,
    house: House,
    keeper: Keeper,
    behaviours: Vec<Behaviour>,
    markets: Vec<Played>,
    root: Inquiry,
    agenda: Agenda<Action>,
    rng: StdRng,
    bets: Bets,
    totals: Totals,
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
        let (keeper, stage) = keeper::open(settings.programs, keys, progress)?;
        let house = House::open(stage, settings.traders)?;
        // A whole second, which the chain's clock can show.
        let dawn = (house.stage.now() + MINUTE).next_multiple_of(SECOND);
        let mut demo = Self {
            game,
            dawn,
            house,
            keeper,
            behaviours: behaviours(HONEST),
            markets: Vec::new(),
            root: Inquiry::new(feed(dawn, 0), dawn),
            agenda: Agenda::new(),
            rng: StdRng::seed_from_u64(settings.seed),
            bets: Bets::default(),
            totals: Totals::default(),
            refused: Vec::new(),
            providers: ProviderReport::default(),
            progress,
        };
        demo.fill_agenda();
        Ok(demo)
    }

    fn fill_agenda(&mut self) {
        let opens_at = self.dawn + OPENS_IN;
        let creator = self.house.players[CREATOR].person.address();
        for (market, question) in questions(self.game).into_iter().enumerate() {
            let locks_at = match question.lock {
                Lock::KickOff => self.minute(0),
                Lock::Minute(minute) => self.minute(minute),
            };
            self.agenda.at(self.dawn, Action::Announce { market });
            let freezes_at = locks_at - FREEZE;
            let mut poked_at = opens_at + POKED_EVERY;
            while poked_at < freezes_at {
                self.agenda.at(poked_at, Action::Poke { venue, market });
                poked_at += POKED_EVERY;
            }
            if question.offers_switch {
                let due = locks_at - (locks_at - opens_at) / 8 + MINUTE;
                self.agenda.at(due, Action::Switch { market });
            }
            self.plan_liquidity(market, &question, opens_at);
            self.plan_trades(market, &question, opens_at, freezes_at);
            self.markets.push(Played {
                address: addresses::market(&self.house.venue, &creator, question.id),
                inquiry: Inquiry::new(feed(self.dawn, question.id), opens_at),
                locks_at,
                holders: BTreeSet::new(),
                providers: BTreeSet::from([CREATOR]),
                is_l2: false,
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

    /// An L2 curve takes liquidity before its first trade only.
    fn plan_liquidity(&mut self, market: usize, question: &Question, opens_at: u64) {
        let is_l2 = matches!((question.kind, question.curve), (Kind::Scalar, Curve::Auto));
        let (second, third) = if is_l2 { (0, 0) } else { (1, 4) };
        for (hours, player, step) in [
            (second, VISITOR, Step::Add),
            (third, STAYER, Step::Add),
            (8, CREATOR, Step::Remove(30)),
            (10, VISITOR, Step::CollectFees),
            (12, VISITOR, Step::Leave),
            (13, STAYER, Step::CollectFees),
        ] {
            let action = Action::Provide {
                player,
                market,
                step,
            };
            self.agenda.at(opens_at + hours * HOUR, action);
        }
    }

    fn plan_trades(&mut self, market: usize, question: &Question, opens_at: u64, ends_at: u64) {
        let length = ends_at - opens_at;
        for player in FIRST_TRADER..self.house.players.len() {
            let Role::Trader(strategy) = self.house.players[player].role else {
                continue;
            };
            for (after, intent) in plan(strategy, question, OPENS_IN, length, &mut self.rng) {
                let action = Action::Try {
                    player,
                    market,
                    intent,
                };
                self.agenda
                    .at(opens_at.saturating_add_signed(after), action);
            }
        }
    }

    fn plan_reports(&mut self, subject: Subject, known_at: u64) {
        for (provider, behaviour) in self.behaviours.iter().enumerate() {
            if let Some(delay) = behaviour.delay(provider) {
                let action = Action::Report { subject, provider };
                self.agenda.at(known_at + delay, action);
            }
        }
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
            Action::Poke { venue, market } => {
                let poke = Poke {
                    market: self.markets[market].address,
                };
                self.must("poking a market", &poke.instruction())
            }
            Action::Switch { market } => {
                let switch = SwitchCurve {
                    market: self.markets[market].address,
                };
                self.must("switching a curve", &switch.instruction())
            }
            Action::Report { subject, provider } => self.take_report(subject, provider),
            Action::Dispute { market } => self.dispute(market),
            Action::Arbitrate { market } => self.arbitrate(market),
            Action::Finalize { market } => self.finalize(market),
            Action::Void { venue, market } => self.void(market),
        }
    }

    /// Sends what anybody may do.
    fn must(&mut self, step: &str, instruction: &Instruction) -> Result<(), DemoError> {
        self.house
            .stage
            .must(step, std::slice::from_ref(instruction), &[])
            .map(|_| ())
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
            Role::Trader(_) => (&mut totals.staked, &mut totals.paid),
        };
        *paid += before.saturating_sub(after);
        *received += after.saturating_sub(before);
        Ok(after.abs_diff(before))
    }

    fn announce(&mut self, index: usize) -> Result<(), DemoError> {
        let create = self.create_market(index);
        let question = &self.markets[index].question;
        let step = format!("opening market {} ({})", question.id, question.text);
        self.act_as(CREATOR, index, &step, &[create.instruction()])?;

        let state = self.state(index)?;
        self.markets[index].is_l2 = state.pool.kind == CurveKind::L2 as u8;
        match self.markets[index].question.source {
            Source::Own { known_at } | Source::Mistaken { known_at } => {
                self.plan_reports(Subject::Market(index), self.minute(known_at));
            }
            Source::Root => {}
            Source::Nowhere => {
                let due = milliseconds(state.proposal_until);
                self.agenda.at(due, Action::Void { market: index });
            }
        }
        Ok(())
    }

    fn create_market(&self, index: usize) -> CreateMarket {
        let market = &self.markets[index];
        let question = &market.question;
        let world = &self.house.stage.world;
        let creator = &self.house.players[CREATOR].person;
        let opens_at = self.dawn + OPENS_IN;
        CreateMarket {
            creator: creator.address(),
            mint: self.house.stage.mint.address,
            provider_set: world.provider_set,
            verifying_key: world.verifying_key,
            arbiter_set: self.house.arbiter_set,
            arbiter_key: world.verifying_key,
            creator_tokens: creator.tokens,
            token_program: self.house.stage.token_program(),
            args: CreateMarketArgs {
                id: question.id,
                feed_id: field(market.inquiry.feed),
                rule: question.rule.clone(),
                curve: question.curve,
                offers_switch: question.offers_switch,
                outcomes: count(question.outcomes.len()),
                weights: question.weights.clone(),
                depth: question.depth,
                fee_rate: FEE_RATE,
                creator_fee_share: CREATOR_FEE_SHARE,
                observe_at: market.inquiry.time,
                opens_in: seconds(OPENS_IN),
                duration: seconds(market.locks_at - opens_at),
                freeze: seconds(FREEZE),
                proposal: seconds(PROPOSAL),
                dispute_window: seconds(DISPUTE_WINDOW),
                arbitration: seconds(ARBITRATION),
            },
        }
    }

    /// Traders who watch the match act on a goal.
    fn goal(&mut self, index: usize) {
        let score = tally(&self.game.goals()[..=index]);
        let goal = &self.game.goals()[index];
        self.progress
            .set_message(format!("{}-{} minute {}", score[0], score[1], goal.at));
        let now = self.house.stage.now();
        for market in 0..self.markets.len() {
            let one = &self.markets[market];
            let Some(leaning) = one.question.leaning(score) else {
                continue;
            };
            if now >= one.locks_at {
                continue;
            }
            for player in FIRST_TRADER..self.house.players.len() {
                let Role::Trader(strategy) = self.house.players[player].role else {
                    continue;
                };
                for (after, intent) in after_goal(strategy, leaning, &mut self.rng) {
                    let action = Action::Try {
                        player,
                        market,
                        intent,
                    };
                    self.agenda.at(now + after, action);
                }
            }
        }
    }

    /// The instruction that opens a player's position, unless there is one.
    fn open_position(&self, player: usize, market: usize) -> Vec<Instruction> {
        let one = &self.markets[market];
        if one.holders.contains(&player) {
            return Vec::new();
        }
        let owner = self.house.players[player].person.address();
        let open = OpenPosition {
            payer: owner,
            owner,
            market: one.address,
            kind: self.position_kind(player, market),
        };
        vec![open.instruction()]
    }

    /// What an L2 curve gives back to its providers cannot be traded.
    fn position_kind(&self, player: usize, market: usize) -> PositionKind {
        if self.markets[market].is_l2 && PROVIDERS.contains(&player) {
            PositionKind::RedeemOnly
        } else {
            PositionKind::Tradable
        }
    }

    fn provide(&mut self, player: usize, market: usize, step: Step) -> Result<(), DemoError> {
        let person = &self.house.players[player].person;
        let (owner, owner_tokens) = (person.address(), person.tokens);
        let (venue, token_program) = (self.house.venue, self.house.stage.token_program());
        let one = &self.markets[market];
        let address = one.address;
        let kind = self.position_kind(player, market);
        let mut instructions = Vec::new();
        let name = match step {
            Step::Add => {
                let state = self.state(market)?;
                let outcomes = usize::from(state.pool.outcomes);
                let clock = self.house.stage.world.chain.clock();
                // Without a quote the program will say why there is none.
                let (min_shares, min_returned) = add_liquidity(&state, clock, Money(ADDED))
                    .map_or_else(
                        |_| (0, Vec::new()),
                        |quote| {
                            let returned = quote.returned.map(tolerated);
                            (tolerated(quote.shares.0), returned[..outcomes].to_vec())
                        },
                    );
                instructions = self.open_position(player, market);
                if !one.providers.contains(&player) {
                    let open = OpenLiquidity {
                        payer: owner,
                        owner,
                        market: address,
                    };
                    instructions.push(open.instruction());
                }
                let add = AddLiquidity {
                    owner,
                    venue,
                    market: address,
                    owner_tokens,
                    token_program,
                    kind,
                    args: AddLiquidityArgs {
                        amount: ADDED,
                        min_shares,
                        min_returned,
                    },
                };
                instructions.push(add.instruction());
                "adding liquidity"
            }
            Step::Remove(_) | Step::Leave => {
                let percent = match step {
                    Step::Remove(percent) => percent,
                    _ => 100,
                };
                instructions = self.open_position(player, market);
                let place = addresses::liquidity(&address, &owner);
                let liquidity: LiquidityPosition = self.house.stage.world.chain.account(place)?;
                let remove = RemoveLiquidity {
                    owner,
                    market: address,
                    owner_tokens,
                    token_program,
                    kind,
                    args: RemoveLiquidityArgs {
                        shares: part(liquidity.shares, percent),
                        min_cash: 0,
                    },
                };
                instructions.push(remove.instruction());
                "removing liquidity"
            }
            Step::CollectFees => {
                let collect = CollectLiquidityFees {
                    owner,
                    market: address,
                    owner_tokens,
                    token_program,
                };
                if self.fees_of(player, market)? > 0 {
                    instructions.push(collect.instruction());
                }
                "collecting fees"
            }
        };
        if instructions.is_empty() {
            return Ok(());
        }
        self.act_as(player, market, name, &instructions)?;
        let one = &mut self.markets[market];
        if !matches!(step, Step::CollectFees) {
            one.holders.insert(player);
        }
        one.providers.insert(player);
        Ok(())
    }

    /// What a provider could collect now, base units.
    fn fees_of(&self, player: usize, market: usize) -> Result<u64, DemoError> {
        let owner = self.house.players[player].person.address();
        let place = addresses::liquidity(&self.markets[market].address, &owner);
        let mut liquidity: LiquidityPosition = self.house.stage.world.chain.account(place)?;
        let mut state = self.state(market)?;
        // A market that the program keeps has fees that add up.
        Ok(state.take_fees(&mut liquidity).unwrap_or_default())
    }

    /// Pays out the protocol, closes what the oracle keeps and checks the books.
    fn wind_up(mut self) -> Result<Report, DemoError> {
        self.progress.set_message("closing the books");
        self.totals.protocol_fees = self.house.collect_protocol_fees()?;
        self.keeper.close_all(&mut self.house.stage)?;
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

/// This part of an amount, in percent, rounded down.
fn part(amount: u64, percent: u64) -> u64 {
    match percent {
        100 => amount,
        _ => amount / 100 * percent,
    }
}

fn count(outcomes: usize) -> u8 {
    u8::try_from(outcomes).unwrap_or(u8::MAX)
}

fn seconds(milliseconds: u64) -> u32 {
    u32::try_from(milliseconds / SECOND).unwrap_or(u32::MAX)
}

fn milliseconds(seconds: i64) -> u64 {
    u64::try_from(seconds)
        .unwrap_or_default()
        .saturating_mul(SECOND)
}
