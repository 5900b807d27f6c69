use anchor_lang::prelude::*;
use markets::state::{Market, Venue};
use math::{twap::twap, Price};

use crate::error::LoanError;

/// A moment from which an outcome's average price is taken: see [`math::twap`].
#[derive(Clone, Copy, Debug)]
pub struct PriceMark {
    pub slot: u64,
    /// Unix second.
    pub at: i64,
    /// The market's sum of the outcome's prices.
    pub sum: u64,
}

impl PriceMark {
    /// Now, of a market that is up to date.
    ///
    /// # Errors
    /// [`LoanError::OutcomeOutOfRange`].
    pub fn now(market: &Market, outcome: u8, now: i64) -> Result<Self> {
        Ok(Self {
            slot: market.pool.observed_slot,
            at: now,
            sum: sum_of(market, outcome)?,
        })
    }

    /// The average price since then, of a market that is up to date; `None` in the same slot, and if the
    /// venue was paused since: prices had no weight then.
    ///
    /// # Errors
    /// [`LoanError::OutcomeOutOfRange`], `Overflow`.
    pub fn average(
        &self,
        market: &Market,
        venue: &Venue,
        outcome: u8,
        now: i64,
    ) -> Result<Option<Price>> {
        let slots = market.pool.observed_slot.saturating_sub(self.slot);
        if slots == 0 || self.was_paused(venue, now) {
            return Ok(None);
        }
        let average = twap(self.sum, sum_of(market, outcome)?, slots);
        Ok(Some(average.map_err(LoanError::from)?))
    }

    /// Whether the venue has been paused since then.
    pub fn was_paused(&self, venue: &Venue, now: i64) -> bool {
        let [pause, ..] = venue.pauses.latest;
        pause.seconds() > 0 && pause.from <= now && pause.until > self.at
    }
}

fn sum_of(market: &Market, outcome: u8) -> Result<u64> {
    let sum = market.cumulative_prices.get(usize::from(outcome));
    Ok(*sum.ok_or(LoanError::OutcomeOutOfRange)?)
}
