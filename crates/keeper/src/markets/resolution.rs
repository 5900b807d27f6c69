//! From what the oracle knows to a result.

use client::instructions::markets::{
    DisputeConflict, Finalize, ProposeResolution, ResolveDispute, SetStrike, Void,
};
use markets::state::MarketStatus;
use oracle::Observation;
use solana_clock::Clock;
use solana_pubkey::Pubkey;

use super::{MarketAction, MarketView};
use crate::Settings;

impl MarketView {
    /// The next step to the result of a market that is not settled, if there is one.
    pub(super) fn resolve(&self, settings: &Settings, clock: &Clock) -> Option<MarketAction> {
        let market = &self.market;
        if market.status == MarketStatus::Disputed as u8 {
            return self.arbitrate(clock);
        }
        if market.is_open() && clock.unix_timestamp >= market.proposal_deadline {
            return Some(self.void());
        }
        if let Some(observation) = self.contradicted() {
            return Some(MarketAction::CallArbiters(DisputeConflict {
                market: self.address,
                observation,
            }));
        }
        if market.is_open() {
            return self.set_strike().or_else(|| self.propose(settings));
        }
        (clock.unix_timestamp >= market.dispute_deadline).then(|| {
            MarketAction::Finalize(Finalize {
                market: self.address,
                observation: market.observation,
                strike_observation: market.strike_observation,
            })
        })
    }

    fn void(&self) -> MarketAction {
        MarketAction::Void(Void {
            market: self.address,
        })
    }

    /// Where the oracle contradicts itself, or what the market took from it.
    fn contradicted(&self) -> Option<Pubkey> {
        let own = (self.market.observation, &self.observation);
        let strike = (self.market.strike_observation, &self.strike);
        let mut found = [own, strike].into_iter().filter_map(|(address, found)| {
            let found = found.as_ref()?;
            let is_contradicted = self.market.is_contradicted(&address, found);
            is_contradicted.unwrap_or(false).then_some(address)
        });
        found.next()
    }

    fn set_strike(&self) -> Option<MarketAction> {
        let market = &self.market;
        let found = self
            .strike
            .as_ref()
            .filter(|_| market.strike_pending == 1)?;
        market
            .require_observation(found, market.opening_time)
            .ok()?;
        Some(MarketAction::SetStrike(SetStrike {
            market: self.address,
            provider_set: market.provider_set,
            verifying_key: market.verifying_key,
            observation: market.strike_observation,
        }))
    }

    fn propose(&self, settings: &Settings) -> Option<MarketAction> {
        let proposer = settings.proposer.as_ref()?;
        let market = &self.market;
        let found = self.observation.as_ref()?;
        market.require_observation(found, market.observe_at).ok()?;
        market.result_of(found.value).ok()?;
        if market.bond_now().ok()? > proposer.max_bond {
            return None;
        }
        Some(MarketAction::Propose(ProposeResolution {
            proposer: proposer.address,
            market: self.address,
            provider_set: market.provider_set,
            verifying_key: market.verifying_key,
            observation: market.observation,
            proposer_tokens: self.money.account_of(&proposer.address),
            token_program: self.money.token_program,
            max_bond: proposer.max_bond,
        }))
    }

    fn arbitrate(&self, clock: &Clock) -> Option<MarketAction> {
        let market = &self.market;
        if clock.unix_timestamp >= market.arbitration_deadline {
            return Some(self.void());
        }
        let is_usable = |found: &Observation, time| market.require_observation(found, time).is_ok();
        let (observation, found) = self.arbiters.as_ref()?;
        if !is_usable(found, market.observe_at) {
            return None;
        }
        let strike_observation = if market.opening_time == 0 {
            market.result_of(found.value).ok()?;
            None
        } else {
            let (address, strike) = self.arbiters_strike.as_ref()?;
            is_usable(strike, market.opening_time).then_some(Some(*address))?
        };
        Some(MarketAction::ResolveDispute(ResolveDispute {
            market: self.address,
            arbiter_set: market.arbiter_set,
            arbiter_key: market.arbiter_key,
            observation: *observation,
            strike_observation,
        }))
    }
}
