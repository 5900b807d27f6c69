use anchor_lang::prelude::*;

use crate::{error::FlashError, state::Event};

#[derive(Accounts)]
pub struct CloseEvent<'info> {
    #[account(mut, close = rent_payer, has_one = rent_payer @ FlashError::WrongAccount)]
    pub event: Account<'info, Event>,
    /// CHECK: named by the event as who paid its rent.
    #[account(mut)]
    pub rent_payer: UncheckedAccount<'info>,
}

#[event]
pub struct EventClosed {
    pub event: Pubkey,
    pub id: u64,
}

/// Closes the book of an event without markets: anybody, or who paid its rent while it never had
/// one, so that nobody can close it before its first market.
pub fn handle_close_event(ctx: Context<CloseEvent>) -> Result<()> {
    let event = &ctx.accounts.event;
    require_eq!(event.open_markets, 0, FlashError::EventInUse);
    require_eq!(event.allocated, 0, FlashError::EventInUse);
    require!(
        event.used || ctx.accounts.rent_payer.is_signer,
        FlashError::EventUnused
    );

    emit!(EventClosed {
        event: event.key(),
        id: event.id,
    });
    Ok(())
}
