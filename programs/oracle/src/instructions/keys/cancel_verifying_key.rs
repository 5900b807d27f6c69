use anchor_lang::prelude::*;
use program_kit::INSTRUCTIONS_SYSVAR;

use crate::{
    error::OracleError,
    instructions::published::Withdrawal,
    state::{seeds, OracleConfig, VerifyingKey},
};

#[derive(Accounts)]
pub struct CancelVerifyingKey<'info> {
    pub authority: Signer<'info>,
    #[account(seeds = [seeds::CONFIG], bump = config.bump)]
    pub config: Account<'info, OracleConfig>,
    #[account(
        mut,
        close = rent_payer,
        constraint = verifying_key.load()?.standing.rent_payer == rent_payer.key() @ OracleError::WrongRentReceiver,
    )]
    pub verifying_key: AccountLoader<'info, VerifyingKey>,
    /// Who paid the rent, as the verifying key says.
    ///
    /// CHECK: by the constraint of the verifying key.
    #[account(mut)]
    pub rent_payer: UncheckedAccount<'info>,
    /// The instructions sysvar.
    ///
    /// CHECK: by its address.
    #[account(address = INSTRUCTIONS_SYSVAR @ OracleError::WrongAccount)]
    pub instructions: UncheckedAccount<'info>,
}

/// Withdraws a verifying key before it is active.
pub fn handle_cancel_verifying_key(ctx: Context<CancelVerifyingKey>) -> Result<()> {
    let accounts = ctx.accounts;
    Withdrawal {
        authority: &accounts.authority,
        config: &accounts.config,
        instructions: &accounts.instructions,
        published: &accounts.verifying_key,
    }
    .cancel()
}
