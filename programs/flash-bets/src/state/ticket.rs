use anchor_lang::prelude::*;
use market_core::{Fill, Held, Holdings};
use program_kit::{decrement, increment, Claim};

use crate::{error::FlashError, state::Order};

/// For how long after the settlement only its owner settles a held ticket, in seconds.
#[constant]
pub const TICKET_HOLD_SECONDS: i64 = 24 * 60 * 60;

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
    /// Whether only its owner settles it, for [`TICKET_HOLD_SECONDS`] after the settlement: programs hold
    /// tickets for others, and have to see what they were paid.
    pub is_held: bool,
    pub market: Pubkey,
    pub owner: Pubkey,
    /// Gets the rent on close.
    pub rent_payer: Pubkey,
    pub reserved: [u8; 17],
    /// The cost is what was paid for it, by whomever, less what cash-outs returned.
    pub holdings: Holdings,
}

impl Ticket {
    /// Whose shares the data of an account hold; `None` if it is no ticket.
    pub fn held(data: &[u8]) -> Option<Held<'_>> {
        const MARKET_AT: usize = 2 + 4 + 1;
        const HOLDINGS_AT: usize = MARKET_AT + 3 * 32 + 17;
        let fields = data.strip_prefix(Self::DISCRIMINATOR)?;
        Held::in_fields(fields, MARKET_AT, HOLDINGS_AT)
    }

    /// Bytes of a ticket of a market with `outcomes` outcomes, discriminator included.
    pub const fn space(outcomes: usize) -> usize {
        const FIXED: usize = 8 + 2 + 4 + 1 + 3 * 32 + 17;
        Holdings::space(outcomes).saturating_add(FIXED)
    }

    /// Books what was bought for it.
    ///
    /// # Errors
    /// `OutcomeOutOfRange`, `Overflow`.
    pub fn book_bought(&mut self, outcome: u8, fill: Fill) -> core::result::Result<(), FlashError> {
        self.holdings.add(outcome, fill.shares)?;
        Ok(self.holdings.book_paid(fill.amount.0)?)
    }

    /// Counts an order that is to wait.
    ///
    /// # Errors
    /// `Overflow`.
    pub fn pending_opened(&mut self, order: Order) -> core::result::Result<(), FlashError> {
        if order.is_sale() {
            increment(&mut self.pending_sales)?;
        }
        Ok(())
    }

    /// Counts an order that has ended.
    ///
    /// # Errors
    /// `Overflow`.
    pub fn pending_closed(&mut self, order: Order) -> core::result::Result<(), FlashError> {
        if order.is_sale() {
            decrement(&mut self.pending_sales)?;
        }
        Ok(())
    }
}

impl Claim for Ticket {
    fn parties(&self) -> [Pubkey; 3] {
        [self.market, self.owner, self.rent_payer]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_read_where_they_are_written() {
        let ticket = Ticket {
            version: 1,
            bump: 2,
            pending_sales: 3,
            is_held: true,
            market: Pubkey::new_unique(),
            owner: Pubkey::new_unique(),
            rent_payer: Pubkey::new_unique(),
            reserved: [7; 17],
            holdings: Holdings {
                cost_basis: -5,
                shares: vec![3, u64::MAX],
            },
        };
        let mut data = Vec::new();
        ticket.try_serialize(&mut data).unwrap();
        let held = Ticket::held(&data).unwrap();
        assert_eq!(held.market, ticket.market.as_array());
        assert_eq!(held.owner, ticket.owner.as_array());
        assert_eq!(held.shares, ticket.holdings.shares);
        assert_eq!(Ticket::held(&data[1..]), None);
        assert_eq!(Ticket::held(&data[..data.len() - 1]), None);
    }
}
