use anchor_lang::prelude::*;
use market_core::{Fill, Holdings};

use crate::{error::FlashError, state::Order};

/// What one owner holds in one market. Address: seeds `ticket`, market, owner.
///
/// 156 bytes for a market of two outcomes.
#[account]
#[derive(Debug)]
pub struct Ticket {
    pub version: u8,
    pub bump: u8,
    /// Orders that wait to sell shares of it; the ticket is settled after they are done. Purchases do
    /// not count: anybody may place them for it.
    pub pending_sales: u32,
    pub market: Pubkey,
    pub owner: Pubkey,
    /// Gets the rent on close.
    pub rent_payer: Pubkey,
    /// Stakes less what cash-outs returned, base units.
    pub cost_basis: i64,
    pub reserved: [u8; 18],
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
    #[expect(
        clippy::arithmetic_side_effects,
        reason = "a market has at most 10 outcomes"
    )]
    pub fn space(outcomes: usize) -> usize {
        8 + 2 + 4 + 32 + 32 + 32 + 8 + 18 + 4 + 8 * outcomes
    }

    /// Shares of an outcome; 0 of one that does not exist.
    pub fn shares_of(&self, outcome: u8) -> u64 {
        self.shares.get(usize::from(outcome)).copied().unwrap_or(0)
    }

    /// The shares and what they cost.
    pub fn holdings(&mut self) -> Holdings<'_> {
        Holdings {
            shares: &mut self.shares,
            cost_basis: &mut self.cost_basis,
        }
    }

    /// Books what was bought for it.
    ///
    /// # Errors
    /// `OutcomeOutOfRange`, `Overflow`.
    pub fn book_bought(&mut self, outcome: u8, fill: Fill) -> core::result::Result<(), FlashError> {
        let mut holdings = self.holdings();
        holdings.add(outcome, fill.shares)?;
        Ok(holdings.book_paid(fill.amount.0)?)
    }

    /// Counts an order that is to wait.
    ///
    /// # Errors
    /// `Overflow`.
    pub fn pending_opened(&mut self, order: Order) -> core::result::Result<(), FlashError> {
        if order.is_sale() {
            let more = self.pending_sales.checked_add(1);
            self.pending_sales = more.ok_or(FlashError::Overflow)?;
        }
        Ok(())
    }

    /// Counts an order that has ended.
    ///
    /// # Errors
    /// `Overflow`.
    pub fn pending_closed(&mut self, order: Order) -> core::result::Result<(), FlashError> {
        if order.is_sale() {
            let fewer = self.pending_sales.checked_sub(1);
            self.pending_sales = fewer.ok_or(FlashError::Overflow)?;
        }
        Ok(())
    }
}
