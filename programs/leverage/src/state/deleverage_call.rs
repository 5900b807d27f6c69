use anchor_lang::prelude::*;
use markets::state::Venue;
use math::Price;

use crate::{error::LoanError, state::PriceMark};

/// For how long owners reduce their debts themselves after a call, and until when anybody sells what they
/// did not; seconds since the call.
#[constant]
pub const CALL_NOTICE_SECONDS: i64 = 10 * 60;
#[constant]
pub const CALL_LASTS_SECONDS: i64 = 20 * 60;

/// The last call on all loans against an outcome to shrink by the same factor.
#[zero_copy]
#[derive(Debug)]
#[repr(C)]
pub struct DeleverageCall {
    /// How many calls there were.
    pub number: u32,
    pub outcome: u8,
    pub padding: [u8; 3],
    /// Part of each debt that may stay, Q1.63.
    pub debt_factor: u64,
    /// Unix second and slot of it, and the market's sum of the outcome's prices, which an average since then
    /// starts from.
    pub called_at: i64,
    pub called_slot: u64,
    pub called_sum: u64,
    /// Of all loans against the outcome then.
    pub shares: u64,
    pub debt_shares: u64,
}

impl DeleverageCall {
    /// Whether it is on: not too old, and the venue was not paused since.
    pub fn stands(&self, venue: &Venue, now: i64) -> bool {
        let until = self.called_at.saturating_add(CALL_LASTS_SECONDS);
        self.number > 0 && now < until && !self.mark().was_paused(venue, now)
    }

    /// Calls on all loans against an outcome, so many shares and debt shares, from a moment on.
    ///
    /// # Errors
    /// `Overflow`.
    pub fn next(
        &self,
        mark: PriceMark,
        outcome: u8,
        [shares, debt_shares]: [u64; 2],
        debt_factor: Price,
    ) -> Result<Self> {
        Ok(Self {
            number: self.number.checked_add(1).ok_or(LoanError::Overflow)?,
            outcome,
            padding: [0; 3],
            debt_factor: debt_factor.0,
            called_at: mark.at,
            called_slot: mark.slot,
            called_sum: mark.sum,
            shares,
            debt_shares,
        })
    }

    /// The moment of it.
    pub fn mark(&self) -> PriceMark {
        PriceMark {
            slot: self.called_slot,
            at: self.called_at,
            sum: self.called_sum,
        }
    }

    /// What may stay of debt shares against an outcome that stood at the call, rounded up.
    ///
    /// # Errors
    /// `Overflow`.
    pub fn kept(&self, outcome: u8, debt_shares: u64) -> Result<u64> {
        if outcome != self.outcome {
            return Ok(u64::MAX);
        }
        let kept = Price(self.debt_factor).of_ceil(debt_shares);
        Ok(kept.map_err(LoanError::from)?)
    }
}
