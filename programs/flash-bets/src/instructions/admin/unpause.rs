use anchor_lang::prelude::*;
use program_kit::EventHeader;

use super::govern::Govern;
use crate::error::FlashError;

#[event]
pub struct VaultUnpaused {
    pub header: EventHeader,
    pub vault: Pubkey,
    pub authority: Pubkey,
    /// Unix seconds from which the pause is over.
    pub active_from: i64,
}

/// Ends a pause once the timelock has passed.
pub fn handle_unpause(ctx: Context<Govern>) -> Result<()> {
    let clock = Clock::get()?;
    let now = clock.unix_timestamp;
    let accounts = ctx.accounts;
    accounts.require_admin()?;
    let active_from = accounts.config.active_from(now)?;

    let mut vault = accounts.vault.load_mut()?;
    vault
        .pauses
        .propose_unpause(now, active_from)
        .map_err(FlashError::from)?;
    emit!(VaultUnpaused {
        header: vault.next_event(&clock)?,
        vault: accounts.vault.key(),
        authority: accounts.authority.key(),
        active_from,
    });
    Ok(())
}
