//! What providers report, and what a keeper then does.

use attestation::{FeedKind, Millis, Quorum};
use client::instructions::flash_bets::{EndedOrder, ExecuteOrders};
use flash_bets::state::FlashMarket;
use keeper::flash_bets::FlashAction;
use market_core::{MarketStatus, Meaning};
use solana_pubkey::Pubkey;

use super::{Demo, Pending};
use crate::{error::DemoError, providers};

impl Demo<'_> {
    /// A provider's report arrives; with it there may be a quorum.
    pub(super) fn take_report(&mut self, index: usize, provider: usize) -> Result<(), DemoError> {
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
            FeedKind::Event,
            market.feed,
            Millis::new(market.opens_at)?,
            &market.reports,
            None,
        );
        match quorum {
            Ok(quorum) => self.observe(index, &quorum),
            // Too few yet.
            Err(_) => Ok(()),
        }
    }

    /// Has the oracle record what a quorum says of one market; the keeper takes it from there.
    fn observe(&mut self, index: usize, quorum: &Quorum) -> Result<(), DemoError> {
        // No provider of the demo signs roots.
        let Some(value) = quorum.statement().value.number() else {
            return Ok(());
        };
        let subject = format!("market {}", self.markets[index].question.id);
        let provider_set = self.house.stage.world.provider_set;
        let proven =
            self.proofs
                .observe(&mut self.house.stage, provider_set, quorum, value, &subject)?;
        let report = &mut self.markets[index].report;
        report.prove_time = Some(proven.prove_time);
        report.verify_cu = proven.verify_cu;
        self.keep(index)
    }

    /// Plays the keeper for one market, until nothing is due there.
    pub(super) fn keep(&mut self, index: usize) -> Result<(), DemoError> {
        loop {
            let plan = self.plan(index)?;
            if plan.is_empty() {
                return Ok(());
            }
            for action in plan {
                self.play(index, action)?;
            }
        }
    }

    /// Empty for a market that is closed.
    fn plan(&self, index: usize) -> Result<Vec<FlashAction>, DemoError> {
        let stage = &self.house.stage;
        let (snapshot, token_programs) = (stage.snapshot()?, stage.token_programs());
        let address = self.markets[index].address;
        let view = snapshot
            .flash_markets(&token_programs)
            .find(|view| view.address == address);
        let clock = stage.world.chain.clock();
        Ok(view.map_or_else(Vec::new, |view| view.plan(&self.keeper, clock)))
    }

    /// Does what a keeper plans, and books what it did to whom.
    fn play(&mut self, index: usize, action: FlashAction) -> Result<(), DemoError> {
        match &action {
            FlashAction::ExecuteOrders(batch) => {
                // One at a time, so that its owner's balance shows what became of each.
                for order in &batch.orders {
                    let execute = ExecuteOrders {
                        orders: vec![*order],
                        ..batch.clone()
                    };
                    self.execute(index, order, FlashAction::ExecuteOrders(execute))?;
                }
                Ok(())
            }
            FlashAction::SettleTickets(settle) => {
                let owners = settle.tickets.iter().map(|ticket| ticket.owner);
                let batch: Vec<_> = owners.filter_map(|owner| self.bettor(&owner)).collect();
                let before = self.balances(&batch)?;
                self.send(&action)?;
                self.paid += self.balances(&batch)? - before;
                Ok(())
            }
            FlashAction::Resolve(_) | FlashAction::Void(_) => {
                let units = self.send(&action)?;
                self.note_result(index, units)
            }
            FlashAction::CloseMarket(_) => {
                self.send(&action)?;
                self.markets[index].is_closed = true;
                Ok(())
            }
            _ => self.send(&action).map(|_| ()),
        }
    }

    /// Sends what a keeper plans; gives the compute units.
    fn send(&mut self, action: &FlashAction) -> Result<Option<u64>, DemoError> {
        let instruction = action.instruction();
        let stage = &mut self.house.stage;
        let receipt = stage.must(action.name(), &[instruction], &[])?;
        Ok(receipt.compute_units)
    }

    fn bettor(&self, owner: &Pubkey) -> Option<usize> {
        let mut bettors = self.bettors.iter();
        bettors.position(|bettor| bettor.person.address() == *owner)
    }

    /// Executes an order, or gives back what was put in.
    fn execute(
        &mut self,
        index: usize,
        ended: &EndedOrder,
        action: FlashAction,
    ) -> Result<(), DemoError> {
        let state = self.state(index)?;
        let bettor = self.bettor(&ended.placer);
        let orders = &mut self.markets[index].orders;
        let is_it = |order: &Pending| Some(order.bettor) == bettor && order.nonce == ended.nonce;
        let Some(place) = orders.iter().position(is_it) else {
            return self.send(&action).map(|_| ());
        };
        let order = orders.remove(place);
        let before = self.balance(order.bettor)?;
        self.send(&action)?;
        let received = self.balance(order.bettor)? - before;
        match order.stake {
            Some(stake) if received == 0 => self.count_bet(index, stake),
            None if received > 0 => {
                self.bets.cashed_out += 1;
                self.paid += received;
            }
            _ => self.note_return(order, &state),
        }
        Ok(())
    }

    /// Notes how a market ended.
    fn note_result(&mut self, index: usize, units: Option<u64>) -> Result<(), DemoError> {
        let state = self.state(index)?;
        self.fees += state.pool.fees;
        let truth = match state.rule.meaning(self.markets[index].answer.value) {
            Ok(Meaning::Outcome(outcome)) => Some(outcome),
            _ => None,
        };
        let report = &mut self.markets[index].report;
        report.is_void = state.settlement.is(MarketStatus::Void);
        report.winning = (!report.is_void).then_some(state.settlement.winning_outcome);
        if report.winning.is_some() {
            report.resolve_cu = units;
            if report.winning != truth {
                self.providers.outcomes_changed += 1;
            }
        }
        Ok(())
    }

    /// Why an order gave back what was put in.
    pub(super) fn note_return(&mut self, order: Pending, state: &FlashMarket) {
        let now = self.house.stage.world.chain.clock().unix_timestamp;
        let (reason, message) = if !state.settlement.is_open() {
            (
                "MarketNotOpen",
                "The market was settled during the bet delay",
            )
        } else if state.was_suspended_since(order.placed_slot) || state.is_suspended(now) {
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
}
