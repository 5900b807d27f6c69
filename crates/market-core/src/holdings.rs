//! The shares of one owner in one market.

use alloc::{vec, vec::Vec};

use borsh::BorshDeserialize;
use math::Shares;

#[cfg(not(feature = "idl-build"))]
use crate::amount_list;
use crate::error::CoreError;

/// An owner's account, as far as its shares go. The last field of that account: how long it is
/// depends on the market.
#[cfg_attr(feature = "idl-build", derive(anchor_lang::AnchorSerialize))]
#[cfg_attr(not(feature = "idl-build"), derive(borsh::BorshSerialize))]
#[derive(BorshDeserialize, Clone, Debug, PartialEq, Eq)]
pub struct Holdings {
    /// What the shares cost less what they returned, base units.
    pub cost_basis: i64,
    /// Shares of each outcome.
    // Written in one piece, the bytes of a plain list: so much the IDL says, which knows no such attribute.
    #[cfg_attr(
        not(feature = "idl-build"),
        borsh(
            serialize_with = "amount_list::write",
            deserialize_with = "amount_list::read"
        )
    )]
    pub shares: Vec<u64>,
}

/// Whose shares of which market an account holds, read without the rest of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held<'a> {
    pub market: &'a [u8; 32],
    pub owner: &'a [u8; 32],
    pub shares: Vec<u64>,
}

impl<'a> Held<'a> {
    /// Of the fields of an account with its market at `market_at`, the owner after it, and its [`Holdings`] at
    /// `holdings_at`; `None` if there is less.
    pub fn in_fields(fields: &'a [u8], market_at: usize, holdings_at: usize) -> Option<Self> {
        let (market, rest) = fields.get(market_at..)?.split_first_chunk()?;
        let holdings = Holdings::deserialize(&mut fields.get(holdings_at..)?);
        Some(Self {
            market,
            owner: rest.first_chunk()?,
            shares: holdings.ok()?.shares,
        })
    }
}

impl Holdings {
    /// Nothing of each of so many outcomes.
    pub fn none(outcomes: usize) -> Self {
        Self {
            cost_basis: 0,
            shares: vec![0; outcomes],
        }
    }

    /// Bytes of the holdings in a market with `outcomes` outcomes.
    pub const fn space(outcomes: usize) -> usize {
        outcomes.saturating_mul(8).saturating_add(8 + 4)
    }

    /// Shares of an outcome; 0 of one that does not exist.
    pub fn of(&self, outcome: u8) -> u64 {
        self.shares.get(usize::from(outcome)).copied().unwrap_or(0)
    }

    /// # Errors
    /// `OutcomeOutOfRange`, `Overflow`.
    pub fn add(&mut self, outcome: u8, shares: Shares) -> Result<(), CoreError> {
        let held = self.of_mut(outcome)?;
        *held = held.checked_add(shares.0).ok_or(CoreError::Overflow)?;
        Ok(())
    }

    /// # Errors
    /// `OutcomeOutOfRange`, `NotEnoughShares`.
    pub fn take(&mut self, outcome: u8, shares: Shares) -> Result<(), CoreError> {
        let held = self.of_mut(outcome)?;
        *held = held
            .checked_sub(shares.0)
            .ok_or(CoreError::NotEnoughShares)?;
        Ok(())
    }

    /// Takes `shares` of an outcome, and of the cost what is theirs by number, rounded towards 0;
    /// returns that part of the cost, base units.
    ///
    /// # Errors
    /// `OutcomeOutOfRange`, `NotEnoughShares`, `Overflow`.
    pub fn take_with_cost(&mut self, outcome: u8, shares: Shares) -> Result<i64, CoreError> {
        let all: u128 = self.shares.iter().copied().map(u128::from).sum();
        self.take(outcome, shares)?;
        let cost = i128::try_from(all)
            .ok()
            .and_then(|all| {
                i128::from(self.cost_basis)
                    .checked_mul(shares.0.into())?
                    .checked_div(all)
            })
            .and_then(|cost| i64::try_from(cost).ok())
            .ok_or(CoreError::Overflow)?;
        self.cost_basis = self
            .cost_basis
            .checked_sub(cost)
            .ok_or(CoreError::Overflow)?;
        Ok(cost)
    }

    /// Gives `shares` of an outcome to another owner, to whom they cost nothing, so that nobody's gift keeps
    /// him from buying; returns the part of the cost that left the books, base units.
    ///
    /// # Errors
    /// Those of [`Self::take_with_cost`].
    pub fn give(
        &mut self,
        receiver: &mut Self,
        outcome: u8,
        shares: Shares,
    ) -> Result<i64, CoreError> {
        let cost = self.take_with_cost(outcome, shares)?;
        receiver.add(outcome, shares)?;
        Ok(cost)
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
        for held in &mut self.shares {
            *held = held.checked_sub(sets).ok_or(CoreError::NotEnoughShares)?;
        }
        Ok(())
    }

    /// Books what shares cost, base units.
    ///
    /// # Errors
    /// `Overflow`.
    pub fn book_paid(&mut self, amount: u64) -> Result<(), CoreError> {
        self.cost_basis = self
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
        self.cost_basis = self
            .cost_basis
            .checked_sub_unsigned(amount)
            .ok_or(CoreError::Overflow)?;
        Ok(())
    }

    pub fn is_empty(&self) -> bool {
        self.shares.iter().all(|held| *held == 0)
    }

    fn of_mut(&mut self, outcome: u8) -> Result<&mut u64, CoreError> {
        self.shares
            .get_mut(usize::from(outcome))
            .ok_or(CoreError::OutcomeOutOfRange)
    }
}
