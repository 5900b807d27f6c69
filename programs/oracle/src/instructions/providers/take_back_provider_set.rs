use anchor_lang::prelude::*;
use program_kit::INSTRUCTIONS_SYSVAR;

use crate::{
    error::OracleError,
    instructions::published::Withdrawal,
    state::{seeds, OracleConfig, ProviderSet},
};

/// Of `retire_provider_set` and `suspend_provider_set`.
#[derive(Accounts)]
pub struct TakeBackProviderSet<'info> {
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

/// Takes the provider set from new markets.
pub fn handle_retire_provider_set(ctx: Context<TakeBackProviderSet>) -> Result<()> {
    ctx.accounts.withdrawal().retire()
}

/// Ends whatever stands on the provider set.
pub fn handle_suspend_provider_set(ctx: Context<TakeBackProviderSet>) -> Result<()> {
    ctx.accounts.withdrawal().suspend()
}

impl<'info> TakeBackProviderSet<'info> {
    fn withdrawal(&self) -> Withdrawal<'_, 'info, ProviderSet> {
        Withdrawal {
            authority: &self.authority,
            config: &self.config,
            instructions: &self.instructions,
            published: &self.provider_set,
        }
    }
}
