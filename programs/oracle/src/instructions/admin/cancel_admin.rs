use anchor_lang::prelude::*;
use program_kit::{EventHeader, INSTRUCTIONS_SYSVAR};

use crate::{
    error::OracleError,
    governance::{refuse_durable_nonce, require_admin_or_guardian},
    state::{seeds, OracleConfig},
};

#[derive(Accounts)]
pub struct CancelAdmin<'info> {
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
pub struct AdminCancelled {
    pub header: EventHeader,
    pub authority: Pubkey,
    pub cancelled: Pubkey,
}

pub fn handle_cancel_admin(ctx: Context<CancelAdmin>) -> Result<()> {
    refuse_durable_nonce(&ctx.accounts.instructions)?;
    require_admin_or_guardian(&ctx.accounts.config, &ctx.accounts.authority)?;
    let config = &mut ctx.accounts.config;
    require_keys_neq!(
        config.pending_admin,
        Pubkey::default(),
        OracleError::NothingPending
    );

    let cancelled = config.pending_admin;
    config.pending_admin = Pubkey::default();
    config.pending_admin_from = 0;
    emit!(AdminCancelled {
        header: config.next_event(&Clock::get()?)?,
        authority: ctx.accounts.authority.key(),
        cancelled,
    });
    Ok(())
}
