use anchor_lang::prelude::*;

use crate::state::{seeds, Event, Vault, VERSION};

#[derive(Accounts)]
#[instruction(id: u64)]
pub struct CreateEvent<'info> {
    #[account(mut)]
    pub operator: Signer<'info>,
    pub vault: AccountLoader<'info, Vault>,
    #[account(
        init,
        payer = operator,
        space = 8 + Event::INIT_SPACE,
        seeds = [seeds::EVENT, vault.key().as_ref(), &id.to_le_bytes()],
        bump,
    )]
    pub event: Account<'info, Event>,
    pub system_program: Program<'info, System>,
}

#[event]
pub struct EventCreated {
    pub vault: Pubkey,
    pub event: Pubkey,
    pub id: u64,
}

/// Opens the book of an event, under which its markets share one cap.
pub fn handle_create_event(ctx: Context<CreateEvent>, id: u64) -> Result<()> {
    let accounts = ctx.accounts;
    accounts
        .vault
        .load()?
        .require_operator(&accounts.operator, Clock::get()?.unix_timestamp)?;

    accounts.event.set_inner(Event {
        version: VERSION,
        bump: ctx.bumps.event,
        open_markets: 0,
        id,
        vault: accounts.vault.key(),
        allocated: 0,
        rent_payer: accounts.operator.key(),
        reserved: [0; 32],
    });
    emit!(EventCreated {
        vault: accounts.vault.key(),
        event: accounts.event.key(),
        id,
    });
    Ok(())
}
