use anchor_lang::prelude::*;
use program_kit::new_account::NewAccount;

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
    /// CHECK: created by the handler.
    #[account(
        mut,
        seeds = [seeds::TICKET, market.key().as_ref(), owner.key().as_ref()],
        bump,
    )]
    pub ticket: UncheckedAccount<'info>,
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
    let outcomes = usize::from(market.pool.outcomes);
    let ticket = Ticket {
        version: VERSION,
        bump: ctx.bumps.ticket,
        pending_bets: 0,
        market: accounts.market.key(),
        owner: accounts.owner.key(),
        cost_basis: 0,
        shares: vec![0; outcomes],
    };
    NewAccount {
        payer: &accounts.owner,
        account: &accounts.ticket,
        system_program: &accounts.system_program,
        seeds: &[
            seeds::TICKET,
            ticket.market.as_ref(),
            ticket.owner.as_ref(),
            &[ticket.bump],
        ],
    }
    .write(Ticket::space(outcomes), &ticket)
}
