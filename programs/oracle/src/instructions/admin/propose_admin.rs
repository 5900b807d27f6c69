use anchor_lang::prelude::*;

use crate::{
    error::OracleError,
    governance::refuse_durable_nonce,
    state::{seeds, OracleConfig},
};

#[derive(Accounts)]
pub struct ProposeAdmin<'info> {
    pub admin: Signer<'info>,
    #[account(
        mut,
        seeds = [seeds::CONFIG],
        bump = config.bump,
        has_one = admin @ OracleError::NotAdmin,
    )]
    pub config: Account<'info, OracleConfig>,
    /// CHECK: the instructions sysvar; its loader checks the address.
    pub instructions: UncheckedAccount<'info>,
}

#[event]
pub struct AdminProposed {
    pub admin: Pubkey,
    pub new_admin: Pubkey,
    /// Unix seconds from which the new admin may accept.
    pub active_from: i64,
}

pub fn handle_propose_admin(ctx: Context<ProposeAdmin>, new_admin: Pubkey) -> Result<()> {
    refuse_durable_nonce(&ctx.accounts.instructions)?;
    require_keys_neq!(new_admin, Pubkey::default(), OracleError::DefaultKey);

    let config = &mut ctx.accounts.config;
    config.pending_admin = new_admin;
    config.pending_admin_from = config.active_from(Clock::get()?.unix_timestamp)?;
    emit!(AdminProposed {
        admin: config.admin,
        new_admin,
        active_from: config.pending_admin_from,
    });
    Ok(())
}
