use anchor_lang::prelude::*;
use oracle::{
    governance::{refuse_durable_nonce, require_admin_or_guardian},
    OracleConfig,
};

use crate::state::Venue;

#[derive(Accounts)]
pub struct Pause<'info> {
    pub authority: Signer<'info>,
    /// The oracle's configuration. Its type proves it.
    pub config: Account<'info, OracleConfig>,
    #[account(mut)]
    pub venue: AccountLoader<'info, Venue>,
    /// CHECK: the instructions sysvar; its loader checks the address.
    pub instructions: UncheckedAccount<'info>,
}

#[event]
pub struct VenuePaused {
    pub venue: Pubkey,
    pub authority: Pubkey,
}

/// Stops new risk at once, and ends a pending unpause. Exits stay open.
pub fn handle_pause(ctx: Context<Pause>) -> Result<()> {
    let accounts = ctx.accounts;
    refuse_durable_nonce(&accounts.instructions)?;
    require_admin_or_guardian(&accounts.config, &accounts.authority)?;

    let mut venue = accounts.venue.load_mut()?;
    venue.paused = 1;
    venue.unpause_from = 0;
    emit!(VenuePaused {
        venue: accounts.venue.key(),
        authority: accounts.authority.key(),
    });
    Ok(())
}
