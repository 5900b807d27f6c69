//! From what the oracle knows to a result.

use client::instructions::markets::{
    DisputeConflict, DisputeSuspension, Finalize, ProposeResolution, ResolveDispute, SetStrike,
    Void,
};
use market_core::MarketStatus;
use solana_clock::Clock;
use solana_pubkey::Pubkey;

use super::{MarketAction, MarketView};
use crate::Settings;

impl MarketView {
    /// The next step to the result of a market that is not settled, if there is one.
    pub(super) fn resolve(&self, settings: &Settings, clock: &Clock) -> Option<MarketAction> {
        let market = &self.market;
        if market.is(MarketStatus::Disputed) {
            return self.arbitrate(clock);
        }
        if market.settlement.is_open() && clock.unix_timestamp >= market.proposal_until {
            return Some(self.void());
        }
        if let Some(observation) = self.contradicted() {
            return Some(MarketAction::CallArbiters(DisputeConflict {
                venue: market.venue,
                market: self.address,
                observation,
            }));
        }
        let arbiters_observation = self.word_of_arbiters();
        let is_over = market.is_trading_over(clock.unix_timestamp);
        if self.providers_are_suspended && (is_over || arbiters_observation.is_some()) {
            let evidence = &market.evidence;
            return Some(MarketAction::CallArbitersAfterSuspension(
                DisputeSuspension {
                    venue: market.venue,
                    market: self.address,
                    provider_set: evidence.provider_set,
                    verifying_key: evidence.verifying_key,
                    arbiters_observation,
                },
            ));
        }
        if market.settlement.is_open() {
            return self.set_strike().or_else(|| self.propose(settings, clock));
        }
        (clock.unix_timestamp >= market.dispute_until).then_some(MarketAction::Finalize(Finalize {
            venue: market.venue,
            market: self.address,
            provider_set: market.evidence.provider_set,
            verifying_key: market.evidence.verifying_key,
            observation: market.evidence.observation,
            strike_observation: market.evidence.strike_observation,
        }))
    }

    fn void(&self) -> MarketAction {
        MarketAction::Void(Void {
            venue: self.market.venue,
            market: self.address,
        })
    }

    /// What would resolve a market whose arbiters were called.
    fn word_of_arbiters(&self) -> Option<Pubkey> {
        let (address, found) = self.arbiters.as_ref()?;
        let checked = self.market.require_word_of_arbiters(found);
        checked.ok().map(|()| *address)
    }

    /// Where the oracle contradicts itself, or what the market took from it.
    fn contradicted(&self) -> Option<Pubkey> {
        let evidence = &self.market.evidence;
        let own = (evidence.observation, &self.observation);
        let strike = (evidence.strike_observation, &self.strike);
        let mut found = [own, strike].into_iter().filter_map(|(address, found)| {
            let found = found.as_ref()?;
            let is_contradicted = self.market.is_contradicted(&address, found);
            is_contradicted.unwrap_or(false).then_some(address)
        });
        found.next()
    }

    fn set_strike(&self) -> Option<MarketAction> {
        let found = self
            .strike
            .as_ref()
            .filter(|_| self.providers_are_in_force)?;
        let mut copy = self.market;
        copy.set_strike(found).ok()?;
        let evidence = &self.market.evidence;
        Some(MarketAction::SetStrike(SetStrike {
            market: self.address,
            provider_set: evidence.provider_set,
            verifying_key: evidence.verifying_key,
            observation: evidence.strike_observation,
        }))
    }

    fn propose(&self, settings: &Settings, clock: &Clock) -> Option<MarketAction> {
        let proposer = settings.proposer.as_ref()?;
        let market = &self.market;
        let is_in_force = self.providers_are_in_force;
        let found = self.observation.as_ref().filter(|_| is_in_force)?;
        market.require_observation(found).ok()?;
        market.result_of(found.value).ok()?;
        let mut copy = *market;
        copy.observe(self.venue.now(clock)).ok()?;
        if copy.bond_now().ok()? > proposer.max_bond {
            return None;
        }
        Some(MarketAction::Propose(ProposeResolution {
            proposer: proposer.address,
            venue: market.venue,
            market: self.address,
            provider_set: market.evidence.provider_set,
            verifying_key: market.evidence.verifying_key,
            observation: market.evidence.observation,
            proposer_tokens: self.money.account_of(&proposer.address),
            token_program: self.money.token_program,
            max_bond: proposer.max_bond,
        }))
    }

    fn arbitrate(&self, clock: &Clock) -> Option<MarketAction> {
        let market = &self.market;
        if clock.unix_timestamp >= market.arbitration_until {
            return Some(self.void());
        }
        let (observation, found) = self.arbiters.as_ref()?;
        market.require_observation(found).ok()?;
        let mut copy = *market;
        let mut strike_observation = None;
        if market.evidence.strike_at_ms().is_some() {
            let (address, strike) = self.arbiters_strike.as_ref()?;
            copy.set_strike(strike).ok()?;
            strike_observation = Some(*address);
        }
        copy.result_of(found.value).ok()?;
        Some(MarketAction::ResolveDispute(ResolveDispute {
            market: self.address,
            arbiter_set: market.arbiter_set,
            observation: *observation,
            strike_observation,
        }))
    }
}
