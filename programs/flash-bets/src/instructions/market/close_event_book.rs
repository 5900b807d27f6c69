use anchor_lang::prelude::*;
use program_kit::{decrement, EventHeader};

use crate::{
    error::FlashError,
    state::{EventBook, Vault, Verse},
};

/// Seconds without a market after which anybody may close an event's book.
#[constant]
pub const EVENT_BOOK_IDLE_SECONDS: i64 = 24 * 60 * 60;

#[derive(Accounts)]
pub struct CloseEventBook<'info> {
    /// The operator, or anybody once the book has been idle for a day.
    pub authority: Signer<'info>,
    #[account(mut)]
    pub vault: AccountLoader<'info, Vault>,
    #[account(
        mut,
        close = rent_payer,
        has_one = vault @ FlashError::WrongAccount,
        has_one = rent_payer @ FlashError::WrongAccount,
    )]
    pub event_book: Account<'info, EventBook>,
    /// CHECK: named by the book as who paid its rent.
    #[account(mut)]
    pub rent_payer: UncheckedAccount<'info>,
    /// That of the event, if it has one.
    #[account(mut)]
    pub verse: Option<AccountLoader<'info, Verse>>,
}

#[event]
pub struct EventBookClosed {
    pub header: EventHeader,
    pub vault: Pubkey,
    pub event_book: Pubkey,
    pub id: u64,
}

/// Closes the book of an event without markets: the operator, or anybody a day after the last one,
/// so that nobody else closes it between two of them.
pub fn handle_close_event_book(ctx: Context<CloseEventBook>) -> Result<()> {
    let accounts = ctx.accounts;
    let clock = Clock::get()?;
    let now = clock.unix_timestamp;
    let event_book = &accounts.event_book;
    require!(event_book.exposure.is_empty(), FlashError::EventInUse);
    let mut vault = accounts.vault.load_mut()?;
    let idle_seconds = now.saturating_sub(event_book.idle_since);
    let is_operator = accounts.authority.key() == vault.operator.at(now);
    require!(
        is_operator || idle_seconds >= EVENT_BOOK_IDLE_SECONDS,
        FlashError::EventNotIdle
    );

    let verse = accounts.verse.as_ref();
    let given = verse.map(|verse| verse.key()).unwrap_or_default();
    require_keys_eq!(given, event_book.verse, FlashError::VerseMissing);
    if let Some(verse) = verse {
        verse.load_mut()?.release(now)?;
    }
    decrement(&mut vault.event_books).map_err(FlashError::from)?;
    emit!(EventBookClosed {
        header: vault.next_event(&clock)?,
        vault: event_book.vault,
        event_book: event_book.key(),
        id: event_book.id,
    });
    Ok(())
}
