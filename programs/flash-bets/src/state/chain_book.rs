use anchor_lang::prelude::*;
use market_core::{difference, sum};
use program_kit::{decrement, increment};

use crate::{error::FlashError, state::MAX_OUTCOMES};

/// What open chains have on one market. Address: seeds `chain-book`, market.
///
/// An account of its own, so that no bet waits for a chain or the other way round.
#[account(zero_copy)]
#[derive(Debug)]
#[repr(C)]
pub struct ChainBook {
    pub version: u8,
    pub bump: u8,
    pub padding: [u8; 2],
    /// Legs of open chains whose result no chain has taken yet.
    pub open_legs: u32,
    pub market: Pubkey,
    /// Gets the rent on close.
    pub rent_payer: Pubkey,
    /// Base units that those chains would be paid, each whole.
    pub payouts: u64,
    /// Shares of each outcome that the vault is short of by them: the next chain is priced on the curve
    /// after their purchase.
    pub delta_shares: [u64; MAX_OUTCOMES],
    pub reserved: [u8; 64],
}

const _: () = assert!(core::mem::size_of::<ChainBook>() == 224);

impl ChainBook {
    /// Counts a leg of a chain with this payout.
    ///
    /// # Errors
    /// `OutcomeOutOfRange`, [`FlashError::Overflow`].
    pub fn open_leg(
        &mut self,
        outcome: u8,
        shares: u64,
        payout: u64,
    ) -> core::result::Result<(), FlashError> {
        increment(&mut self.open_legs)?;
        self.payouts = sum([self.payouts, payout])?;
        let delta = self.delta_of(outcome)?;
        *delta = sum([*delta, shares])?;
        Ok(())
    }

    /// Takes a leg off that a chain has the result of, or needs no more.
    ///
    /// # Errors
    /// `OutcomeOutOfRange`, [`FlashError::Overflow`].
    pub fn close_leg(
        &mut self,
        outcome: u8,
        shares: u64,
        payout: u64,
    ) -> core::result::Result<(), FlashError> {
        decrement(&mut self.open_legs)?;
        self.payouts = difference(self.payouts, payout)?;
        let delta = self.delta_of(outcome)?;
        *delta = difference(*delta, shares)?;
        Ok(())
    }

    fn delta_of(&mut self, outcome: u8) -> core::result::Result<&mut u64, FlashError> {
        self.delta_shares
            .get_mut(usize::from(outcome))
            .ok_or(FlashError::OutcomeOutOfRange)
    }
}
