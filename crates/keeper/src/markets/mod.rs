//! What anybody may do for standard markets.

mod actions;
mod payment;
mod resolution;
#[cfg(test)]
mod tests;

use client::instructions::markets::{Poke, SwitchCurve};
use markets::state::{LiquidityPosition, Market, Position, Venue};
use math::CurveKind;
use oracle::Observation;
use solana_clock::Clock;
use solana_pubkey::Pubkey;

pub use actions::MarketAction;

use crate::{Money, Settings};

/// A standard market and what belongs to it.
#[derive(Clone, Debug)]
pub struct MarketView {
    pub address: Pubkey,
    pub market: Market,
    pub venue: Venue,
    pub money: Money,
    pub positions: Vec<Position>,
    pub liquidity: Vec<LiquidityPosition>,
    /// What the oracle has at the places that the market names.
    pub observation: Option<Observation>,
    pub strike: Option<Observation>,
    /// Whether the oracle takes the word of the market's providers under their key, and whether it
    /// never will again.
    pub providers_are_in_force: bool,
    pub providers_are_suspended: bool,
    /// What the arbiters say of the same, and where.
    pub arbiters: Option<(Pubkey, Observation)>,
    pub arbiters_strike: Option<(Pubkey, Observation)>,
}

impl MarketView {
    /// What the program would accept now.
    pub fn plan(&self, settings: &Settings, clock: &Clock) -> Vec<MarketAction> {
        if self.market.settlement.is_settled() {
            return self.pay(clock);
        }
        // Whatever ends trading leaves nothing to switch or to poke.
        match self.resolve(settings, clock) {
            Some(action) => vec![action],
            None => self.switch_or_poke(settings, clock).into_iter().collect(),
        }
    }

    fn switch_or_poke(&self, settings: &Settings, clock: &Clock) -> Option<MarketAction> {
        let now = clock.unix_timestamp;
        self.market.require_trading(now).ok()?;
        let (venue, market) = (self.market.venue, self.address);
        let is_switchable = self.market.pool.kind == CurveKind::Lmsr as u8;
        if is_switchable && self.market.require_switch(now).is_ok() {
            return Some(MarketAction::SwitchCurve(SwitchCurve { venue, market }));
        }
        let seconds = now.saturating_sub(self.market.hours.observed_at);
        (seconds >= settings.poke_after_seconds)
            .then_some(MarketAction::Poke(Poke { venue, market }))
    }
}
