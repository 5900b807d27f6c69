use anchor_lang::prelude::*;
use program_kit::EventHeader;

use crate::{
    error::OrderError,
    state::{Desk, DeskOrder},
};

#[derive(Accounts)]
pub struct CancelOrder<'info> {
    pub owner: Signer<'info>,
    #[account(mut)]
    pub desk: AccountLoader<'info, Desk>,
    #[account(
        mut,
        has_one = desk @ OrderError::WrongAccount,
        has_one = owner @ OrderError::WrongAccount,
    )]
    pub order: Account<'info, DeskOrder>,
}

#[event]
pub struct OrderCancelled {
    pub header: EventHeader,
    pub desk: Pubkey,
    pub market: Pubkey,
    pub order: Pubkey,
    pub owner: Pubkey,
    /// What is not filled yet, and what of that is in the market.
    pub left: u64,
    pub in_flight: u64,
}

/// Has an order expire. Its owner need not wait for the slice that is in the market, nor hurry once it is
/// booked, before somebody sends another: anybody returns it then.
pub fn handle_cancel_order(ctx: Context<CancelOrder>) -> Result<()> {
    let accounts = ctx.accounts;
    let clock = Clock::get()?;
    let order = &mut accounts.order;
    order.cancel(clock.unix_timestamp);
    let mut desk = accounts.desk.load_mut()?;
    emit!(OrderCancelled {
        header: desk.next_event(&clock)?,
        desk: order.desk,
        market: desk.market,
        order: order.key(),
        owner: order.owner,
        left: order.left,
        in_flight: order.in_flight.map_or(0, |slice| slice.amount),
    });
    Ok(())
}
