use anchor_lang::prelude::*;
use program_kit::{EventHeader, INSTRUCTIONS_SYSVAR};

use crate::{
    error::OracleError,
    governance::{refuse_durable_nonce, require_admin_or_guardian},
    state::{seeds, OracleConfig, ProviderSet},
};

#[derive(Accounts)]
pub struct SuspendProviderSet<'info> {
    pub authority: Signer<'info>,
    #[account(seeds = [seeds::CONFIG], bump = config.bump)]
    pub config: Account<'info, OracleConfig>,
    #[account(mut)]
    pub provider_set: AccountLoader<'info, ProviderSet>,
    /// The instructions sysvar.
    ///
    /// CHECK: by its address.
    #[account(address = INSTRUCTIONS_SYSVAR @ OracleError::WrongAccount)]
    pub instructions: UncheckedAccount<'info>,
}

#[event]
pub struct ProviderSetSuspended {
    pub header: EventHeader,
    pub authority: Pubkey,
    pub provider_set: Pubkey,
}

/// For good: what was suspended comes back only as a new proposal, which waits for the timelock.
pub fn handle_suspend_provider_set(ctx: Context<SuspendProviderSet>) -> Result<()> {
    refuse_durable_nonce(&ctx.accounts.instructions)?;
    require_admin_or_guardian(&ctx.accounts.config, &ctx.accounts.authority)?;
    let mut provider_set = ctx.accounts.provider_set.load_mut()?;
    require!(
        provider_set.suspended == 0,
        OracleError::ProviderSetSuspended
    );

    provider_set.suspended = 1;
    emit!(ProviderSetSuspended {
        header: provider_set.next_event(&Clock::get()?)?,
        authority: ctx.accounts.authority.key(),
        provider_set: ctx.accounts.provider_set.key(),
    });
    Ok(())
}
