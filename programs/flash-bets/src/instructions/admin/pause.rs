use anchor_lang::prelude::*;
use oracle::{
    governance::{refuse_durable_nonce, require_admin_or_guardian},
    OracleConfig,
};

use crate::state::Vault;

#[derive(Accounts)]
pub struct Pause<'info> {
    pub authority: Signer<'info>,
    /// The oracle's configuration. Its type proves it.
    pub config: Account<'info, OracleConfig>,
    #[account(mut)]
    pub vault: AccountLoader<'info, Vault>,
    /// CHECK: the instructions sysvar; its loader checks the address.
    pub instructions: UncheckedAccount<'info>,
}

#[event]
pub struct VaultPaused {
    pub vault: Pubkey,
    pub authority: Pubkey,
}

/// Stops new risk at once, and ends a pending unpause. Exits stay open.
pub fn handle_pause(ctx: Context<Pause>) -> Result<()> {
    let accounts = ctx.accounts;
    refuse_durable_nonce(&accounts.instructions)?;
    require_admin_or_guardian(&accounts.config, &accounts.authority)?;

    let mut vault = accounts.vault.load_mut()?;
    vault.paused = 1;
    vault.unpause_from = 0;
    emit!(VaultPaused {
        vault: accounts.vault.key(),
        authority: accounts.authority.key(),
    });
    Ok(())
}
