use anchor_lang::prelude::*;

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
    /// CHECK: named by the provider set as who paid its rent.
    #[account(mut)]
    pub rent_payer: UncheckedAccount<'info>,
    /// CHECK: the instructions sysvar; its loader checks the address.
    pub instructions: UncheckedAccount<'info>,
}

#[event]
pub struct ProviderSetCancelled {
    pub authority: Pubkey,
    pub provider_set: Pubkey,
}

/// Only before the provider set is active, so that nothing can refer to it yet.
pub fn handle_cancel_provider_set(ctx: Context<CancelProviderSet>) -> Result<()> {
    refuse_durable_nonce(&ctx.accounts.instructions)?;
    require_admin_or_guardian(&ctx.accounts.config, &ctx.accounts.authority)?;
    require!(
        Clock::get()?.unix_timestamp < ctx.accounts.provider_set.load()?.active_from,
        OracleError::AlreadyActive
    );

    emit!(ProviderSetCancelled {
        authority: ctx.accounts.authority.key(),
        provider_set: ctx.accounts.provider_set.key(),
    });
    Ok(())
}
