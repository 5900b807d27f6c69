//! What providers report, and what a keeper then does.

use attestation::{Millis, Quorum};
use flash_bets::state::{FlashMarket, MarketStatus};
use keeper::flash_bets::FlashAction;
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
        Ok(view.map_or_else(Vec::new, |view| view.plan(stage.world.chain.clock())))
    }

    /// Does what a keeper plans, and books what it did to whom.
    fn play(&mut self, index: usize, action: FlashAction) -> Result<(), DemoError> {
        match &action {
            FlashAction::ExecuteOrder(execute) => {
                self.execute(index, execute.owner, execute.nonce, &action)
            }
            FlashAction::CancelOrder(cancel) => {
                self.execute(index, cancel.owner, cancel.nonce, &action)
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
        owner: Pubkey,
        nonce: u64,
        action: &FlashAction,
    ) -> Result<(), DemoError> {
        let state = self.state(index)?;
        let orders = &mut self.markets[index].orders;
        let bettors = &self.bettors;
        let is_it = |order: &Pending| {
            order.nonce == nonce && bettors[order.bettor].person.address() == owner
        };
        let Some(place) = orders.iter().position(is_it) else {
            return self.send(action).map(|_| ());
        };
        let order = orders.remove(place);
        let before = self.balance(order.bettor)?;
        self.send(action)?;
        let received = self.balance(order.bettor)? - before;
        match (action, order.stake) {
            (FlashAction::ExecuteOrder(_), Some(stake)) if received == 0 => {
                self.count_bet(index, stake);
            }
            (FlashAction::ExecuteOrder(_), None) if received > 0 => {
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
        let truth = state.outcome_of(self.markets[index].answer.value).ok();
        let report = &mut self.markets[index].report;
        report.is_void = state.status == MarketStatus::Void as u8;
        report.winning = (!report.is_void).then_some(state.winning_outcome);
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
        let slot = self.house.stage.slot();
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
}
