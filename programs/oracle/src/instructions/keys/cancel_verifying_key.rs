use anchor_lang::prelude::*;
use program_kit::{EventHeader, INSTRUCTIONS_SYSVAR};

use crate::{
    error::OracleError,
    governance::{refuse_durable_nonce, require_admin_or_guardian},
    state::{seeds, OracleConfig, VerifyingKey},
};

#[derive(Accounts)]
pub struct CancelVerifyingKey<'info> {
    pub authority: Signer<'info>,
    #[account(seeds = [seeds::CONFIG], bump = config.bump)]
    pub config: Account<'info, OracleConfig>,
    #[account(
        mut,
        close = rent_payer,
        constraint = verifying_key.load()?.rent_payer == rent_payer.key() @ OracleError::WrongRentReceiver,
    )]
    pub verifying_key: AccountLoader<'info, VerifyingKey>,
    /// Who paid the rent, as the verifying key says.
    ///
    /// CHECK: by the constraint of the verifying key.
    #[account(mut)]
    pub rent_payer: UncheckedAccount<'info>,
    /// The instructions sysvar.
    ///
    /// CHECK: by its address.
    #[account(address = INSTRUCTIONS_SYSVAR @ OracleError::WrongAccount)]
    pub instructions: UncheckedAccount<'info>,
}

#[event]
pub struct VerifyingKeyCancelled {
    pub header: EventHeader,
    pub authority: Pubkey,
    pub verifying_key: Pubkey,
}

/// Only before the verifying key is active, so that nothing can refer to it yet.
pub fn handle_cancel_verifying_key(ctx: Context<CancelVerifyingKey>) -> Result<()> {
    refuse_durable_nonce(&ctx.accounts.instructions)?;
    require_admin_or_guardian(&ctx.accounts.config, &ctx.accounts.authority)?;
    let clock = Clock::get()?;
    let mut verifying_key = ctx.accounts.verifying_key.load_mut()?;
    require_gt!(
        verifying_key.active_from,
        clock.unix_timestamp,
        OracleError::AlreadyActive
    );

    emit!(VerifyingKeyCancelled {
        header: verifying_key.next_event(&clock)?,
        authority: ctx.accounts.authority.key(),
        verifying_key: ctx.accounts.verifying_key.key(),
    });
    Ok(())
}
