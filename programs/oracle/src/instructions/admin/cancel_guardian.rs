use anchor_lang::prelude::*;
use program_kit::{EventHeader, INSTRUCTIONS_SYSVAR};

use crate::{
    error::OracleError,
    governance::{refuse_durable_nonce, require_admin_or_guardian},
    state::{seeds, OracleConfig},
};

#[derive(Accounts)]
pub struct CancelGuardian<'info> {
    pub authority: Signer<'info>,
    #[account(mut, seeds = [seeds::CONFIG], bump = config.bump)]
    pub config: Account<'info, OracleConfig>,
    /// The instructions sysvar.
    ///
    /// CHECK: by its address.
    #[account(address = INSTRUCTIONS_SYSVAR @ OracleError::WrongAccount)]
    pub instructions: UncheckedAccount<'info>,
}

#[event]
pub struct GuardianCancelled {
    pub header: EventHeader,
    pub authority: Pubkey,
    /// Who stays.
    pub guardian: Pubkey,
    pub cancelled: Pubkey,
}

/// A guardian may refuse its successor: else whoever stole the admin's key could wait for the
/// timelock and be alone. A guardian who refuses for no reason can stop new risk, and no exit.
pub fn handle_cancel_guardian(ctx: Context<CancelGuardian>) -> Result<()> {
    refuse_durable_nonce(&ctx.accounts.instructions)?;
    require_admin_or_guardian(&ctx.accounts.config, &ctx.accounts.authority)?;
    let clock = Clock::get()?;
    let config = &mut ctx.accounts.config;
    let cancelled = config
        .guardian
        .cancel(clock.unix_timestamp)
        .map_err(OracleError::from)?;

    emit!(GuardianCancelled {
        header: config.next_event(&clock)?,
        guardian: config.guardian.value,
        authority: ctx.accounts.authority.key(),
        cancelled,
    });
    Ok(())
}
