use anchor_lang::prelude::*;

use crate::error::LoanError;

/// For how long new loans are stopped by what the chain shows, after it shows it for the last time.
#[constant]
pub const COOLING_SECONDS: i64 = 15 * 60;

/// The part of a pool's money that is lent which stops its loans, basis points.
#[constant]
pub const TRIPPING_UTILISATION: u16 = 9_500;

/// Whether new loans are made. Nothing that reduces or ends a loan looks at it.
#[zero_copy]
#[derive(Debug)]
#[repr(C)]
pub struct Breaker {
    /// Unix seconds from which no loans are made, and from which they are again; 0 if that is not.
    pub tripped_at: i64,
    pub released_from: i64,
}

impl Breaker {
    /// # Errors
    /// [`LoanError::ReduceOnly`] at `now`, unix seconds.
    pub fn require_normal(&self, now: i64) -> Result<()> {
        let is_released = self.released_from != 0 && now >= self.released_from;
        require!(self.tripped_at == 0 || is_released, LoanError::ReduceOnly);
        Ok(())
    }

    /// Stops new loans from `now` on. A release that is set is taken back.
    ///
    /// # Errors
    /// [`LoanError::AlreadyTripped`].
    pub fn trip(&mut self, now: i64) -> Result<()> {
        let is_tripped = self.tripped_at != 0 && self.released_from == 0;
        require!(!is_tripped, LoanError::AlreadyTripped);
        *self = Self {
            tripped_at: now,
            released_from: 0,
        };
        Ok(())
    }

    /// Stops new loans from `now` on for [`COOLING_SECONDS`], for what the chain shows; returns the second in which
    /// they are made again, or nothing if they are stopped for as long already.
    pub fn cool(&mut self, now: i64) -> Option<i64> {
        let until = now.saturating_add(COOLING_SECONDS);
        let is_longer = self.tripped_at == 0 || (1..until).contains(&self.released_from);
        is_longer.then(|| {
            *self = Self {
                tripped_at: now,
                released_from: until,
            };
            until
        })
    }

    /// Lets loans be made again from a second on.
    ///
    /// # Errors
    /// [`LoanError::NotTripped`] if nothing is stopped, or its end is set already.
    pub fn release(&mut self, from: i64) -> Result<()> {
        let is_tripped = self.tripped_at != 0 && self.released_from == 0;
        require!(is_tripped, LoanError::NotTripped);
        self.released_from = from;
        Ok(())
    }
}
