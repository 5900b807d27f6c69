use anchor_lang::prelude::*;
use oracle::{
    governance::{refuse_durable_nonce, require_admin_or_guardian},
    OracleConfig,
};

use crate::{error::FlashError, state::Vault};

#[derive(Accounts)]
pub struct CancelOperator<'info> {
    pub authority: Signer<'info>,
    /// The oracle's configuration. Its type proves it.
    pub config: Account<'info, OracleConfig>,
    #[account(mut)]
    pub vault: AccountLoader<'info, Vault>,
    /// CHECK: the instructions sysvar; its loader checks the address.
    pub instructions: UncheckedAccount<'info>,
}

#[event]
pub struct OperatorCancelled {
    pub vault: Pubkey,
    pub authority: Pubkey,
    pub cancelled: Pubkey,
}

/// Withdraws the next operator before it takes over.
pub fn handle_cancel_operator(ctx: Context<CancelOperator>) -> Result<()> {
    let accounts = ctx.accounts;
    refuse_durable_nonce(&accounts.instructions)?;
    require_admin_or_guardian(&accounts.config, &accounts.authority)?;
    let now = Clock::get()?.unix_timestamp;
    let mut vault = accounts.vault.load_mut()?;
    let cancelled = vault.pending_operator;
    require!(
        cancelled != Pubkey::default() && now < vault.pending_operator_from,
        FlashError::NoPendingOperator
    );

    vault.pending_operator = Pubkey::default();
    vault.pending_operator_from = 0;
    emit!(OperatorCancelled {
        vault: accounts.vault.key(),
        authority: accounts.authority.key(),
        cancelled,
    });
    Ok(())
}
