use anchor_lang::prelude::*;
use program_kit::{EventHeader, INSTRUCTIONS_SYSVAR};

use crate::{
    error::OracleError,
    governance::{refuse_durable_nonce, require_admin_or_guardian},
    state::{seeds, OracleConfig, ProviderSet},
};

#[derive(Accounts)]
pub struct CancelProviderSet<'info> {
    pub authority: Signer<'info>,
    #[account(seeds = [seeds::CONFIG], bump = config.bump)]
    pub config: Account<'info, OracleConfig>,
    #[account(
        mut,
        close = rent_payer,
        constraint = provider_set.load()?.rent_payer == rent_payer.key() @ OracleError::WrongRentReceiver,
    )]
    pub provider_set: AccountLoader<'info, ProviderSet>,
    /// Who paid the rent, as the provider set says.
    ///
    /// CHECK: by the constraint of the provider set.
    #[account(mut)]
    pub rent_payer: UncheckedAccount<'info>,
    /// The instructions sysvar.
    ///
    /// CHECK: by its address.
    #[account(address = INSTRUCTIONS_SYSVAR @ OracleError::WrongAccount)]
    pub instructions: UncheckedAccount<'info>,
}

#[event]
pub struct ProviderSetCancelled {
    pub header: EventHeader,
    pub authority: Pubkey,
    pub provider_set: Pubkey,
}

/// Only before the provider set is active, so that nothing can refer to it yet.
pub fn handle_cancel_provider_set(ctx: Context<CancelProviderSet>) -> Result<()> {
    refuse_durable_nonce(&ctx.accounts.instructions)?;
    require_admin_or_guardian(&ctx.accounts.config, &ctx.accounts.authority)?;
    let clock = Clock::get()?;
    let mut provider_set = ctx.accounts.provider_set.load_mut()?;
    require_gt!(
        provider_set.active_from,
        clock.unix_timestamp,
        OracleError::AlreadyActive
    );

    emit!(ProviderSetCancelled {
        header: provider_set.next_event(&clock)?,
        authority: ctx.accounts.authority.key(),
        provider_set: ctx.accounts.provider_set.key(),
    });
    Ok(())
}
