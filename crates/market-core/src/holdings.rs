//! The shares of one owner in one market.

use math::Shares;

use crate::error::CoreError;

/// An owner's account, as far as its shares go.
#[derive(Debug)]
pub struct Holdings<'a> {
    /// Shares of each outcome.
    pub shares: &'a mut [u64],
    /// What they cost less what they returned, base units.
    pub cost_basis: &'a mut i64,
}

impl Holdings<'_> {
    /// # Errors
    /// `OutcomeOutOfRange`, `Overflow`.
    pub fn add(&mut self, outcome: u8, shares: Shares) -> Result<(), CoreError> {
        let held = self.of(outcome)?;
        *held = held.checked_add(shares.0).ok_or(CoreError::Overflow)?;
        Ok(())
    }

    /// # Errors
    /// `OutcomeOutOfRange`, `NotEnoughShares`.
    pub fn take(&mut self, outcome: u8, shares: Shares) -> Result<(), CoreError> {
        let held = self.of(outcome)?;
        *held = held
            .checked_sub(shares.0)
            .ok_or(CoreError::NotEnoughShares)?;
        Ok(())
    }

    /// Adds shares of each outcome.
    ///
    /// # Errors
    /// `Overflow`.
    pub fn add_each(&mut self, shares: impl IntoIterator<Item = u64>) -> Result<(), CoreError> {
        for (held, more) in self.shares.iter_mut().zip(shares) {
            *held = held.checked_add(more).ok_or(CoreError::Overflow)?;
        }
        Ok(())
    }

    /// Takes complete sets.
    ///
    /// # Errors
    /// `NotEnoughShares`.
    pub fn take_sets(&mut self, sets: u64) -> Result<(), CoreError> {
        for held in self.shares.iter_mut() {
            *held = held.checked_sub(sets).ok_or(CoreError::NotEnoughShares)?;
        }
        Ok(())
    }

    /// Books what shares cost, base units.
    ///
    /// # Errors
    /// `Overflow`.
    pub fn book_paid(&mut self, amount: u64) -> Result<(), CoreError> {
        *self.cost_basis = self
            .cost_basis
            .checked_add_unsigned(amount)
            .ok_or(CoreError::Overflow)?;
        Ok(())
    }

    /// Books what shares returned, base units.
    ///
    /// # Errors
    /// `Overflow`.
    pub fn book_received(&mut self, amount: u64) -> Result<(), CoreError> {
        *self.cost_basis = self
            .cost_basis
            .checked_sub_unsigned(amount)
            .ok_or(CoreError::Overflow)?;
        Ok(())
    }

    pub fn is_empty(&self) -> bool {
        self.shares.iter().all(|held| *held == 0)
    }

    fn of(&mut self, outcome: u8) -> Result<&mut u64, CoreError> {
        self.shares
            .get_mut(usize::from(outcome))
            .ok_or(CoreError::OutcomeOutOfRange)
    }
}
