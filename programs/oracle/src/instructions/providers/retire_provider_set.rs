use anchor_lang::prelude::*;
use program_kit::{EventHeader, INSTRUCTIONS_SYSVAR};

use crate::{
    error::OracleError,
    governance::{refuse_durable_nonce, require_admin_or_guardian},
    state::{seeds, OracleConfig, ProviderSet},
};

#[derive(Accounts)]
pub struct RetireProviderSet<'info> {
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
pub struct ProviderSetRetired {
    pub header: EventHeader,
    pub authority: Pubkey,
    pub provider_set: Pubkey,
}

/// For good, and only for new markets: those that have it are served to their end.
pub fn handle_retire_provider_set(ctx: Context<RetireProviderSet>) -> Result<()> {
    refuse_durable_nonce(&ctx.accounts.instructions)?;
    require_admin_or_guardian(&ctx.accounts.config, &ctx.accounts.authority)?;
    let mut provider_set = ctx.accounts.provider_set.load_mut()?;
    require!(provider_set.retired == 0, OracleError::ProviderSetRetired);

    provider_set.retired = 1;
    emit!(ProviderSetRetired {
        header: provider_set.next_event(&Clock::get()?)?,
        authority: ctx.accounts.authority.key(),
        provider_set: ctx.accounts.provider_set.key(),
    });
    Ok(())
}
