use anchor_lang::prelude::*;
use math::Shares;

use crate::error::FlashError;

/// What one owner holds in one market. Address: seeds `ticket`, market, owner.
///
/// 104 bytes for a market of two outcomes. The owner pays the rent and gets it back.
#[account]
#[derive(Debug)]
pub struct Ticket {
    pub version: u8,
    pub bump: u8,
    /// Orders of the owner that wait; the ticket is settled after they are done.
    pub pending_bets: u16,
    pub market: Pubkey,
    pub owner: Pubkey,
    /// Stakes less what cash-outs returned, base units.
    pub cost_basis: i64,
    /// Shares of each outcome.
    // Written in one piece, the bytes of a plain list: so much the IDL says, which knows no such attribute.
    #[cfg_attr(
        not(feature = "idl-build"),
        borsh(
            serialize_with = "program_kit::amounts::write",
            deserialize_with = "program_kit::amounts::read"
        )
    )]
    pub shares: Vec<u64>,
}

impl Ticket {
    /// Bytes of a ticket of a market with `outcomes` outcomes, discriminator included.
    pub fn space(outcomes: usize) -> usize {
        8 + 2 + 2 + 32 + 32 + 8 + 4 + 8 * outcomes
    }

    /// # Errors
    /// [`FlashError::OutcomeOutOfRange`], [`FlashError::Overflow`].
    pub fn add(&mut self, outcome: u8, shares: Shares) -> Result<()> {
        let held = self.held_mut(outcome)?;
        *held = held.checked_add(shares.0).ok_or(FlashError::Overflow)?;
        Ok(())
    }

    /// # Errors
    /// [`FlashError::OutcomeOutOfRange`], [`FlashError::NotEnoughShares`].
    pub fn take(&mut self, outcome: u8, shares: Shares) -> Result<()> {
        let held = self.held_mut(outcome)?;
        *held = held
            .checked_sub(shares.0)
            .ok_or(FlashError::NotEnoughShares)?;
        Ok(())
    }

    /// Books a stake.
    ///
    /// # Errors
    /// [`FlashError::Overflow`].
    pub fn book_paid(&mut self, amount: u64) -> Result<()> {
        self.cost_basis = self
            .cost_basis
            .checked_add_unsigned(amount)
            .ok_or(FlashError::Overflow)?;
        Ok(())
    }

    /// Books what a cash-out returned.
    ///
    /// # Errors
    /// [`FlashError::Overflow`].
    pub fn book_received(&mut self, amount: u64) -> Result<()> {
        self.cost_basis = self
            .cost_basis
            .checked_sub_unsigned(amount)
            .ok_or(FlashError::Overflow)?;
        Ok(())
    }

    /// # Errors
    /// [`FlashError::Overflow`].
    pub fn pending_opened(&mut self) -> Result<()> {
        self.pending_bets = self
            .pending_bets
            .checked_add(1)
            .ok_or(FlashError::Overflow)?;
        Ok(())
    }

    /// # Errors
    /// [`FlashError::Overflow`].
    pub fn pending_closed(&mut self) -> Result<()> {
        self.pending_bets = self
            .pending_bets
            .checked_sub(1)
            .ok_or(FlashError::Overflow)?;
        Ok(())
    }

    fn held_mut(&mut self, outcome: u8) -> Result<&mut u64> {
        self.shares
            .get_mut(usize::from(outcome))
            .ok_or_else(|| error!(FlashError::OutcomeOutOfRange))
    }
}
