use anchor_lang::prelude::*;
use program_kit::new_account::NewAccount;

use crate::state::{seeds, Event, Vault, VERSION};

#[derive(Accounts)]
#[instruction(id: u64)]
pub struct CreateEvent<'info> {
    #[account(mut)]
    pub operator: Signer<'info>,
    pub vault: AccountLoader<'info, Vault>,
    /// CHECK: created by the handler.
    #[account(
        mut,
        seeds = [seeds::EVENT, vault.key().as_ref(), &id.to_le_bytes()],
        bump,
    )]
    pub event: UncheckedAccount<'info>,
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

    let event = Event {
        version: VERSION,
        bump: ctx.bumps.event,
        open_markets: 0,
        id,
        vault: accounts.vault.key(),
        allocated: 0,
        rent_payer: accounts.operator.key(),
        used: false,
        reserved: [0; 31],
    };
    NewAccount {
        payer: &accounts.operator,
        account: &accounts.event,
        system_program: &accounts.system_program,
        seeds: &[
            seeds::EVENT,
            event.vault.as_ref(),
            &id.to_le_bytes(),
            &[event.bump],
        ],
    }
    .write(8 + Event::INIT_SPACE, &event)?;
    emit!(EventCreated {
        vault: accounts.vault.key(),
        event: accounts.event.key(),
        id,
    });
    Ok(())
}
