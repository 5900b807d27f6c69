use anchor_lang::{prelude::*, Discriminator};

use crate::{
    error::FlashError,
    state::{Risk, Verse, MAX_VERSE_DEPTH},
};

/// The verses among the remaining accounts of an instruction: each once, in any order, all writable.
#[derive(Clone, Copy)]
pub struct Verses<'info>(&'info [AccountInfo<'info>]);

impl<'info> Verses<'info> {
    pub fn of(accounts: &'info [AccountInfo<'info>]) -> Self {
        Self(accounts)
    }

    /// The accounts before the first verse, and the verses.
    pub fn split(
        remaining: &'info [AccountInfo<'info>],
    ) -> (&'info [AccountInfo<'info>], Verses<'info>) {
        let is_verse = |account: &AccountInfo| {
            let data = account.try_borrow_data();
            *account.owner == crate::ID
                && data.is_ok_and(|data| data.starts_with(Verse::DISCRIMINATOR))
        };
        let first = remaining.iter().position(is_verse);
        let (before, verses) = remaining.split_at(first.unwrap_or(remaining.len()));
        (before, Self(verses))
    }

    /// From the verse of an event up to the root; nothing for the default address.
    ///
    /// # Errors
    /// [`FlashError::VerseMissing`] if one is not among the accounts, `AccountNotMutable`.
    pub fn path(&self, lowest: Pubkey) -> Result<Vec<AccountLoader<'info, Verse>>> {
        let mut path = Vec::with_capacity(MAX_VERSE_DEPTH.into());
        let mut next = lowest;
        while next != Pubkey::default() {
            let account = self.0.iter().find(|account| *account.key == next);
            let verse = account.ok_or(FlashError::VerseMissing)?;
            let verse = AccountLoader::<Verse>::try_from(verse)?;
            next = verse.load_mut()?.parent;
            path.push(verse);
        }
        Ok(path)
    }

    /// Counts a risk on every level, within the cap of each, or on none.
    ///
    /// # Errors
    /// [`FlashError::VerseCapExceeded`], [`FlashError::VerseChainsExceeded`], those of [`Self::path`].
    pub fn add(&self, lowest: Pubkey, risk: Risk) -> Result<()> {
        let path = self.path(lowest)?;
        for verse in &path {
            verse.load()?.require_room(risk)?;
        }
        for verse in &path {
            verse.load_mut()?.add(risk)?;
        }
        Ok(())
    }

    /// Takes a risk off every level.
    ///
    /// # Errors
    /// `Overflow` if less is at risk, those of [`Self::path`].
    pub fn take(&self, lowest: Pubkey, risk: Risk) -> Result<()> {
        for verse in self.path(lowest)? {
            verse.load_mut()?.take(risk)?;
        }
        Ok(())
    }
}
