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
}

impl Exposure {
    /// Counts a new market with its funding.
    ///
    /// # Errors
    /// [`FlashError::Overflow`].
    pub fn open(&mut self, funding: u64) -> Result<()> {
        self.allocated = sum([self.allocated, funding]).map_err(FlashError::from)?;
        increment(&mut self.open_markets).map_err(FlashError::from)?;
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

    /// Whether nothing of it is left.
    pub fn is_empty(&self) -> bool {
        self.allocated == 0 && self.open_markets == 0
    }
}
