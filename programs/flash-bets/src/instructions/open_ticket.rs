use anchor_lang::prelude::*;

use crate::{
    error::FlashError,
    state::{seeds, FlashMarket, Ticket, VERSION},
};

#[derive(Accounts)]
pub struct OpenTicket<'info> {
    #[account(mut)]
    pub owner: Signer<'info>,
    #[account(mut)]
    pub market: AccountLoader<'info, FlashMarket>,
    #[account(
        init,
        payer = owner,
        space = Ticket::space(usize::from(market.load()?.pool.outcomes)),
        seeds = [seeds::TICKET, market.key().as_ref(), owner.key().as_ref()],
        bump,
    )]
    pub ticket: Account<'info, Ticket>,
    pub system_program: Program<'info, System>,
}

/// Opens the account that holds the owner's shares in one market, once.
pub fn handle_open_ticket(ctx: Context<OpenTicket>) -> Result<()> {
    let accounts = ctx.accounts;
    let mut market = accounts.market.load_mut()?;
    market.require_open()?;

    market.open_tickets = market
        .open_tickets
        .checked_add(1)
        .ok_or(FlashError::Overflow)?;
    accounts.ticket.set_inner(Ticket {
        version: VERSION,
        bump: ctx.bumps.ticket,
        pending_bets: 0,
        market: accounts.market.key(),
        owner: accounts.owner.key(),
        cost_basis: 0,
        shares: vec![0; usize::from(market.pool.outcomes)],
    });
    Ok(())
}
