use anchor_lang::prelude::*;
use markets::state::Venue;
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
    /// The average price up to a later one; `None` in the same slot, and if the venue was paused between them:
    /// prices had no weight then.
    ///
    /// # Errors
    /// `Overflow`.
    pub fn average(&self, later: &Self, venue: &Venue) -> Result<Option<Price>> {
        let slots = later.slot.saturating_sub(self.slot);
        if slots == 0 || self.was_paused(venue, later.at) {
            return Ok(None);
        }
        let average = twap(self.sum, later.sum, slots);
        Ok(Some(average.map_err(LoanError::from)?))
    }

    /// Whether the venue has been paused since then, up to `now`, unix seconds.
    pub fn was_paused(&self, venue: &Venue, now: i64) -> bool {
        let [pause, ..] = venue.pauses.latest;
        pause.seconds() > 0 && pause.from <= now && pause.until > self.at
    }
}
