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

pub fn handle_close_observation(ctx: Context<CloseObservation>) -> Result<()> {
    let closable_from = ctx
        .accounts
        .observation
        .load()?
        .verified_at
        .checked_add(ctx.accounts.config.retention)
        .ok_or(OracleError::Overflow)?;
    require!(
        Clock::get()?.unix_timestamp >= closable_from,
        OracleError::RetentionNotPassed
    );

    emit!(ObservationClosed {
        observation: ctx.accounts.observation.key(),
    });
    Ok(())
}
