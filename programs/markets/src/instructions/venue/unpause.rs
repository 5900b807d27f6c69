use anchor_lang::prelude::*;
use oracle::{governance::refuse_durable_nonce, OracleConfig};

use crate::{error::MarketError, state::Venue};

#[derive(Accounts)]
pub struct Unpause<'info> {
    pub admin: Signer<'info>,
    /// The oracle's configuration. Its type proves it.
    #[account(has_one = admin @ MarketError::NotAdmin)]
    pub config: Account<'info, OracleConfig>,
    #[account(mut)]
    pub venue: AccountLoader<'info, Venue>,
    /// CHECK: the instructions sysvar; its loader checks the address.
    pub instructions: UncheckedAccount<'info>,
}

#[event]
pub struct VenueUnpaused {
    pub venue: Pubkey,
    /// Unix seconds from which the pause is over.
    pub active_from: i64,
}

/// Ends a pause once the timelock has passed.
pub fn handle_unpause(ctx: Context<Unpause>) -> Result<()> {
    let accounts = ctx.accounts;
    refuse_durable_nonce(&accounts.instructions)?;
    let now = Clock::get()?.unix_timestamp;
    let mut venue = accounts.venue.load_mut()?;
    require!(venue.is_paused(now), MarketError::VenueNotPaused);

    venue.unpause_from = accounts.config.active_from(now)?;
    emit!(VenueUnpaused {
        venue: accounts.venue.key(),
        active_from: venue.unpause_from,
    });
    Ok(())
}
