use anchor_lang::prelude::*;
use program_kit::INSTRUCTIONS_SYSVAR;

use crate::{
    error::OracleError,
    instructions::published::Withdrawal,
    state::{seeds, OracleConfig, VerifyingKey},
};

/// Of `retire_verifying_key` and `suspend_verifying_key`.
#[derive(Accounts)]
pub struct TakeBackVerifyingKey<'info> {
    pub authority: Signer<'info>,
    #[account(seeds = [seeds::CONFIG], bump = config.bump)]
    pub config: Account<'info, OracleConfig>,
    #[account(mut)]
    pub verifying_key: AccountLoader<'info, VerifyingKey>,
    /// The instructions sysvar.
    ///
    /// CHECK: by its address.
    #[account(address = INSTRUCTIONS_SYSVAR @ OracleError::WrongAccount)]
    pub instructions: UncheckedAccount<'info>,
}

/// Takes the verifying key from new markets.
pub fn handle_retire_verifying_key(ctx: Context<TakeBackVerifyingKey>) -> Result<()> {
    ctx.accounts.withdrawal().retire()
}

/// Ends whatever stands on the verifying key.
pub fn handle_suspend_verifying_key(ctx: Context<TakeBackVerifyingKey>) -> Result<()> {
    ctx.accounts.withdrawal().suspend()
}

impl<'info> TakeBackVerifyingKey<'info> {
    fn withdrawal(&self) -> Withdrawal<'_, 'info, VerifyingKey> {
        Withdrawal {
            authority: &self.authority,
            config: &self.config,
            instructions: &self.instructions,
            published: &self.verifying_key,
        }
    }
}
