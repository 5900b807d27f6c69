use anchor_lang::prelude::*;
use program_kit::{increment, new_account::NewAccount, EventHeader};

use crate::{
    error::FlashError,
    state::{seeds, EventBook, Exposure, Vault, Verse, VERSION},
};

#[derive(Accounts)]
#[instruction(id: u64)]
pub struct CreateEventBook<'info> {
    #[account(mut)]
    pub operator: Signer<'info>,
    #[account(mut)]
    pub vault: AccountLoader<'info, Vault>,
    /// CHECK: created by the handler.
    #[account(
        mut,
        seeds = [seeds::EVENT_BOOK, vault.key().as_ref(), &id.to_le_bytes()],
        bump,
    )]
    pub event_book: UncheckedAccount<'info>,
    pub system_program: Program<'info, System>,
    /// The verse that the event belongs to, if it does to one.
    #[account(mut)]
    pub verse: Option<AccountLoader<'info, Verse>>,
}

#[event]
pub struct EventBookCreated {
    pub header: EventHeader,
    pub vault: Pubkey,
    pub event_book: Pubkey,
    pub id: u64,
    pub rent_payer: Pubkey,
    pub correlation_group: u64,
    pub verse: Pubkey,
}

/// Opens the book of an event, under which its markets share one cap. Whoever opens it says for good what
/// other events it depends on: those of the same group, unless that is 0; and what verse it belongs to.
pub fn handle_create_event_book(
    ctx: Context<CreateEventBook>,
    id: u64,
    correlation_group: u64,
) -> Result<()> {
    let accounts = ctx.accounts;
    let clock = Clock::get()?;
    let mut vault = accounts.vault.load_mut()?;
    vault.require_operator(&accounts.operator, clock.unix_timestamp)?;

    increment(&mut vault.event_books).map_err(FlashError::from)?;
    let verse = accounts.verse.as_ref();
    if let Some(verse) = verse {
        verse.load_mut()?.adopt(&accounts.vault.key())?;
    }
    let event_book = EventBook {
        version: VERSION,
        bump: ctx.bumps.event_book,
        id,
        vault: accounts.vault.key(),
        rent_payer: accounts.operator.key(),
        exposure: Exposure::default(),
        idle_since: clock.unix_timestamp,
        correlation_group,
        verse: verse.map(|verse| verse.key()).unwrap_or_default(),
        reserved: [0; 24],
    };
    NewAccount {
        payer: &accounts.operator,
        account: &accounts.event_book,
        system_program: &accounts.system_program,
        seeds: &[
            seeds::EVENT_BOOK,
            event_book.vault.as_ref(),
            &id.to_le_bytes(),
            &[event_book.bump],
        ],
    }
    .write(8 + EventBook::INIT_SPACE, &event_book)?;
    emit!(EventBookCreated {
        header: vault.next_event(&clock)?,
        vault: event_book.vault,
        event_book: accounts.event_book.key(),
        id,
        rent_payer: event_book.rent_payer,
        correlation_group,
        verse: event_book.verse,
    });
    Ok(())
}
