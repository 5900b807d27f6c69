use anchor_lang::prelude::*;
use program_kit::{EventHeader, INSTRUCTIONS_SYSVAR};

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
    /// The instructions sysvar.
    ///
    /// CHECK: by its address.
    #[account(address = INSTRUCTIONS_SYSVAR @ OracleError::WrongAccount)]
    pub instructions: UncheckedAccount<'info>,
}

#[event]
pub struct AdminProposed {
    pub header: EventHeader,
    pub admin: Pubkey,
    pub pending_admin: Pubkey,
    /// Unix seconds from which the new admin may accept.
    pub active_from: i64,
}

pub fn handle_propose_admin(ctx: Context<ProposeAdmin>, new_admin: Pubkey) -> Result<()> {
    refuse_durable_nonce(&ctx.accounts.instructions)?;
    require_keys_neq!(new_admin, Pubkey::default(), OracleError::DefaultKey);

    let clock = Clock::get()?;
    let config = &mut ctx.accounts.config;
    config.pending_admin = new_admin;
    config.pending_admin_from = config.active_from(clock.unix_timestamp)?;
    emit!(AdminProposed {
        header: config.next_event(&clock)?,
        admin: config.admin,
        pending_admin: new_admin,
        active_from: config.pending_admin_from,
    });
    Ok(())
}
