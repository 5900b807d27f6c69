use anchor_lang::prelude::*;
use program_kit::EventHeader;

use crate::{
    error::FlashError,
    state::{FlashMarket, Ticket},
};

#[derive(Accounts)]
pub struct HoldTicket<'info> {
    pub owner: Signer<'info>,
    #[account(mut)]
    pub market: AccountLoader<'info, FlashMarket>,
    #[account(
        mut,
        has_one = market @ FlashError::WrongAccount,
        has_one = owner @ FlashError::WrongAccount,
    )]
    pub ticket: Account<'info, Ticket>,
}

#[event]
pub struct TicketHeld {
    pub header: EventHeader,
    pub market: Pubkey,
    pub owner: Pubkey,
}

/// Keeps others from settling a ticket for a day after the settlement. Programs that hold it for others
/// learn so what it was paid, before the market can be closed.
pub fn handle_hold_ticket(ctx: Context<HoldTicket>) -> Result<()> {
    let accounts = ctx.accounts;
    let mut market = accounts.market.load_mut()?;
    market.settlement.require_open().map_err(FlashError::from)?;
    accounts.ticket.is_held = true;
    emit!(TicketHeld {
        header: market.next_event(&Clock::get()?)?,
        market: accounts.ticket.market,
        owner: accounts.ticket.owner,
    });
    Ok(())
}
