use anchor_lang::prelude::*;
use program_kit::{EventHeader, INSTRUCTIONS_SYSVAR};

use crate::{
    error::OracleError,
    governance::{refuse_durable_nonce, require_admin_or_guardian},
    state::{seeds, OracleConfig, VerifyingKey},
};

#[derive(Accounts)]
pub struct SuspendVerifyingKey<'info> {
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

#[event]
pub struct VerifyingKeySuspended {
    pub header: EventHeader,
    pub authority: Pubkey,
    pub verifying_key: Pubkey,
}

/// For good: what was suspended comes back only as a new proposal, which waits for the timelock.
pub fn handle_suspend_verifying_key(ctx: Context<SuspendVerifyingKey>) -> Result<()> {
    refuse_durable_nonce(&ctx.accounts.instructions)?;
    require_admin_or_guardian(&ctx.accounts.config, &ctx.accounts.authority)?;
    let mut verifying_key = ctx.accounts.verifying_key.load_mut()?;
    require!(
        verifying_key.suspended == 0,
        OracleError::VerifyingKeySuspended
    );

    verifying_key.suspended = 1;
    emit!(VerifyingKeySuspended {
        header: verifying_key.next_event(&Clock::get()?)?,
        authority: ctx.accounts.authority.key(),
        verifying_key: ctx.accounts.verifying_key.key(),
    });
    Ok(())
}
