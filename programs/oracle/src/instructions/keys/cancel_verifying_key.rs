use anchor_lang::prelude::*;

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
    /// CHECK: named by the verifying key as who paid its rent.
    #[account(mut)]
    pub rent_payer: UncheckedAccount<'info>,
    /// CHECK: the instructions sysvar; its loader checks the address.
    pub instructions: UncheckedAccount<'info>,
}

#[event]
pub struct VerifyingKeyCancelled {
    pub authority: Pubkey,
    pub verifying_key: Pubkey,
}

/// Only before the verifying key is active, so that nothing can refer to it yet.
pub fn handle_cancel_verifying_key(ctx: Context<CancelVerifyingKey>) -> Result<()> {
    refuse_durable_nonce(&ctx.accounts.instructions)?;
    require_admin_or_guardian(&ctx.accounts.config, &ctx.accounts.authority)?;
    require!(
        Clock::get()?.unix_timestamp < ctx.accounts.verifying_key.load()?.active_from,
        OracleError::AlreadyActive
    );

    emit!(VerifyingKeyCancelled {
        authority: ctx.accounts.authority.key(),
        verifying_key: ctx.accounts.verifying_key.key(),
    });
    Ok(())
}
