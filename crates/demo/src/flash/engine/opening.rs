//! Markets open, and what happens in the match makes the operator suspend them.

use client::instructions::flash_bets::{CreateMarket, FlashMarketTerms, SuspendMarket};
use math::Price;
use testbed::simulation::field;

use super::{
    Action, Demo, ANNOUNCED_SECONDS, FEE_RATE, FREEZE_DIVISOR, FREEZE_SECONDS, REACTION, RECENT,
    RESOLUTION_SECONDS, SUSPENSION_SECONDS,
};
use crate::{
    error::DemoError,
    feed::{Goal, Match},
    flash::{
        bettors::{after_goal, plan},
        script::{BET_DELAY_MS, EXECUTION_SECONDS},
    },
    stage::SECOND,
};

impl Demo<'_> {
    pub(super) fn announce(&mut self, index: usize) -> Result<(), DemoError> {
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
            Action::Keep { market: index },
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
            terms: FlashMarketTerms {
                parent: 0,
                rule: question.rule(),
                price: None,
                curve: question.curve,
                depth: question.depth,
                prior: percentages(&question.prior),
                micro_tau: question.micro_tau,
                fee_rate: FEE_RATE,
                fee_floor_bps: 0,
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

    pub(super) fn goal(&mut self, index: usize) {
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
    pub(super) fn suspend(&mut self, index: usize) -> Result<(), DemoError> {
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
