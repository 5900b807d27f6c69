use anchor_lang::prelude::*;
use anchor_spl::token_interface::TokenInterface;
use markets::state::Venue;
use program_kit::{decrement, EventHeader, Purse};

use crate::{
    error::OrderError,
    state::{Batch, Desk},
};

#[derive(Accounts)]
pub struct CloseBatch<'info> {
    #[account(mut, has_one = venue @ OrderError::WrongAccount)]
    pub desk: AccountLoader<'info, Desk>,
    #[account(
        mut,
        close = rent_payer,
        has_one = desk @ OrderError::WrongAccount,
        has_one = rent_payer @ OrderError::WrongRentReceiver,
    )]
    pub batch: Box<Account<'info, Batch>>,
    /// CHECK: named by the batch; gets its rent.
    #[account(mut)]
    pub rent_payer: UncheckedAccount<'info>,
    pub venue: AccountLoader<'info, Venue>,
    /// CHECK: checked to be the venue's of now.
    pub treasury: UncheckedAccount<'info>,
    /// CHECK: the treasury's associated token account; anything if nothing is due.
    #[account(mut)]
    pub treasury_tokens: UncheckedAccount<'info>,
    /// CHECK: named by the desk.
    #[account(mut)]
    pub desk_tokens: UncheckedAccount<'info>,
    pub token_program: Interface<'info, TokenInterface>,
}

#[event]
pub struct BatchClosed {
    pub header: EventHeader,
    pub desk: Pubkey,
    pub market: Pubkey,
    pub batch: Pubkey,
    /// Base units of bonds that nobody revealed for.
    pub treasury: Pubkey,
    pub treasury_got: u64,
    /// After it.
    pub desk_cash: u64,
}

/// Closes a batch whose orders are all returned, and pays the treasury its part of the bonds.
pub fn handle_close_batch(ctx: Context<CloseBatch>) -> Result<()> {
    let accounts = ctx.accounts;
    let clock = Clock::get()?;
    require!(accounts.batch.is_done(), OrderError::BatchNotDone);
    require_eq!(accounts.batch.open_orders, 0, OrderError::BatchInUse);
    let treasury = accounts.venue.load()?.treasury.at(clock.unix_timestamp);
    require_keys_eq!(accounts.treasury.key(), treasury, OrderError::WrongAccount);
    let due = accounts.batch.treasury_due;
    let mut desk = accounts.desk.load_mut()?;
    desk.take(0, due, 0)?;
    decrement(&mut desk.open_orders).map_err(OrderError::from)?;
    emit!(BatchClosed {
        header: desk.next_event(&clock)?,
        desk: accounts.desk.key(),
        market: desk.market,
        batch: accounts.batch.key(),
        treasury,
        treasury_got: due,
        desk_cash: desk.cash,
    });
    drop(desk);
    let (desk, tokens) = (&accounts.desk, &accounts.desk_tokens);
    let purse = Purse::new(desk, tokens, &accounts.token_program)?;
    purse.pay_owner(&accounts.treasury, &accounts.treasury_tokens, None, due)
}
