use anchor_lang::prelude::*;

use crate::{
    error::OracleError,
    governance::refuse_durable_nonce,
    state::{seeds, OracleConfig},
};

#[derive(Accounts)]
pub struct SetGuardian<'info> {
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
pub struct GuardianSet {
    pub old_guardian: Pubkey,
    pub new_guardian: Pubkey,
    /// Unix seconds from which the new guardian replaces the old one.
    pub active_from: i64,
}

/// Waits for the timelock: a guardian who can be replaced at once could not stop the admin.
pub fn handle_set_guardian(ctx: Context<SetGuardian>, new_guardian: Pubkey) -> Result<()> {
    refuse_durable_nonce(&ctx.accounts.instructions)?;
    require_keys_neq!(new_guardian, Pubkey::default(), OracleError::DefaultKey);

    let now = Clock::get()?.unix_timestamp;
    let config = &mut ctx.accounts.config;
    config.guardian = config.guardian_at(now);
    config.pending_guardian = new_guardian;
    config.pending_guardian_from = config.active_from(now)?;
    emit!(GuardianSet {
        old_guardian: config.guardian,
        new_guardian,
        active_from: config.pending_guardian_from,
    });
    Ok(())
}
