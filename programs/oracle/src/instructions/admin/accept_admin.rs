use anchor_lang::prelude::*;
use program_kit::{EventHeader, INSTRUCTIONS_SYSVAR};

use crate::{
    error::OracleError,
    governance::refuse_durable_nonce,
    state::{seeds, OracleConfig},
};

#[derive(Accounts)]
pub struct AcceptAdmin<'info> {
    pub pending_admin: Signer<'info>,
    #[account(
        mut,
        seeds = [seeds::CONFIG],
        bump = config.bump,
        has_one = pending_admin @ OracleError::NotPendingAdmin,
    )]
    pub config: Account<'info, OracleConfig>,
    /// The instructions sysvar.
    ///
    /// CHECK: by its address.
    #[account(address = INSTRUCTIONS_SYSVAR @ OracleError::WrongAccount)]
    pub instructions: UncheckedAccount<'info>,
}

#[event]
pub struct AdminAccepted {
    pub header: EventHeader,
    pub old_admin: Pubkey,
    pub admin: Pubkey,
}

pub fn handle_accept_admin(ctx: Context<AcceptAdmin>) -> Result<()> {
    refuse_durable_nonce(&ctx.accounts.instructions)?;
    let clock = Clock::get()?;
    let config = &mut ctx.accounts.config;
    require!(
        clock.unix_timestamp >= config.pending_admin_from,
        OracleError::TimelockNotPassed
    );

    let old_admin = config.admin;
    config.admin = config.pending_admin;
    config.pending_admin = Pubkey::default();
    config.pending_admin_from = 0;
    emit!(AdminAccepted {
        header: config.next_event(&clock)?,
        old_admin,
        admin: config.admin,
    });
    Ok(())
}
