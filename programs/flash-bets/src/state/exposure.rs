use anchor_lang::prelude::*;
use market_core::{difference, sum};
use program_kit::{decrement, increment};

use crate::error::FlashError;

/// What the vault has at risk on something that several markets share.
#[derive(
    AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, Default, PartialEq, Eq, InitSpace,
)]
pub struct Exposure {
    /// Base units that the vault has put into the markets and not got back.
    pub allocated: u64,
    /// Markets that are not closed yet.
    pub open_markets: u32,
    /// Base units that open chains with a leg on it would be paid, each whole.
    pub chain_payouts: u64,
}

impl Exposure {
    /// Counts a new market or group with its funding, if no more is at risk then than `cap`.
    ///
    /// # Errors
    /// [`FlashError::Overflow`], `exceeded`.
    pub fn open(&mut self, funding: u64, cap: u64, exceeded: FlashError) -> Result<()> {
        self.allocated = sum([self.allocated, funding]).map_err(FlashError::from)?;
        increment(&mut self.open_markets).map_err(FlashError::from)?;
        require_gte!(cap, self.at_risk()?, exceeded);
        Ok(())
    }

    /// Frees the funding of a settled market.
    ///
    /// # Errors
    /// [`FlashError::Overflow`].
    pub fn release(&mut self, funding: u64) -> Result<()> {
        self.allocated = difference(self.allocated, funding).map_err(FlashError::from)?;
        Ok(())
    }

    /// Takes a market off that is closed.
    ///
    /// # Errors
    /// [`FlashError::Overflow`].
    pub fn close(&mut self) -> Result<()> {
        decrement(&mut self.open_markets).map_err(FlashError::from)?;
        Ok(())
    }

    /// Base units at risk, in markets and by chains.
    ///
    /// # Errors
    /// `Overflow`.
    pub fn at_risk(&self) -> core::result::Result<u64, FlashError> {
        Ok(sum([self.allocated, self.chain_payouts])?)
    }

    /// Counts a chain with a leg on it, with the whole payout.
    ///
    /// # Errors
    /// [`FlashError::Overflow`].
    pub fn open_chain(&mut self, payout: u64) -> core::result::Result<(), FlashError> {
        self.chain_payouts = sum([self.chain_payouts, payout])?;
        Ok(())
    }

    /// Takes a chain off whose leg on it has ended.
    ///
    /// # Errors
    /// [`FlashError::Overflow`].
    pub fn close_chain(&mut self, payout: u64) -> core::result::Result<(), FlashError> {
        self.chain_payouts = difference(self.chain_payouts, payout)?;
        Ok(())
    }

    /// Whether nothing of it is left.
    pub fn is_empty(&self) -> bool {
        self.allocated == 0 && self.open_markets == 0 && self.chain_payouts == 0
    }
}
