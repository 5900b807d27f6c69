use anchor_lang::prelude::*;
use oracle::OracleConfig;
use program_kit::{refuse_durable_nonce, EventHeader, INSTRUCTIONS_SYSVAR};

use crate::{error::MarketError, state::Venue};

#[derive(Accounts)]
pub struct Unpause<'info> {
    pub admin: Signer<'info>,
    /// The oracle's configuration. Its type proves it.
    #[account(has_one = admin @ MarketError::NotAdmin)]
    pub config: Account<'info, OracleConfig>,
    #[account(mut)]
    pub venue: AccountLoader<'info, Venue>,
    /// CHECK: the instructions sysvar.
    #[account(address = INSTRUCTIONS_SYSVAR)]
    pub instructions: UncheckedAccount<'info>,
}

#[event]
pub struct VenueUnpaused {
    pub header: EventHeader,
    pub venue: Pubkey,
    /// Unix seconds from which the pause is over.
    pub active_from: i64,
}

/// Ends a pause once the timelock has passed.
pub fn handle_unpause(ctx: Context<Unpause>) -> Result<()> {
    let accounts = ctx.accounts;
    refuse_durable_nonce(&accounts.instructions).map_err(MarketError::from)?;
    let clock = Clock::get()?;
    let now = clock.unix_timestamp;
    let mut venue = accounts.venue.load_mut()?;
    let active_from = accounts.config.active_from(now)?;
    venue
        .pauses
        .propose_unpause(now, active_from)
        .map_err(MarketError::from)?;
    emit!(VenueUnpaused {
        header: venue.next_event(&clock)?,
        venue: accounts.venue.key(),
        active_from,
    });
    Ok(())
}
