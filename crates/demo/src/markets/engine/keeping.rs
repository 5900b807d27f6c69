//! What a keeper does.

use keeper::markets::MarketAction;
use market_core::MarketStatus;
use solana_pubkey::Pubkey;

use super::Demo;
use crate::{
    error::DemoError,
    markets::{
        orders::DESK_MARKET,
        venue::{CREATOR, DISPUTER, PROPOSER},
    },
};

impl Demo<'_> {
    /// Plays the keeper for one market, until nothing is due there.
    pub(super) fn keep(&mut self, index: usize) -> Result<(), DemoError> {
        loop {
            // Orders have to be settled before the market can be closed.
            let is_served = index == DESK_MARKET && self.serve()?;
            let plan = self.plan(index)?;
            if plan.is_empty() && !is_served {
                return Ok(());
            }
            for action in plan {
                self.play(index, action)?;
            }
        }
    }

    /// Empty for a market that is closed.
    fn plan(&self, index: usize) -> Result<Vec<MarketAction>, DemoError> {
        let stage = &self.house.stage;
        let (snapshot, token_programs) = (stage.snapshot()?, stage.token_programs());
        let address = self.markets[index].address;
        let clock = stage.world.chain.clock();
        let view = snapshot
            .markets(&token_programs, clock)
            .find(|view| view.address == address);
        Ok(view.map_or_else(Vec::new, |view| view.plan(&self.keeper, clock)))
    }

    /// Does what a keeper plans, and books what it did to whom.
    fn play(&mut self, index: usize, action: MarketAction) -> Result<(), DemoError> {
        match &action {
            MarketAction::Propose(propose) => {
                let instructions = [propose.instruction()];
                let units = self.act_as(PROPOSER, index, action.name(), &instructions)?;
                self.note_proof(index, units);
                self.await_dispute(index)
            }
            MarketAction::ResolveDispute(_) => {
                let units = self.send(&action)?;
                self.note_proof(index, units);
                self.note_result(index)
            }
            MarketAction::Finalize(_) | MarketAction::Void(_) => {
                self.send(&action)?;
                self.note_result(index)
            }
            MarketAction::Redeem(redeem) => {
                let owners = redeem.positions.iter().map(|position| position.owner);
                let players = self.players(owners);
                self.pay(index, &players, &action)
            }
            MarketAction::RedeemLiquidity(redeem) => {
                let players = self.players([redeem.owner]);
                self.pay(index, &players, &action)
            }
            MarketAction::ClaimProposalBond(_) => self.claim_proposal_bond(index, &action),
            MarketAction::ClaimDisputeBond(_) => self.pay(index, &[DISPUTER], &action),
            MarketAction::CloseMarket(_) => {
                let before = self.house.balance(CREATOR)?;
                self.send(&action)?;
                self.totals.creator_fees += self.house.balance(CREATOR)? - before;
                self.markets[index].report.balance();
                Ok(())
            }
            _ => self.send(&action).map(|_| ()),
        }
    }

    /// Sends what anybody may do; gives the compute units.
    fn send(&mut self, action: &MarketAction) -> Result<Option<u64>, DemoError> {
        let instruction = action.instruction();
        let stage = &mut self.house.stage;
        let receipt = stage.must(action.name(), &[instruction], &[])?;
        Ok(receipt.compute_units)
    }

    /// Sends what pays players, and books what each got.
    fn pay(
        &mut self,
        index: usize,
        players: &[usize],
        action: &MarketAction,
    ) -> Result<(), DemoError> {
        let balance = |player: &usize| self.house.balance(*player);
        let before: Vec<_> = players.iter().map(balance).collect::<Result<_, _>>()?;
        self.send(action)?;
        for (player, before) in players.iter().zip(before) {
            self.book(*player, index, before)?;
        }
        Ok(())
    }

    /// Whom nobody disputed earns a part of the fees on top of his bond.
    fn claim_proposal_bond(
        &mut self,
        index: usize,
        action: &MarketAction,
    ) -> Result<(), DemoError> {
        let state = self.state(index)?;
        let is_disputed = state.disputer != Pubkey::default();
        self.pay(index, &[PROPOSER], action)?;
        if !is_disputed {
            let reward = state.proposer_claim.saturating_sub(state.bond);
            self.totals.bonds_returned -= reward;
            self.totals.rewards += reward;
        }
        Ok(())
    }

    pub(super) fn players(&self, owners: impl IntoIterator<Item = Pubkey>) -> Vec<usize> {
        let place = |owner| {
            let mut players = self.house.players.iter();
            players.position(|player| player.person.address() == owner)
        };
        owners.into_iter().filter_map(place).collect()
    }

    /// Notes the proof that the market goes by for now.
    fn note_proof(&mut self, index: usize, units: Option<u64>) {
        let market = &mut self.markets[index];
        if let Some(proven) = market.proven {
            market.report.prove(proven, units);
        }
    }

    /// Notes how a market ended.
    fn note_result(&mut self, index: usize) -> Result<(), DemoError> {
        let state = self.state(index)?;
        let market = &mut self.markets[index];
        market.report.settle(&state);
        let is_void = state.settlement.is(MarketStatus::Void);
        let mut expected = state;
        let clock = self.house.stage.world.chain.clock();
        let is_true = expected.resolve(market.question.truth, clock).is_ok()
            && expected.settlement.payouts == state.settlement.payouts;
        if !is_void && !is_true {
            self.providers.outcomes_changed += 1;
        }
        Ok(())
    }
}
