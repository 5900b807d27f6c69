use anchor_lang::prelude::*;
use program_kit::{EventHeader, INSTRUCTIONS_SYSVAR};

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
    /// The instructions sysvar.
    ///
    /// CHECK: by its address.
    #[account(address = INSTRUCTIONS_SYSVAR @ OracleError::WrongAccount)]
    pub instructions: UncheckedAccount<'info>,
}

#[event]
pub struct GuardianSet {
    pub header: EventHeader,
    pub guardian: Pubkey,
    pub pending_guardian: Pubkey,
    /// Unix seconds from which the new guardian replaces the old one.
    pub active_from: i64,
}

/// Waits for the timelock: a guardian who can be replaced at once could not stop the admin.
pub fn handle_set_guardian(ctx: Context<SetGuardian>, new_guardian: Pubkey) -> Result<()> {
    refuse_durable_nonce(&ctx.accounts.instructions)?;
    require_keys_neq!(new_guardian, Pubkey::default(), OracleError::DefaultKey);

    let clock = Clock::get()?;
    let now = clock.unix_timestamp;
    let config = &mut ctx.accounts.config;
    let active_from = config.active_from(now)?;
    config.guardian.propose(new_guardian, now, active_from);
    emit!(GuardianSet {
        header: config.next_event(&clock)?,
        guardian: config.guardian.value,
        pending_guardian: new_guardian,
        active_from,
    });
    Ok(())
}
