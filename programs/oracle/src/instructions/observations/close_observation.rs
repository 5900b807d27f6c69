use anchor_lang::prelude::*;
use program_kit::EventHeader;

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
    /// Who paid the rent, as the observation says.
    ///
    /// CHECK: by the constraint of the observation.
    #[account(mut)]
    pub rent_payer: UncheckedAccount<'info>,
}

#[event]
pub struct ObservationClosed {
    pub header: EventHeader,
    pub observation: Pubkey,
    /// Got the rent.
    pub rent_payer: Pubkey,
}

/// A conflicted observation stays for good: once it were gone, either of its values could be proven
/// again and settle what is still open.
pub fn handle_close_observation(ctx: Context<CloseObservation>) -> Result<()> {
    let mut observation = ctx.accounts.observation.load_mut()?;
    require!(!observation.is_conflicted(), OracleError::ConflictStays);
    let config = &ctx.accounts.config;
    config.require_retained(observation.verified_at)?;
    emit!(ObservationClosed {
        header: observation.next_event(&Clock::get()?)?,
        observation: ctx.accounts.observation.key(),
        rent_payer: observation.rent_payer,
    });
    Ok(())
}
