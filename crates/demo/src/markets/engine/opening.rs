//! Markets open, and what happens in the match makes traders act.

use client::instructions::markets::{CreateMarket, CreateMarketArgs};
use testbed::simulation::field;

use super::{
    milliseconds, Action, Demo, Subject, ARBITRATION, CREATOR_FEE_SHARE, DISPUTE_WINDOW, FEE_RATE,
    FREEZE, OPENS_IN, PROPOSAL,
};
use crate::{
    error::DemoError,
    feed::tally,
    markets::{
        script::Source,
        traders::after_goal,
        venue::{Role, CREATOR, FIRST_TRADER},
    },
    stage::SECOND,
};

impl Demo<'_> {
    pub(super) fn announce(&mut self, index: usize) -> Result<(), DemoError> {
        let create = self.create_market(index)?;
        self.markets[index].address = create.market();
        let question = &self.markets[index].question;
        let step = format!("opening market {} ({})", question.id, question.text);
        self.act_as(CREATOR, index, &step, &[create.instruction()])?;

        let state = self.state(index)?;
        match self.markets[index].question.source {
            Source::Own { known_at } | Source::Mistaken { known_at } => {
                self.plan_reports(Subject::Market(index), self.minute(known_at));
            }
            Source::Root => {}
            Source::Nowhere => {
                let due = milliseconds(state.proposal_until);
                self.agenda.at(due, Action::Keep { market: index });
            }
        }
        Ok(())
    }

    fn create_market(&self, index: usize) -> Result<CreateMarket, DemoError> {
        let market = &self.markets[index];
        let question = &market.question;
        let world = &self.house.stage.world;
        let creator = &self.house.players[CREATOR].person;
        let opens_at = self.dawn + OPENS_IN;
        let now = world.chain.clock().unix_timestamp;
        Ok(CreateMarket {
            creator: creator.address(),
            mint: self.house.stage.mint.address,
            provider_set: world.provider_set,
            verifying_key: world.verifying_key,
            arbiter_set: self.house.arbiter_set,
            arbiter_key: world.verifying_key,
            creator_tokens: creator.tokens,
            token_program: self.house.stage.token_program(),
            venue_terms: self.house.venue_state()?.terms.at(now),
            args: CreateMarketArgs {
                id: question.id,
                feed_id: field(market.inquiry.feed),
                rule: question.rule.clone(),
                price: None,
                tolerance: 0,
                curve: question.curve,
                offers_switch: question.offers_switch,
                outcomes: count(question.outcomes.len()),
                weights: question.weights.clone(),
                depth: question.depth,
                fee_rate: FEE_RATE,
                creator_fee_share: CREATOR_FEE_SHARE,
                observe_at_ms: market.inquiry.time,
                opens_at: second(opens_at),
                locks_at: second(market.locks_at),
                frozen_seconds: seconds(FREEZE),
                proposal_seconds: seconds(PROPOSAL),
                dispute_window_seconds: seconds(DISPUTE_WINDOW),
                arbitration_seconds: seconds(ARBITRATION),
            },
        })
    }

    /// Traders who watch the match act on a goal.
    pub(super) fn goal(&mut self, index: usize) {
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
}

fn count(outcomes: usize) -> u8 {
    u8::try_from(outcomes).unwrap_or(u8::MAX)
}

/// Of a time in unix milliseconds.
fn second(milliseconds: u64) -> i64 {
    i64::try_from(milliseconds / SECOND).unwrap_or(i64::MAX)
}

fn seconds(milliseconds: u64) -> u32 {
    u32::try_from(milliseconds / SECOND).unwrap_or(u32::MAX)
}
