use anchor_lang::prelude::*;

use crate::{
    error::OracleError,
    state::{seeds, Observation, OracleConfig},
};

#[derive(Accounts)]
pub struct CloseObservation<'info> {
    #[account(seeds = [seeds::CONFIG], bump = config.bump)]
    pub config: Account<'info, OracleConfig>,
    #[account(
        mut,
        close = rent_payer,
        constraint = observation.load()?.rent_payer == rent_payer.key() @ OracleError::WrongRentReceiver,
    )]
    pub observation: AccountLoader<'info, Observation>,
    /// CHECK: named by the observation as who paid its rent.
    #[account(mut)]
    pub rent_payer: UncheckedAccount<'info>,
}

#[event]
pub struct ObservationClosed {
    pub observation: Pubkey,
}

/// A conflicted observation stays for good: once it were gone, either of its values could be proven
/// again and settle what is still open.
pub fn handle_close_observation(ctx: Context<CloseObservation>) -> Result<()> {
    let observation = ctx.accounts.observation.load()?;
    require!(!observation.is_conflicted(), OracleError::ConflictStays);
    let config = &ctx.accounts.config;
    config.require_retained(observation.verified_at)?;
    emit!(ObservationClosed {
        observation: ctx.accounts.observation.key(),
    });
    Ok(())
}
