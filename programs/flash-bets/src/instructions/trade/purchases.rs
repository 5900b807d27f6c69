//! Buying shares, at once or after the market's bet delay.

use anchor_lang::prelude::*;
use anchor_spl::token_interface::TokenInterface;
use market_core::TradeReceipt;
use program_kit::{EventHeader, Purse};

use super::orders::{queue, NewOrder};
use crate::{
    error::FlashError,
    state::{FlashMarket, Order, Ticket, Vault},
};

#[event]
pub struct BetPlaced {
    pub header: EventHeader,
    pub market: Pubkey,
    pub owner: Pubkey,
    /// Paid for it.
    pub payer: Pubkey,
    pub outcome: u8,
    pub order: Order,
    pub shares: u64,
    /// Base units that were paid, fee included.
    pub amount: u64,
    pub fee: u64,
    /// After the bet: what the market holds for winners, its fees, the shares of this outcome
    /// outstanding, and those of the ticket.
    pub pool_cash: u64,
    pub pool_fees: u64,
    pub outcome_sold: u64,
    pub ticket_shares: u64,
}

/// The accounts that a purchase needs, which the instruction has checked.
pub struct Purchase<'a, 'info> {
    pub payer: &'a Signer<'info>,
    pub vault: &'a AccountLoader<'info, Vault>,
    pub market: &'a AccountLoader<'info, FlashMarket>,
    pub ticket: &'a mut Account<'info, Ticket>,
    pub market_tokens: &'a AccountInfo<'info>,
    pub payer_tokens: &'a AccountInfo<'info>,
    pub pending: Option<&'a UncheckedAccount<'info>>,
    pub rent_payer: Option<&'a Signer<'info>>,
    pub token_program: &'a Interface<'info, TokenInterface>,
    pub system_program: Option<&'a Program<'info, System>>,
    pub nonce: u64,
    pub tip_lamports: u64,
}

impl Purchase<'_, '_> {
    /// Buys `outcome` for the ticket, with the payer's money; `None` if the order waits.
    ///
    /// # Errors
    /// [`FlashError::WrongAccount`] for a ticket of another market, and those of the market's hours, its
    /// curve and the order's bound.
    pub fn make(self, outcome: u8, order: Order) -> Result<Option<TradeReceipt>> {
        require_keys_eq!(
            self.ticket.market,
            self.market.key(),
            FlashError::WrongAccount
        );
        let clock = Clock::get()?;
        let now = self.vault.load()?.now(&clock);
        now.require_not_paused().map_err(FlashError::from)?;
        let mut market = self.market.load_mut()?;
        market.require_trading(&clock)?;
        require_gt!(order.size(), 0, FlashError::ZeroAmount);

        let receipt = match self.pending {
            None => {
                require_eq!(market.delay_slots, 0, FlashError::DelayRequired);
                let fill = market.trade(now, outcome, order)?;
                let receipt = TradeReceipt::from(fill);
                self.ticket.book_bought(outcome, fill)?;
                emit!(BetPlaced {
                    header: market.next_event(&clock)?,
                    market: self.ticket.market,
                    owner: self.ticket.owner,
                    payer: self.payer.key(),
                    outcome,
                    order,
                    shares: receipt.shares,
                    amount: receipt.amount,
                    fee: receipt.fee,
                    pool_cash: market.pool.cash,
                    pool_fees: market.pool.fees,
                    outcome_sold: market.pool.sold_of(outcome),
                    ticket_shares: self.ticket.holdings.of(outcome),
                });
                Some(receipt)
            }
            Some(account) => {
                let new = NewOrder {
                    placer: self.payer,
                    account,
                    rent_payer: self.rent_payer,
                    system_program: self.system_program,
                    outcome,
                    nonce: self.nonce,
                    order,
                    tip_lamports: self.tip_lamports,
                };
                queue(&mut market, self.ticket, new, &clock)?;
                None
            }
        };
        drop(market);
        let amount = receipt.map_or_else(|| order.escrow(), |receipt| receipt.amount);
        let purse = Purse::new(self.market, self.market_tokens, self.token_program)?;
        purse.receive(self.payer_tokens, self.payer, amount)?;
        Ok(receipt)
    }
}
