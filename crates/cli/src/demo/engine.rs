//! The replay itself: an agenda of what happens when, worked off in order of time.

use std::collections::{BTreeMap, BTreeSet};

use attestation::{Attestation, Field, Millis, Quorum};
use circuits::{Circuit, KeyStore};
use client::{
    addresses::flash_bets as addresses,
    instructions::{
        flash_bets::{
            CancelPending, CashOut, CashOutArgs, CloseMarket, CreateMarket, CreateMarketArgs,
            ExecuteBet, OpenTicket, PlaceBet, PlaceBetArgs, ReleaseSurplus, Resolve, SettleTickets,
            SettledTicket, SuspendMarket, Void,
        },
        oracle::{
            CloseObservation, ProposeVerifyingKeyArgs, VerifyObservation, VerifyObservationArgs,
        },
    },
    quotes, NamedError,
};
use flash_bets::state::{FlashMarket, MarketStatus, Ticket, Vault};
use harness::{simulation::field, ProgramKind, SendError, World, WorldOptions};
use indicatif::ProgressBar;
use math::{Money, Price, Shares};
use oracle::{Aggregation, Network};
use prover::Prover;
use rand::{rngs::StdRng, SeedableRng};
use solana_instruction::Instruction;
use solana_pubkey::Pubkey;
use solana_signer::Signer;

use super::{
    bettors::{after_goal, plan, Bettor, Intent, Mistake, Strategy, BANKROLL},
    error::DemoError,
    house::{House, SLOT_MS},
    providers::{behaviours, Behaviour, PROVIDERS, THRESHOLD},
    report::{Bets, BettorReport, MarketReport, ProviderReport, Refused, Report, Totals},
    script::{questions, Answer, Question},
};
use crate::feed::{Goal, Match, Minute};

