use anchor_lang::prelude::*;
use anchor_spl::token_interface::TokenInterface;
use flash_bets::{
    program::FlashBets,
    state::{OrderResult, PendingOrder},
};
use program_kit::{EventHeader, Purse};

use crate::{
    error::OrderError,
    state::{seeds, Desk, DeskOrder, OrderSide},
};

#[derive(Accounts)]
pub struct BookSlice<'info> {
    #[account(mut)]
    pub desk: AccountLoader<'info, Desk>,
    #[account(mut, has_one = desk @ OrderError::WrongAccount)]
    pub order: Account<'info, DeskOrder>,
    /// What stayed of the order that the desk placed in the market for this one.
    #[account(
        mut,
        has_one = rent_payer @ OrderError::WrongRentReceiver,
        constraint = pending.market == desk.load()?.market @ OrderError::WrongAccount,
        constraint = pending.placer == desk.key() @ OrderError::WrongAccount,
        constraint = pending.nonce == DeskOrder::slice_nonce(&order.key()) @ OrderError::WrongAccount,
    )]
    pub pending: Account<'info, PendingOrder>,
    /// CHECK: placed the slice and paid its rent, which it gets with the order's tip.
    #[account(mut)]
    pub rent_payer: UncheckedAccount<'info>,
    /// The desk's, or where it was: it may be settled, of a market that was a day ago.
    ///
    /// CHECK: as said.
    pub desk_position: UncheckedAccount<'info>,
    /// CHECK: named by the desk.
    pub desk_tokens: UncheckedAccount<'info>,
    pub token_program: Interface<'info, TokenInterface>,
    pub flash_bets_program: Program<'info, FlashBets>,
}

#[event]
pub struct SliceBooked {
    pub header: EventHeader,
    pub desk: Pubkey,
    pub market: Pubkey,
    pub order: Pubkey,
    pub owner: Pubkey,
    /// Placed it; got the tip.
    pub rent_payer: Pubkey,
    pub side: OrderSide,
    pub outcome: u8,
    pub result: OrderResult,
    pub tip_lamports: u64,
    /// After it: what is not filled yet, and when the next slice is due.
    pub left: u64,
    pub next_at: i64,
    /// Base units of all orders after it, and shares of this outcome.
    pub desk_cash: u64,
    pub desk_shares: u64,
}

/// Books how a slice ended, as the market's program wrote it down. The market may be closed.
pub fn handle_book_slice(ctx: Context<BookSlice>) -> Result<()> {
    let accounts = ctx.accounts;
    let clock = Clock::get()?;
    let tip = accounts.book(&clock)?;
    accounts.close_receipt()?;
    accounts.order.sub_lamports(tip)?;
    accounts.rent_payer.add_lamports(tip)?;
    accounts.require_shares()?;
    let (desk, tokens) = (&accounts.desk, &accounts.desk_tokens);
    Purse::new(desk, tokens, &accounts.token_program)?.assert_backed()
}

impl BookSlice<'_> {
    /// Returns the tip, lamports.
    fn book(&mut self, clock: &Clock) -> Result<u64> {
        let result = self.pending.kept().ok_or(OrderError::SliceWaiting)?;
        let order = &mut self.order;
        let mut desk = self.desk.load_mut()?;
        let tip = desk.book_slice(order, result, clock)?;
        emit!(SliceBooked {
            header: desk.next_event(clock)?,
            desk: order.desk,
            market: desk.market,
            order: order.key(),
            owner: order.owner,
            rent_payer: self.rent_payer.key(),
            side: order.side,
            outcome: order.outcome,
            result,
            tip_lamports: tip,
            left: order.left,
            next_at: order.next_at,
            desk_cash: desk.cash,
            desk_shares: desk.shares_held(order.outcome),
        });
        Ok(tip)
    }

    fn close_receipt(&self) -> Result<()> {
        let (market, bump) = {
            let desk = self.desk.load()?;
            (desk.market, [desk.bump])
        };
        let close = flash_bets::cpi::accounts::CloseReceipt {
            placer: self.desk.to_account_info(),
            pending: self.pending.to_account_info(),
            rent_payer: self.rent_payer.to_account_info(),
        };
        let signer: &[&[&[u8]]] = &[&seeds::of_desk(&market, &bump)];
        let program = self.flash_bets_program.key();
        flash_bets::cpi::close_receipt(CpiContext::new_with_signer(program, close, signer))
    }

    /// What was bought is in the desk's ticket, unless that is settled.
    fn require_shares(&self) -> Result<()> {
        let (desk, position) = (self.desk.load()?, &self.desk_position);
        if *position.owner == flash_bets::ID {
            return desk.require_shares(&self.desk.key(), position);
        }
        desk.require_position_is_gone(&self.desk.key(), position)
    }
}
