use anchor_lang::prelude::*;
use program_kit::INSTRUCTIONS_SYSVAR;

use crate::{
    error::OracleError,
    instructions::published::Withdrawal,
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
        constraint = provider_set.load()?.standing.rent_payer == rent_payer.key() @ OracleError::WrongRentReceiver,
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

/// Withdraws a provider set before it is active.
pub fn handle_cancel_provider_set(ctx: Context<CancelProviderSet>) -> Result<()> {
    let accounts = ctx.accounts;
    Withdrawal {
        authority: &accounts.authority,
        config: &accounts.config,
        instructions: &accounts.instructions,
        published: &accounts.provider_set,
    }
    .cancel()
}
