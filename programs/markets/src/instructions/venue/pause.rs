use anchor_lang::prelude::*;
use oracle::{governance::require_admin_or_guardian, OracleConfig};
use program_kit::{refuse_durable_nonce, EventHeader, INSTRUCTIONS_SYSVAR};

use crate::{error::MarketError, state::Venue};

#[derive(Accounts)]
pub struct Pause<'info> {
    pub authority: Signer<'info>,
    /// The oracle's configuration. Its type proves it.
    pub config: Account<'info, OracleConfig>,
    #[account(mut)]
    pub venue: AccountLoader<'info, Venue>,
    /// CHECK: the instructions sysvar.
    #[account(address = INSTRUCTIONS_SYSVAR)]
    pub instructions: UncheckedAccount<'info>,
}

#[event]
pub struct VenuePaused {
    pub header: EventHeader,
    pub venue: Pubkey,
    pub authority: Pubkey,
}

/// Stops new risk at once, and ends a pending unpause. Exits stay open.
pub fn handle_pause(ctx: Context<Pause>) -> Result<()> {
    let accounts = ctx.accounts;
    refuse_durable_nonce(&accounts.instructions).map_err(MarketError::from)?;
    require_admin_or_guardian(&accounts.config, &accounts.authority)?;

    let mut venue = accounts.venue.load_mut()?;
    let clock = Clock::get()?;
    venue.pauses.pause(clock.unix_timestamp);
    emit!(VenuePaused {
        header: venue.next_event(&clock)?,
        venue: accounts.venue.key(),
        authority: accounts.authority.key(),
    });
    Ok(())
}
