use anchor_lang::prelude::*;
use oracle::{governance::refuse_durable_nonce, OracleConfig};

use crate::{error::FlashError, state::Vault};

#[derive(Accounts)]
pub struct Unpause<'info> {
    pub admin: Signer<'info>,
    /// The oracle's configuration. Its type proves it.
    #[account(has_one = admin @ FlashError::NotAdmin)]
    pub config: Account<'info, OracleConfig>,
    #[account(mut)]
    pub vault: AccountLoader<'info, Vault>,
    /// CHECK: the instructions sysvar; its loader checks the address.
    pub instructions: UncheckedAccount<'info>,
}

#[event]
pub struct VaultUnpaused {
    pub vault: Pubkey,
    /// Unix seconds from which the pause is over.
    pub active_from: i64,
}

/// Ends a pause once the timelock has passed.
pub fn handle_unpause(ctx: Context<Unpause>) -> Result<()> {
    let accounts = ctx.accounts;
    refuse_durable_nonce(&accounts.instructions)?;
    let now = Clock::get()?.unix_timestamp;
    let mut vault = accounts.vault.load_mut()?;
    require!(vault.is_paused(now), FlashError::VaultNotPaused);

    vault.unpause_from = accounts.config.active_from(now)?;
    emit!(VaultUnpaused {
        vault: accounts.vault.key(),
        active_from: vault.unpause_from,
    });
    Ok(())
}
