use anchor_lang::prelude::*;
use program_kit::{decrement, EventHeader};

use crate::{
    error::FlashError,
    instructions::EVENT_BOOK_IDLE_SECONDS,
    state::{Vault, Verse},
};

#[derive(Accounts)]
pub struct CloseVerse<'info> {
    /// The operator, or anybody once the verse has been idle for a day.
    pub authority: Signer<'info>,
    #[account(mut)]
    pub vault: AccountLoader<'info, Vault>,
    /// The one above; none of a root.
    #[account(mut)]
    pub parent: Option<AccountLoader<'info, Verse>>,
    #[account(
        mut,
        close = rent_payer,
        has_one = vault @ FlashError::WrongAccount,
        has_one = rent_payer @ FlashError::WrongRentReceiver,
    )]
    pub verse: AccountLoader<'info, Verse>,
    /// CHECK: named by the verse as who paid its rent.
    #[account(mut)]
    pub rent_payer: UncheckedAccount<'info>,
}

#[event]
pub struct VerseClosed {
    pub header: EventHeader,
    pub vault: Pubkey,
    pub verse: Pubkey,
    pub id: u64,
}

/// Closes a verse that nothing names: the operator, or anybody a day after the last that did.
pub fn handle_close_verse(ctx: Context<CloseVerse>) -> Result<()> {
    let clock = Clock::get()?;
    let now = clock.unix_timestamp;
    let accounts = ctx.accounts;
    let verse = accounts.verse.load()?;
    require_eq!(verse.children, 0, FlashError::VerseInUse);
    let mut vault = accounts.vault.load_mut()?;
    let is_operator = accounts.authority.key() == vault.operator.at(now);
    let is_idle = now.saturating_sub(verse.idle_since) >= EVENT_BOOK_IDLE_SECONDS;
    require!(is_operator || is_idle, FlashError::VerseNotIdle);
    let parent = accounts.parent.as_ref();
    let above = parent.map(|parent| parent.key()).unwrap_or_default();
    require_keys_eq!(above, verse.parent, FlashError::VerseMissing);
    if let Some(parent) = parent {
        parent.load_mut()?.release(now)?;
    }
    decrement(&mut vault.verses).map_err(FlashError::from)?;
    emit!(VerseClosed {
        header: vault.next_event(&clock)?,
        vault: accounts.vault.key(),
        verse: accounts.verse.key(),
        id: verse.id,
    });
    Ok(())
}
