use anchor_lang::prelude::*;
use math::Shares;

use crate::error::MarketError;

/// What may be done with a position's shares.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq, InitSpace)]
#[repr(u8)]
pub enum PositionKind {
    /// Everything.
    Tradable,
    /// They wait for the result. An L2 curve gives them back with its liquidity: its prices sum to
    /// more than one, so whoever sold them to it would be paid more than they are worth together.
    RedeemOnly,
}

/// What one owner holds in one market. Address: seeds `position`, market, owner, kind.
///
/// 103 bytes for a market of two outcomes. The rent goes to the owner, whoever paid it.
#[account]
#[derive(Debug)]
pub struct Position {
    pub version: u8,
    pub bump: u8,
    pub kind: PositionKind,
    pub market: Pubkey,
    pub owner: Pubkey,
    /// What the shares cost less what sales returned, base units.
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

impl Position {
    /// Bytes of a position in a market with `outcomes` outcomes, discriminator included.
    pub fn space(outcomes: usize) -> usize {
        8 + 3 + 32 + 32 + 8 + 4 + 8 * outcomes
    }

    /// # Errors
    /// [`MarketError::PositionRedeemOnly`].
    pub fn require_tradable(&self) -> Result<()> {
        require!(
            self.kind == PositionKind::Tradable,
            MarketError::PositionRedeemOnly
        );
        Ok(())
    }

    /// # Errors
    /// [`MarketError::OutcomeOutOfRange`], [`MarketError::Overflow`].
    pub fn add(&mut self, outcome: u8, shares: Shares) -> Result<()> {
        let held = self.held_mut(outcome)?;
        *held = held.checked_add(shares.0).ok_or(MarketError::Overflow)?;
        Ok(())
    }

    /// # Errors
    /// [`MarketError::OutcomeOutOfRange`], [`MarketError::NotEnoughShares`].
    pub fn take(&mut self, outcome: u8, shares: Shares) -> Result<()> {
        let held = self.held_mut(outcome)?;
        *held = held
            .checked_sub(shares.0)
            .ok_or(MarketError::NotEnoughShares)?;
        Ok(())
    }

    /// Adds shares of each outcome.
    ///
    /// # Errors
    /// [`MarketError::Overflow`].
    pub fn add_each(&mut self, shares: impl IntoIterator<Item = u64>) -> Result<()> {
        for (held, more) in self.shares.iter_mut().zip(shares) {
            *held = held.checked_add(more).ok_or(MarketError::Overflow)?;
        }
        Ok(())
    }

    /// Takes complete sets.
    ///
    /// # Errors
    /// [`MarketError::NotEnoughShares`].
    pub fn take_sets(&mut self, sets: u64) -> Result<()> {
        for held in &mut self.shares {
            *held = held.checked_sub(sets).ok_or(MarketError::NotEnoughShares)?;
        }
        Ok(())
    }

    /// Books what shares cost.
    ///
    /// # Errors
    /// [`MarketError::Overflow`].
    pub fn book_paid(&mut self, amount: u64) -> Result<()> {
        self.cost_basis = self
            .cost_basis
            .checked_add_unsigned(amount)
            .ok_or(MarketError::Overflow)?;
        Ok(())
    }

    /// Books what shares returned.
    ///
    /// # Errors
    /// [`MarketError::Overflow`].
    pub fn book_received(&mut self, amount: u64) -> Result<()> {
        self.cost_basis = self
            .cost_basis
            .checked_sub_unsigned(amount)
            .ok_or(MarketError::Overflow)?;
        Ok(())
    }

    fn held_mut(&mut self, outcome: u8) -> Result<&mut u64> {
        self.shares
            .get_mut(usize::from(outcome))
            .ok_or_else(|| error!(MarketError::OutcomeOutOfRange))
    }
}
