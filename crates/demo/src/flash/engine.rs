//! The replay itself: an agenda of what happens when, worked off in order of time.

use std::collections::BTreeSet;

use attestation::{Attestation, Field, Millis, Quorum};
use circuits::KeyStore;
use client::{
    addresses::flash_bets as addresses,
    instructions::flash_bets::{
        Buyer, CashOut, CashOutArgs, CloseMarket, CreateMarket, EndedOrder, ExecuteOrders,
        MarketTerms, OpenTicketAndBet, PlaceBetArgs, ReleaseSurplus, Resolve, SettleTickets,
        SettledTicket, SuspendMarket, Void,
    },
    quotes, NamedError,
};
use flash_bets::state::{FlashMarket, Ticket, Vault};
use indicatif::ProgressBar;
use market_core::{MarketStatus, Meaning};
use math::{Money, Price, Shares};
use program_kit::Custody;
use rand::{rngs::StdRng, SeedableRng};
use solana_instruction::Instruction;
use solana_pubkey::Pubkey;
use testbed::{simulation::field, ProgramKind};

use super::{
    bettors::{after_goal, plan, Bettor, Intent, Strategy, BANKROLL},
    house::House,
    report::{MarketReport, Report, Totals},
    script::{questions, Answer, Question, BET_DELAY_MS, EXECUTION_SECONDS},
};
use crate::{
    agenda::Agenda,
    error::DemoError,
    feed::{Goal, Match, Minute},
    keeper::{self, Keeper},
    orders::{tolerated, Mistake, Order},
    providers::{self, behaviours, Behaviour, ProviderReport},
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
/// Tickets that are settled in one transaction.
const SETTLED_AT_ONCE: usize = 8;
/// Orders that are ended in one transaction.
const ENDED_AT_ONCE: usize = 4;

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
    keeper: Keeper,
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
        let (keeper, stage) = keeper::open(settings.programs, keys, progress)?;
        let mut house = House::open(stage)?;
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
            .stage
            .must(&step, &[create.instruction()], &[&operator])?;
        self.markets[index].is_announced = true;

        let state = self.state(index)?;
        let market = &self.markets[index];
        let (opens_at, lock) = (market.opens_at, milliseconds(state.hours.locks_at));
        let decided = market.answer.decided_at.map_or(lock, |at| self.time_of(at));
        for (provider, behaviour) in self.behaviours.clone().into_iter().enumerate() {
            if let Some(delay) = behaviour.delay(provider) {
                let action = Action::Report {
                    market: index,
                    provider,
                };
                self.agenda.at(decided + delay, action);
            }
        }
        self.agenda.at(
            milliseconds(state.void_from),
            Action::Void { market: index },
        );
        self.plan_bets(index, milliseconds(state.hours.trading_until) - opens_at);
        Ok(())
    }

    fn create_market(&self, index: usize) -> CreateMarket {
        let market = &self.markets[index];
        let question = &market.question;
        let window = question.window;
        let duration_seconds = (window.to - window.from) * 60;
        CreateMarket {
            operator: self.house.operator.address(),
            vault: self.house.vault,
            mint: self.house.stage.mint.address,
            event_book: self.house.event_book,
            provider_set: self.house.stage.world.provider_set,
            verifying_key: self.house.stage.world.verifying_key,
            token_program: self.house.stage.token_program(),
            id: question.id,
            feed_id: field(market.feed),
            terms: MarketTerms {
                parent: 0,
                rule: question.rule(),
                curve: question.curve,
                depth: question.depth,
                prior: percentages(&question.prior),
                micro_tau: question.micro_tau,
                fee_rate: FEE_RATE,
                observe_at_ms: market.opens_at,
                opens_in_seconds: ANNOUNCED_SECONDS,
                duration_seconds,
                freeze_seconds: FREEZE_SECONDS.max(duration_seconds / FREEZE_DIVISOR),
                delay_ms: BET_DELAY_MS,
                execution_seconds: EXECUTION_SECONDS,
                resolution_seconds: RESOLUTION_SECONDS,
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
            .rfind(|goal| self.time_of(goal.at) <= self.house.stage.now())
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
            self.agenda.at(
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
        let now = self.house.stage.now();
        self.progress.set_message(headline(self.game, index, goal));
        for market in 0..self.markets.len() {
            let one = &self.markets[market];
            if !one.is_announced || one.is_closed || now < one.opens_at {
                continue;
            }
            let likelier = one.question.outcome_after(goal);
            self.agenda.at(now + REACTION, Action::Suspend { market });
            for bettor in 0..self.bettors.len() {
                let strategy = self.bettors[bettor].strategy;
                let reaction = [REACTION, u64::from(SUSPENSION_SECONDS) * SECOND];
                let next = after_goal(strategy, likelier, reaction, &mut self.rng);
                if let Some((after, intent)) = next {
                    self.agenda.at(
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
            .require_trading(self.house.stage.world.chain.clock())
            .is_err()
        {
            return Ok(());
        }
        let suspend = SuspendMarket {
            operator: self.house.operator.address(),
            vault: self.house.vault,
            market: self.markets[index].address,
            seconds: SUSPENSION_SECONDS.min(state.suspension_left_seconds),
        };
        if state.suspension_left_seconds < state.least_suspension_seconds() {
            return Ok(());
        }
        let operator = self.house.operator.key.insecure_clone();
        self.house.stage.must(
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
        let clock = self.house.stage.world.chain.clock();
        // Without a quote the program will say why there is none.
        let quoted = quotes::buy(&state, clock, outcome, Money(stake))
            .map_or(0, |quote| quote.trade.shares.0);
        let order = Order::new(
            outcome,
            stake,
            quoted,
            mistake,
            state.pool.outcomes,
            self.balance(bettor)?,
        );
        let args = PlaceBetArgs {
            outcome: order.outcome,
            stake: order.stake,
            min_shares: order.min_shares,
            tip_lamports: TIP_LAMPORTS,
        };
        let nonce = self.next_nonce(bettor);
        let owner = &self.bettors[bettor].person;
        let bet = OpenTicketAndBet {
            buyer: Buyer {
                payer: owner.address(),
                payer_tokens: owner.tokens,
                owner: owner.address(),
                vault: self.house.vault,
                market: self.markets[market].address,
                token_program: self.house.stage.token_program(),
                order_rent_payer: Some(owner.address()),
                nonce,
            },
            rent_payer: owner.address(),
            args,
        };
        if self.send_as(bettor, market, "bet", &[bet.instruction()])? {
            self.markets[market].owners.insert(bettor);
            self.queue(bettor, market, nonce, Some(args.stake), &state);
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
        let clock = self.house.stage.world.chain.clock();
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
            token_program: self.house.stage.token_program(),
            order_rent_payer: Some(owner.address()),
            nonce,
            args: CashOutArgs {
                outcome,
                shares,
                min_return: tolerated(quoted),
                tip_lamports: TIP_LAMPORTS,
            },
        };
        if self.send_as(bettor, market, "cash-out", &[cash_out.instruction()])? {
            self.queue(bettor, market, nonce, None, &state);
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
        let step = format!("a {what} of bettor {}", bettor + 1);
        let refusal = self.house.stage.attempt(&step, instructions, &key)?;
        let is_done = refusal.is_none();
        if let Some(NamedError { name, message, .. }) = refusal {
            self.refuse(bettor, market, what, name, message);
        }
        Ok(is_done)
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
            who: format!("bettor {}", bettor + 1),
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
        let placed_slot = self.house.stage.slot();
        let order = Pending {
            market,
            bettor,
            nonce,
            stake,
            placed_slot,
        };
        self.markets[market].orders.push(order);
        let by_slot = self.house.stage.time_of(placed_slot + state.delay_slots);
        let by_second = self.house.stage.now() + u64::from(state.delay_seconds) * SECOND;
        let due = by_slot.max(by_second.next_multiple_of(SECOND));
        self.agenda.at(due, Action::Execute { order });
    }

    fn execute(&mut self, order: Pending) -> Result<(), DemoError> {
        // Settling the market cancels what waits.
        if !self.markets[order.market].orders.contains(&order) {
            return Ok(());
        }
        let state = self.state(order.market)?;
        let before = self.balance(order.bettor)?;
        self.end_orders(order.market, &[order])?;
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
        let (reason, message) = if !state.settlement.is_open() {
            (
                "MarketNotOpen",
                "The market was settled during the bet delay",
            )
        } else if state.was_suspended_since(order.placed_slot)
            || state.is_suspended(self.house.stage.world.chain.clock().unix_timestamp)
        {
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
        let (question, truth) = (&market.question, market.answer.value);
        let report = providers::report(
            &self.house.stage.world.providers[provider],
            self.house.stage.world.domain(),
            market.feed,
            self.house.stage.now(),
            behaviour.value(truth, question.lie(truth)),
        )?;
        if market.is_closed {
            return Ok(());
        }
        self.markets[index].reports.push(report);
        let market = &self.markets[index];
        let (quorum, _) = Quorum::screened(
            &self.house.stage.world.members,
            self.house.stage.world.domain(),
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
        let subject = format!("market {}", market.question.id);
        let provider_set = self.house.stage.world.provider_set;
        let proven =
            self.keeper
                .observe(&mut self.house.stage, provider_set, quorum, value, &subject)?;
        let resolve = Resolve {
            market: market.address,
            observation: proven.address,
        };
        let step = format!("resolving {subject}");
        let resolved = self
            .house
            .stage
            .must(&step, &[resolve.instruction()], &[])?;

        let report = &mut self.markets[index].report;
        report.prove_time = Some(proven.prove_time);
        report.verify_cu = proven.verify_cu;
        report.resolve_cu = resolved.compute_units;
        self.settle(index)
    }

    fn void(&mut self, index: usize) -> Result<(), DemoError> {
        if self.markets[index].is_closed {
            return Ok(());
        }
        let state = self.state(index)?;
        let void = Void {
            market: self.markets[index].address,
            observation: state.evidence.observation,
            strike_observation: None,
        };
        self.house
            .stage
            .must("voiding a market", &[void.instruction()], &[])?;
        self.settle(index)
    }

    /// Pays everybody and closes a resolved or void market.
    fn settle(&mut self, index: usize) -> Result<(), DemoError> {
        let state = self.state(index)?;
        self.cancel_orders(index, &state)?;
        self.fees += state.pool.fees;
        let truth = match state.rule.meaning(self.markets[index].answer.value) {
            Ok(Meaning::Outcome(outcome)) => Some(outcome),
            _ => None,
        };
        let report = &mut self.markets[index].report;
        report.is_void = state.settlement.is(MarketStatus::Void);
        report.winning = (!report.is_void).then_some(state.settlement.winning_outcome);
        if report.winning.is_some() && report.winning != truth {
            self.providers.outcomes_changed += 1;
        }

        let (vault, event_book) = (self.house.vault, self.house.event_book);
        let (feed_id, operator) = (state.evidence.feed_id, state.operator);
        let token_program = self.house.stage.token_program();
        let market = self.markets[index].address;
        let release = ReleaseSurplus {
            vault,
            market,
            event_book,
            feed_id,
            operator,
            token_program,
        };
        self.house
            .stage
            .must("releasing a surplus", &[release.instruction()], &[])?;
        self.settle_tickets(index)?;
        let close = CloseMarket {
            vault,
            market,
            event_book,
            feed_id,
            operator,
            feed_book_rent_payer: operator,
            token_program,
        };
        self.house
            .stage
            .must("closing a market", &[close.instruction()], &[])?;
        self.markets[index].is_closed = true;
        Ok(())
    }

    fn cancel_orders(&mut self, index: usize, state: &FlashMarket) -> Result<(), DemoError> {
        let orders = std::mem::take(&mut self.markets[index].orders);
        for batch in orders.chunks(ENDED_AT_ONCE) {
            self.end_orders(index, batch)?;
            for order in batch {
                self.note_return(*order, state);
            }
        }
        Ok(())
    }

    /// Executes orders of a market, or gives back what they put in; the keeper gets the tips.
    fn end_orders(&mut self, index: usize, orders: &[Pending]) -> Result<(), DemoError> {
        let ended = |order: &Pending| {
            let owner = &self.bettors[order.bettor].person;
            EndedOrder {
                placer: owner.address(),
                owner: owner.address(),
                nonce: order.nonce,
                placer_tokens: owner.tokens,
                rent_payer: owner.address(),
            }
        };
        let execute = ExecuteOrders {
            vault: self.house.vault,
            market: self.markets[index].address,
            observation: self.state(index)?.evidence.observation,
            executor: self.house.stage.world.chain.fee_payer(),
            token_program: self.house.stage.token_program(),
            orders: orders.iter().map(ended).collect(),
        };
        self.house
            .stage
            .must("ending orders", &[execute.instruction()], &[])?;
        Ok(())
    }

    fn settle_tickets(&mut self, index: usize) -> Result<(), DemoError> {
        let owners: Vec<usize> = self.markets[index].owners.iter().copied().collect();
        for batch in owners.chunks(SETTLED_AT_ONCE) {
            let before = self.balances(batch)?;
            let people = batch.iter().map(|bettor| &self.bettors[*bettor].person);
            let settle = SettleTickets {
                market: self.markets[index].address,
                token_program: self.house.stage.token_program(),
                tickets: people
                    .map(|person| SettledTicket {
                        owner: person.address(),
                        owner_tokens: person.tokens,
                        rent_payer: person.address(),
                    })
                    .collect(),
            };
            self.house
                .stage
                .must("settling tickets", &[settle.instruction()], &[])?;
            self.paid += self.balances(batch)? - before;
        }
        Ok(())
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
        self.keeper.close_all(&mut self.house.stage)?;
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

    fn ticket(&self, bettor: usize, market: usize) -> Result<Option<Ticket>, DemoError> {
        let market = &self.markets[market];
        if !market.owners.contains(&bettor) {
            return Ok(None);
        }
        let owner = self.bettors[bettor].person.address();
        let address = addresses::ticket(&market.address, &owner);
        Ok(Some(self.house.stage.world.chain.account(address)?))
    }

    fn balance(&self, bettor: usize) -> Result<u64, DemoError> {
        self.house.stage.balance(self.bettors[bettor].person.tokens)
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

/// Unix milliseconds of a second.
fn milliseconds(second: i64) -> u64 {
    u64::try_from(second)
        .unwrap_or(u64::MAX)
        .saturating_mul(SECOND)
}

/// Prices from percentages that sum to 100; the last one takes the rounding.
fn percentages(percent: &[u64]) -> Vec<u64> {
    percent
        .iter()
        .map(|percent| Price::ratio(*percent, 100).unwrap_or_default().0)
        .collect()
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
