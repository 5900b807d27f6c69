use anchor_lang::prelude::*;

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
    /// CHECK: the instructions sysvar; its loader checks the address.
    pub instructions: UncheckedAccount<'info>,
}

#[event]
pub struct AdminAccepted {
    pub old_admin: Pubkey,
    pub new_admin: Pubkey,
}

pub fn handle_accept_admin(ctx: Context<AcceptAdmin>) -> Result<()> {
    refuse_durable_nonce(&ctx.accounts.instructions)?;
    let config = &mut ctx.accounts.config;
    require!(
        Clock::get()?.unix_timestamp >= config.pending_admin_from,
        OracleError::TimelockNotPassed
    );

    let old_admin = config.admin;
    config.admin = config.pending_admin;
    config.pending_admin = Pubkey::default();
    config.pending_admin_from = 0;
    emit!(AdminAccepted {
        old_admin,
        new_admin: config.admin,
    });
    Ok(())
}
