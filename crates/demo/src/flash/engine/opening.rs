//! Markets open, and what happens in the match makes the operator suspend them.

use client::instructions::flash_bets::{CreateMarket, CreateMarketArgs, SuspendMarket};
use math::Price;
use testbed::simulation::field;

use super::{
    Action, Demo, ANNOUNCED, FEE_RATE, FREEZE, FREEZE_DIVISOR, REACTION, RECENT, RESOLUTION,
    SUSPENSION,
};
use crate::{
    error::DemoError,
    feed::{Goal, Match},
    flash::bettors::{after_goal, plan},
    stage::{SECOND, SLOT_MS},
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
        let (opens_at, lock) = (market.opens_at, self.house.stage.time_of(state.lock_slot));
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
        let void_from = u64::try_from(state.void_from).unwrap_or(u64::MAX);
        self.agenda.at(
            void_from.saturating_mul(SECOND),
            Action::Keep { market: index },
        );
        self.plan_bets(
            index,
            self.house.stage.time_of(state.freeze_slot) - opens_at,
        );
        Ok(())
    }

    fn create_market(&self, index: usize) -> CreateMarket {
        let market = &self.markets[index];
        let question = &market.question;
        let window = question.window;
        let duration = (window.to - window.from) * 60_000;
        CreateMarket {
            operator: self.house.operator.address(),
            mint: self.house.stage.mint.address,
            event: self.house.event,
            provider_set: self.house.stage.world.provider_set,
            verifying_key: self.house.stage.world.verifying_key,
            token_program: self.house.stage.token_program(),
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
            let is_delayed = one.question.delay > 0;
            self.agenda.at(now + REACTION, Action::Suspend { market });
            for bettor in 0..self.bettors.len() {
                let strategy = self.bettors[bettor].strategy;
                let reaction = [REACTION, SUSPENSION];
                let next = after_goal(strategy, likelier, is_delayed, reaction, &mut self.rng);
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
            slots: SUSPENSION.div_ceil(SLOT_MS).min(state.suspension_left),
        };
        if suspend.slots == 0 {
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
