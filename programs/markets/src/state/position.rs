use anchor_lang::prelude::*;
use market_core::Holdings;

use crate::error::MarketError;

/// For how long after the settlement only its owner redeems a held position, in seconds.
#[constant]
pub const HOLD_SECONDS: i64 = 7 * 24 * 60 * 60;

/// What one owner holds in one market. Address: seeds `position`, market, owner.
///
/// 159 bytes for a market of two outcomes. The rent goes to who paid it.
#[account]
#[derive(Debug)]
pub struct Position {
    pub version: u8,
    pub bump: u8,
    /// Whether only its owner redeems it, for [`HOLD_SECONDS`] after the settlement: programs hold
    /// positions for others, and have to see what they were paid.
    pub is_held: bool,
    pub market: Pubkey,
    /// May be an address of another program.
    pub owner: Pubkey,
    pub rent_payer: Pubkey,
    /// What the owner paid for the shares less what sales returned, base units. Shares that somebody
    /// else paid for or gave cost it nothing.
    pub cost_basis: i64,
    pub reserved: [u8; 24],
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
        const FIXED: usize = 8 + 3 + 3 * 32 + 8 + 24 + 4;
        outcomes.saturating_mul(8).saturating_add(FIXED)
    }

    pub fn holdings(&mut self) -> Holdings<'_> {
        Holdings {
            shares: &mut self.shares,
            cost_basis: &mut self.cost_basis,
        }
    }

    pub fn is_empty(&self) -> bool {
        self.shares.iter().all(|held| *held == 0)
    }

    /// Takes `shares` of an outcome, and of the cost what is theirs by number, rounded towards 0;
    /// returns that part of the cost, base units.
    ///
    /// # Errors
    /// `OutcomeOutOfRange`, `NotEnoughShares`, [`MarketError::Overflow`].
    pub fn take_with_cost(&mut self, outcome: u8, shares: u64) -> Result<i64> {
        let all = self
            .shares
            .iter()
            .try_fold(0u128, |sum, held| sum.checked_add(u128::from(*held)))
            .and_then(|sum| i128::try_from(sum).ok())
            .ok_or(MarketError::Overflow)?;
        self.holdings()
            .take(outcome, market_core::Shares(shares))
            .map_err(MarketError::from)?;
        let cost = i128::from(self.cost_basis)
            .checked_mul(i128::from(shares))
            .and_then(|product| product.checked_div(all))
            .and_then(|cost| i64::try_from(cost).ok())
            .ok_or(MarketError::Overflow)?;
        self.cost_basis = self
            .cost_basis
            .checked_sub(cost)
            .ok_or(MarketError::Overflow)?;
        Ok(cost)
    }
}
