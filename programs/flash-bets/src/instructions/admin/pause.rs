use anchor_lang::prelude::*;
use program_kit::EventHeader;

use super::govern::Govern;

#[event]
pub struct VaultPaused {
    pub header: EventHeader,
    pub vault: Pubkey,
    pub authority: Pubkey,
}

/// Stops new risk at once, and ends a pending unpause. Exits stay open.
pub fn handle_pause(ctx: Context<Govern>) -> Result<()> {
    let clock = Clock::get()?;
    let accounts = ctx.accounts;
    accounts.require_admin_or_guardian(clock.unix_timestamp)?;

    let mut vault = accounts.vault.load_mut()?;
    vault.pauses.pause(clock.unix_timestamp);
    emit!(VaultPaused {
        header: vault.next_event(&clock)?,
        vault: accounts.vault.key(),
        authority: accounts.authority.key(),
    });
    Ok(())
}
