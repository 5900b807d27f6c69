use anchor_lang::prelude::*;

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
    /// CHECK: the instructions sysvar; its loader checks the address.
    pub instructions: UncheckedAccount<'info>,
}

#[event]
pub struct GuardianCancelled {
    pub authority: Pubkey,
    pub cancelled: Pubkey,
}

/// A guardian may refuse its successor: else whoever stole the admin's key could wait for the
/// timelock and be alone. A guardian who refuses for no reason can stop new risk, and no exit.
pub fn handle_cancel_guardian(ctx: Context<CancelGuardian>) -> Result<()> {
    refuse_durable_nonce(&ctx.accounts.instructions)?;
    require_admin_or_guardian(&ctx.accounts.config, &ctx.accounts.authority)?;
    let now = Clock::get()?.unix_timestamp;
    let config = &mut ctx.accounts.config;
    let cancelled = config.pending_guardian;
    require!(
        cancelled != Pubkey::default() && now < config.pending_guardian_from,
        OracleError::NoPendingGuardian
    );

    config.pending_guardian = Pubkey::default();
    config.pending_guardian_from = 0;
    emit!(GuardianCancelled {
        authority: ctx.accounts.authority.key(),
        cancelled,
    });
    Ok(())
}