const SECOND: u64 = 1_000;
const MINUTE: u64 = 60 * SECOND;
/// From the setting-up to the kick-off.
const BEFORE_KICK_OFF: u64 = 2 * MINUTE;
/// Markets are announced this long before they open.
const ANNOUNCED: u32 = 60_000;
/// Without trading before the lock: this long, or this part of a market's duration if that is longer.
const FREEZE: u32 = 10_000;
const FREEZE_DIVISOR: u32 = 60;
/// From the lock to the void, without a proof.
const RESOLUTION: u32 = 30 * 60_000;
/// The operator suspends markets this long after a goal, and for how long.
const REACTION: u64 = 1_500;
const SUSPENSION: u64 = 20 * SECOND;
/// A goal is recent for this many minutes.
const RECENT: u32 = 15;
/// Basis points of `min(p, 1 − p)` per share.
const FEE_RATE: u16 = 200;
/// What a bettor still accepts of a quote, in percent.
const TOLERANCE: u64 = 97;
/// Tickets that are settled in one transaction.
const SETTLED_AT_ONCE: usize = 8;

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
    Execute {
        order: Pending,
    },
    Report {
        market: usize,
        provider: usize,
    },
    Void {
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
    prover: Prover,
    behaviours: Vec<Behaviour>,
    markets: Vec<Market>,
    bettors: Vec<Bettor>,
    agenda: BTreeMap<(u64, u64), Action>,
    entries: u64,
    observations: Vec<Pubkey>,
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
    while let Some(((time, _), action)) = demo.agenda.pop_first() {
        demo.house.go_to(time);
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
        progress.set_message("loading the proving keys, or making them once");
        let circuit = Circuit::for_threshold(THRESHOLD)?;
        let prover = Prover::new(keys.load_or_generate(circuit)?);

        progress.set_message("setting up the chain");
        let mut house = House::open(world(settings.programs, &prover)?)?;
        let bettors = (0..settings.bettors)
            .map(|index| {
                Ok(Bettor {
                    strategy: Strategy::of(index),
                    person: house.bettor(BANKROLL)?,
                    nonce: 0,
                })
            })
            .collect::<Result<_, DemoError>>()?;
        // A whole second, which the chain's clock can show.
        let kick_off = (house.now() + BEFORE_KICK_OFF).next_multiple_of(SECOND);
        let mut demo = Self {
            game,
            kick_off,
            house,
            prover,
            behaviours: behaviours(settings.honest),
            markets: Vec::new(),
            bettors,
            agenda: BTreeMap::new(),
            entries: 0,
            observations: Vec::new(),
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
            self.at(
                market.opens_at - u64::from(ANNOUNCED),
                Action::Announce { market: index },
            );
            self.markets.push(market);
        }
        for (goal, fallen) in self.game.goals().iter().enumerate() {
            self.at(self.time_of(fallen.at), Action::Goal { goal });
        }
    }

    fn at(&mut self, time: u64, action: Action) {
        self.agenda.insert((time, self.entries), action);
        self.entries += 1;
    }

    /// When a number of minutes has been played.
    fn time_at(&self, minutes: u32) -> u64 {
        self.kick_off + u64::from(minutes) * MINUTE
    }

    /// When a goal of a minute falls: within that minute, stoppage time squeezed into its end.
    fn time_of(&self, at: Minute) -> u64 {
        let stoppage = u64::from(at.offset.min(28)) * SECOND;
        self.time_at(at.minute - 1) + 30 * SECOND + stoppage
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
            Action::Execute { order } => self.execute(order),
            Action::Report { market, provider } => self.take_report(market, provider),
            Action::Void { market } => self.void(market),
        }
    }

    fn announce(&mut self, index: usize) -> Result<(), DemoError> {
        let create = self.create_market(index);
        let operator = self.house.operator.key.insecure_clone();
        let question = &self.markets[index].question;
        let step = format!("opening market {} ({})", question.id, question.text);
        self.house
            .must(&step, &[create.instruction()], &[&operator])?;
        self.markets[index].is_announced = true;

        let state = self.state(index)?;
        let market = &self.markets[index];
        let (opens_at, lock) = (market.opens_at, self.house.time_of(state.lock_slot));
        let decided = market.answer.decided_at.map_or(lock, |at| self.time_of(at));
        for (provider, behaviour) in self.behaviours.clone().into_iter().enumerate() {
            if let Some(delay) = behaviour.delay(provider) {
                let action = Action::Report {
                    market: index,
                    provider,
                };
                self.at(decided + delay, action);
            }
        }
        let void_from = u64::try_from(state.void_from).unwrap_or(u64::MAX);
        self.at(
            void_from.saturating_mul(SECOND),
            Action::Void { market: index },
        );
        self.plan_bets(index, self.house.time_of(state.freeze_slot) - opens_at);
        Ok(())
    }

    fn create_market(&self, index: usize) -> CreateMarket {
        let market = &self.markets[index];
        let question = &market.question;
        let window = question.window;
        let duration = (window.to - window.from) * 60_000;
        CreateMarket {
            operator: self.house.operator.address(),
            mint: self.house.mint.address,
            event: self.house.event,
            provider_set: self.house.world.provider_set,
            verifying_key: self.house.world.verifying_key,
            token_program: self.house.mint.program.id(),
            args: CreateMarketArgs {
                id: question.id,
                parent: 0,
                feed_id: field(market.feed),
                rule: question.rule(),
                curve: question.curve.clone(),
                depth: question.depth,
                prior: percentages(&question.prior),
                micro_tau: question.micro_tau,
                fee_rate: FEE_RATE,
                observe_at: market.opens_at,
                opens_in: ANNOUNCED,
                duration,
                freeze: FREEZE.max(duration / FREEZE_DIVISOR),
                delay: question.delay,
                execution: question.execution,
                resolution: RESOLUTION,
            },
        }
    }

    fn plan_bets(&mut self, index: usize, length: u64) {
        let market = &self.markets[index];
        let opens_at = market.opens_at;
        let recent = self
            .game
            .goals()
            .iter()
            .rfind(|goal| self.time_of(goal.at) <= self.house.now())
            .filter(|goal| goal.at.minute + RECENT > market.question.window.from);
        let mut planned = Vec::new();
        for (bettor, one) in self.bettors.iter().enumerate() {
            let plan = plan(
                one.strategy,
                &market.question,
                length,
                recent,
                &mut self.rng,
            );
            let before = plan
                .before
                .into_iter()
                .map(|(by, intent)| (opens_at - by, intent));
            let after = plan
                .after
                .into_iter()
                .map(|(by, intent)| (opens_at + by, intent));
            planned.extend(
                before
                    .chain(after)
                    .map(|(time, intent)| (time, bettor, intent)),
            );
        }
        for (time, bettor, intent) in planned {
            self.at(
                time,
                Action::Try {
                    bettor,
                    market: index,
                    intent,
                },
            );
        }
    }

    fn goal(&mut self, index: usize) {
        let goal = &self.game.goals()[index];
        let now = self.house.now();
        self.progress.set_message(headline(self.game, index, goal));
        for market in 0..self.markets.len() {
            let one = &self.markets[market];
            if !one.is_announced || one.is_closed || now < one.opens_at {
                continue;
            }
            let likelier = one.question.outcome_after(goal);
            let is_delayed = one.question.delay > 0;
            self.at(now + REACTION, Action::Suspend { market });
            for bettor in 0..self.bettors.len() {
                let strategy = self.bettors[bettor].strategy;
                let reaction = [REACTION, SUSPENSION];
                let next = after_goal(strategy, likelier, is_delayed, reaction, &mut self.rng);
                if let Some((after, intent)) = next {
                    self.at(
                        now + after,
                        Action::Try {
                            bettor,
                            market,
                            intent,
                        },
                    );
                }
            }
        }
    }

    /// Suspends a market unless trading is over or suspended already.
    fn suspend(&mut self, index: usize) -> Result<(), DemoError> {
        if self.markets[index].is_closed {
            return Ok(());
        }
        let state = self.state(index)?;
        if state
            .require_trading(self.house.world.chain.clock())
            .is_err()
        {
            return Ok(());
        }
        let suspend = SuspendMarket {
            operator: self.house.operator.address(),
            vault: self.house.vault,
            market: self.markets[index].address,
            slots: SUSPENSION.div_ceil(SLOT_MS).min(state.suspension_left),
        };
        if suspend.slots == 0 {
            return Ok(());
        }
        let operator = self.house.operator.key.insecure_clone();
        self.house.must(
            "suspending a market",
            &[suspend.instruction()],
            &[&operator],
        )?;
        self.markets[index].report.suspensions += 1;
        Ok(())
    }

    fn attempt(&mut self, bettor: usize, market: usize, intent: Intent) -> Result<(), DemoError> {
        if self.markets[market].is_closed {
            return Ok(());
        }
        match intent {
            Intent::Bet {
                pick,
                stake,
                mistake,
            } => {
                let prices = self.prices(market)?;
                let outcome = pick.outcome(&prices);
                self.bet(bettor, market, outcome, stake, mistake)
            }
            Intent::CashOut { percent } => self.cash_out(bettor, market, percent),
        }
    }

    fn bet(
        &mut self,
        bettor: usize,
        market: usize,
        outcome: u8,
        stake: u64,
        mistake: Option<Mistake>,
    ) -> Result<(), DemoError> {
        let state = self.state(market)?;
        let clock = self.house.world.chain.clock();
        // Without a quote the program will say why there is none.
        let quoted = quotes::buy(&state, clock, outcome, Money(stake))
            .map_or(0, |quote| quote.trade.shares.0);
        let mut args = PlaceBetArgs {
            outcome,
            stake,
            min_shares: quoted / 100 * TOLERANCE,
            nonce: self.next_nonce(bettor),
        };
        match mistake {
            None => {}
            Some(Mistake::TooManyShares) => args.min_shares = quoted.saturating_mul(2),
            Some(Mistake::UnknownOutcome) => args.outcome = state.pool.outcomes,
            Some(Mistake::NoStake) => args.stake = 0,
            Some(Mistake::TooMuchStake) => {
                args.stake = self.balance(bettor)?.saturating_mul(2);
                args.min_shares = 0;
            }
        }
        let owner = &self.bettors[bettor].person;
        let one = &self.markets[market];
        let place = PlaceBet {
            owner: owner.address(),
            vault: self.house.vault,
            market: one.address,
            owner_tokens: owner.tokens,
            token_program: self.house.mint.program.id(),
            is_delayed: one.question.delay > 0,
            args,
        };
        let mut instructions = vec![place.instruction()];
        if !one.owners.contains(&bettor) {
            let open = OpenTicket {
                owner: owner.address(),
                market: one.address,
            };
            instructions.insert(0, open.instruction());
        }
        let before = self.balance(bettor)?;
        if !self.send_as(bettor, market, "bet", &instructions)? {
            return Ok(());
        }
        self.markets[market].owners.insert(bettor);
        if place.is_delayed {
            self.queue(bettor, market, args.nonce, Some(args.stake), &state);
        } else {
            self.count_bet(market, before - self.balance(bettor)?);
        }
        Ok(())
    }

    /// Sells `percent` of every holding.
    fn cash_out(&mut self, bettor: usize, market: usize, percent: u64) -> Result<(), DemoError> {
        let Some(ticket) = self.ticket(bettor, market)? else {
            return Ok(());
        };
        for (outcome, held) in (0..).zip(ticket.shares) {
            let shares = held / 100 * percent;
            if shares > 0 {
                self.sell(bettor, market, outcome, shares)?;
            }
        }
        Ok(())
    }

    fn sell(
        &mut self,
        bettor: usize,
        market: usize,
        outcome: u8,
        shares: u64,
    ) -> Result<(), DemoError> {
        let state = self.state(market)?;
        let clock = self.house.world.chain.clock();
        let quoted = quotes::sell(&state, clock, outcome, Shares(shares)).map_or(0, |quote| {
            quote.trade.cost.0.saturating_sub(quote.trade.fee.0)
        });
        let nonce = self.next_nonce(bettor);
        let owner = &self.bettors[bettor].person;
        let one = &self.markets[market];
        let cash_out = CashOut {
            owner: owner.address(),
            market: one.address,
            owner_tokens: owner.tokens,
            token_program: self.house.mint.program.id(),
            is_delayed: one.question.delay > 0,
            args: CashOutArgs {
                outcome,
                shares,
                min_return: quoted / 100 * TOLERANCE,
                nonce,
            },
        };
        let before = self.balance(bettor)?;
        if !self.send_as(bettor, market, "cash-out", &[cash_out.instruction()])? {
            return Ok(());
        }
        if cash_out.is_delayed {
            self.queue(bettor, market, nonce, None, &state);
        } else {
            self.bets.cashed_out += 1;
            self.paid += self.balance(bettor)? - before;
        }
        Ok(())
    }

    /// Sends a bettor's transaction. A refusal is noted and no error.
    fn send_as(
        &mut self,
        bettor: usize,
        market: usize,
        what: &'static str,
        instructions: &[Instruction],
    ) -> Result<bool, DemoError> {
        let key = self.bettors[bettor].person.key.insecure_clone();
        match self.house.world.chain.send(instructions, &[&key]) {
            Ok(_) => Ok(true),
            Err(SendError::Refused(refusal)) => {
                let NamedError { name, message, .. } = refusal.error;
                self.refuse(bettor, market, what, name, message);
                Ok(false)
            }
            Err(cause) => Err(DemoError::Step {
                step: format!("a {what} of bettor {}", bettor + 1),
                cause: Box::new(cause),
            }),
        }
    }

    fn refuse(
        &mut self,
        bettor: usize,
        market: usize,
        what: &'static str,
        reason: String,
        message: String,
    ) {
        self.bets.refused += 1;
        self.refused.push(Refused {
            bettor: bettor + 1,
            market: self.markets[market].question.id,
            what,
            reason,
            message,
        });
    }

    fn queue(
        &mut self,
        bettor: usize,
        market: usize,
        nonce: u64,
        stake: Option<u64>,
        state: &FlashMarket,
    ) {
        let placed_slot = self.house.world.chain.slot();
        let order = Pending {
            market,
            bettor,
            nonce,
            stake,
            placed_slot,
        };
        self.markets[market].orders.push(order);
        let due = self.house.time_of(placed_slot + state.delay_slots);
        self.at(due, Action::Execute { order });
    }

    fn execute(&mut self, order: Pending) -> Result<(), DemoError> {
        // Settling the market cancels what waits.
        if !self.markets[order.market].orders.contains(&order) {
            return Ok(());
        }
        let state = self.state(order.market)?;
        let before = self.balance(order.bettor)?;
        let owner = &self.bettors[order.bettor].person;
        let execute = ExecuteBet {
            vault: self.house.vault,
            market: self.markets[order.market].address,
            owner: owner.address(),
            owner_tokens: owner.tokens,
            token_program: self.house.mint.program.id(),
            nonce: order.nonce,
        };
        self.house
            .must("executing an order", &[execute.instruction()], &[])?;
        self.markets[order.market]
            .orders
            .retain(|one| *one != order);
        let received = self.balance(order.bettor)? - before;
        match order.stake {
            Some(stake) if received == 0 => self.count_bet(order.market, stake),
            None if received > 0 => {
                self.bets.cashed_out += 1;
                self.paid += received;
            }
            _ => self.note_return(order, &state),
        }
        Ok(())
    }

    /// Why an order gave back what was put in.
    fn note_return(&mut self, order: Pending, state: &FlashMarket) {
        let slot = self.house.world.chain.slot();
        let (reason, message) = if !state.is_open() {
            (
                "MarketNotOpen",
                "The market was settled during the bet delay",
            )
        } else if state.was_suspended_since(order.placed_slot) || state.is_suspended(slot) {
            (
                "MarketSuspended",
                "The market was suspended during the bet delay",
            )
        } else {
            (
                "SlippageExceeded",
                "The price moved too far during the bet delay",
            )
        };
        let what = order.stake.map_or("cash-out", |_| "bet");
        self.refuse(
            order.bettor,
            order.market,
            what,
            format!("returned: {reason}"),
            message.to_owned(),
        );
    }

    fn count_bet(&mut self, market: usize, stake: u64) {
        self.bets.placed += 1;
        self.staked += stake;
        self.markets[market].report.volume += stake;
    }

    /// A provider's report arrives; with it there may be a quorum.
    fn take_report(&mut self, index: usize, provider: usize) -> Result<(), DemoError> {
        let behaviour = self.behaviours[provider];
        let market = &self.markets[index];
        self.providers.count(behaviour, market.is_closed);
        let report = behaviour.report(
            &self.house.world.providers[provider],
            self.house.world.domain(),
            market.feed,
            self.house.now(),
            &market.question,
            market.answer,
        )?;
        if market.is_closed {
            return Ok(());
        }
        self.markets[index].reports.push(report);
        let market = &self.markets[index];
        let (quorum, _) = Quorum::screened(
            &self.house.world.members,
            self.house.world.domain(),
            market.feed,
            Millis::new(market.opens_at)?,
            &market.reports,
            None,
        );
        match quorum {
            Ok(quorum) => self.resolve(index, &quorum),
            // Too few yet.
            Err(_) => Ok(()),
        }
    }

    fn resolve(&mut self, index: usize, quorum: &Quorum) -> Result<(), DemoError> {
        // No provider of the demo signs roots.
        let Some(value) = quorum.statement().value.number() else {
            return Ok(());
        };
        let market = &self.markets[index];
        let id = market.question.id;
        let made = self
            .prover
            .prove(quorum)
            .map_err(|cause| DemoError::Prove { market: id, cause })?;
        let verify = VerifyObservation {
            payer: self.house.world.keeper.pubkey(),
            provider_set: self.house.world.provider_set,
            verifying_key: self.house.world.verifying_key,
            args: VerifyObservationArgs {
                feed_id: field(market.feed),
                time: market.opens_at,
                value,
                proof: made.proof,
            },
        };
        let resolve = Resolve {
            market: market.address,
            observation: verify.observation(),
        };
        let keeper = self.house.world.keeper.insecure_clone();
        let step = format!("verifying the proof for market {id}");
        let verified = self
            .house
            .must(&step, &[verify.instruction()], &[&keeper])?;
        self.observations.push(verify.observation());
        let step = format!("resolving market {id}");
        let resolved = self.house.must(&step, &[resolve.instruction()], &[])?;

        let report = &mut self.markets[index].report;
        report.prove_time = Some(made.timings.total());
        report.verify_cu = verified.compute_units;
        report.resolve_cu = resolved.compute_units;
        self.settle(index)
    }

    fn void(&mut self, index: usize) -> Result<(), DemoError> {
        if self.markets[index].is_closed {
            return Ok(());
        }
        let void = Void {
            market: self.markets[index].address,
        };
        self.house
            .must("voiding a market", &[void.instruction()], &[])?;
        self.settle(index)
    }

    /// Pays everybody and closes a resolved or void market.
    fn settle(&mut self, index: usize) -> Result<(), DemoError> {
        let state = self.state(index)?;
        self.cancel_orders(index, &state)?;
        self.fees += state.pool.fees;
        let truth = state.outcome_of(self.markets[index].answer.value).ok();
        let report = &mut self.markets[index].report;
        report.is_void = state.status == MarketStatus::Void as u8;
        report.winning = (!report.is_void).then_some(state.winning_outcome);
        if report.winning.is_some() && report.winning != truth {
            self.providers.outcomes_changed += 1;
        }

        let (vault, event) = (self.house.vault, self.house.event);
        let token_program = self.house.mint.program.id();
        let market = self.markets[index].address;
        let release = ReleaseSurplus {
            vault,
            market,
            event,
            token_program,
        };
        self.house
            .must("releasing a surplus", &[release.instruction()], &[])?;
        self.settle_tickets(index)?;
        let close = CloseMarket {
            vault,
            market,
            event,
            creator: self.house.operator.address(),
            token_program,
        };
        self.house
            .must("closing a market", &[close.instruction()], &[])?;
        self.markets[index].is_closed = true;
        Ok(())
    }

    fn cancel_orders(&mut self, index: usize, state: &FlashMarket) -> Result<(), DemoError> {
        for order in std::mem::take(&mut self.markets[index].orders) {
            let owner = &self.bettors[order.bettor].person;
            let cancel = CancelPending {
                market: self.markets[index].address,
                owner: owner.address(),
                owner_tokens: owner.tokens,
                token_program: self.house.mint.program.id(),
                nonce: order.nonce,
            };
            self.house
                .must("cancelling an order", &[cancel.instruction()], &[])?;
            self.note_return(order, state);
        }
        Ok(())
    }

    fn settle_tickets(&mut self, index: usize) -> Result<(), DemoError> {
        let owners: Vec<usize> = self.markets[index].owners.iter().copied().collect();
        for batch in owners.chunks(SETTLED_AT_ONCE) {
            let before = self.balances(batch)?;
            let people = batch.iter().map(|bettor| &self.bettors[*bettor].person);
            let settle = SettleTickets {
                market: self.markets[index].address,
                token_program: self.house.mint.program.id(),
                tickets: people
                    .map(|person| SettledTicket {
                        owner: person.address(),
                        owner_tokens: person.tokens,
                    })
                    .collect(),
            };
            self.house
                .must("settling tickets", &[settle.instruction()], &[])?;
            self.paid += self.balances(batch)? - before;
        }
        Ok(())
    }

    /// Pays out the vault, closes the observations and checks the books.
    fn wind_up(mut self) -> Result<Report, DemoError> {
        self.progress.set_message("closing the books");
        let vault: Vault = self.house.world.chain.account(self.house.vault)?;
        let left_in_vault = self.house.vault_balance()?;
        let is_tracked = vault
            .tracked()
            .is_ok_and(|tracked| tracked == left_in_vault);
        let deposited = self.house.deposited();
        let is_balanced = u128::from(deposited) + u128::from(self.staked)
            == u128::from(self.paid) + u128::from(left_in_vault);

        let takings = self.house.wind_up()?;
        self.close_observations()?;
        let (held, supply) = self.house.held_and_supply()?;
        let bettors = (0..self.bettors.len())
            .map(|index| {
                Ok(BettorReport {
                    number: index + 1,
                    strategy: self.bettors[index].strategy.name(),
                    brought: BANKROLL,
                    left: self.balance(index)?,
                })
            })
            .collect::<Result<Vec<_>, DemoError>>()?;
        let addresses: Vec<_> = self.markets.iter().map(|market| market.address).collect();
        let open_accounts = self.house.open_accounts(&addresses)?;
        self.progress.set_position(self.game.minutes.into());
        Ok(Report {
            title: title(self.game),
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

    fn close_observations(&mut self) -> Result<(), DemoError> {
        let retention = u64::try_from(self.house.world.retention).unwrap_or_default();
        self.house.go_to(self.house.now() + retention * SECOND);
        let rent_payer = self.house.world.keeper.pubkey();
        for observation in std::mem::take(&mut self.observations) {
            let close = CloseObservation {
                observation,
                rent_payer,
            };
            self.house
                .must("closing an observation", &[close.instruction()], &[])?;
        }
        Ok(())
    }

    fn state(&self, market: usize) -> Result<FlashMarket, DemoError> {
        Ok(self
            .house
            .world
            .chain
            .account(self.markets[market].address)?)
    }

    fn prices(&self, market: usize) -> Result<Vec<Price>, DemoError> {
        // A market that the program created has prices.
        Ok(quotes::prices(&self.state(market)?).unwrap_or_default())
    }

    fn ticket(&self, bettor: usize, market: usize) -> Result<Option<Ticket>, DemoError> {
        let market = &self.markets[market];
        if !market.owners.contains(&bettor) {
            return Ok(None);
        }
        let owner = self.bettors[bettor].person.address();
        let address = addresses::ticket(&market.address, &owner);
        Ok(Some(self.house.world.chain.account(address)?))
    }

    fn balance(&self, bettor: usize) -> Result<u64, DemoError> {
        self.house.balance(self.bettors[bettor].person.tokens)
    }

    fn balances(&self, bettors: &[usize]) -> Result<u64, DemoError> {
        bettors.iter().map(|bettor| self.balance(*bettor)).sum()
    }

    fn next_nonce(&mut self, bettor: usize) -> u64 {
        let nonce = &mut self.bettors[bettor].nonce;
        *nonce += 1;
        *nonce
    }
}

/// A chain whose oracle knows the prover's key and the providers.
fn world(programs: ProgramKind, prover: &Prover) -> Result<World, DemoError> {
    let mut world = World::initialized(&WorldOptions {
        providers: PROVIDERS,
        threshold: THRESHOLD,
        network: Network::Localnet,
        ..WorldOptions::new(programs)
    })?;
    let set = world.provider_set_args(World::PROVIDER_SET_ID, 0);
    world.provider_set = world.propose_provider_set(set)?;
    world.verifying_key = world.propose_verifying_key(ProposeVerifyingKeyArgs {
        circuit_id: World::CIRCUIT_ID,
        key_version: 0,
        aggregation: Aggregation::Agreement,
        slots: u8::try_from(prover.circuit().slots()).unwrap_or(u8::MAX),
        development: prover.is_dev(),
        transcript_hash: [0; 32],
        key: prover.verifying_key().as_bytes().to_vec(),
    })?;
    world.pass_timelock();
    Ok(world)
}

/// Prices from percentages that sum to 100; the last one takes the rounding.
fn percentages(percent: &[u64]) -> Vec<u64> {
    percent
        .iter()
        .map(|percent| Price::ratio(*percent, 100).unwrap_or_default().0)
        .collect()
}

fn title(game: &Match) -> String {
    let [first, second] = &game.teams;
    let [goals, against] = game.score();
    format!("{first} - {second} {goals}-{against} ({})", game.occasion)
}

fn headline(game: &Match, index: usize, goal: &Goal) -> String {
    let so_far = &game.goals()[..=index];
    let [first, second] = crate::feed::tally(so_far);
    let team = &game.teams[goal.team.index()];
    format!(
        "{first}-{second} minute {}: {team}, {}",
        goal.at, goal.scorer
    )
}
