use anchor_lang::prelude::*;
use oracle::{
    governance::{refuse_durable_nonce, require_admin_or_guardian},
    OracleConfig,
};

use crate::{
    error::FlashError,
    state::{Caps, Vault},
};

#[derive(Accounts)]
pub struct SetCaps<'info> {
    pub authority: Signer<'info>,
    /// The oracle's configuration. Its type proves it.
    pub config: Account<'info, OracleConfig>,
    #[account(mut)]
    pub vault: AccountLoader<'info, Vault>,
    /// CHECK: the instructions sysvar; its loader checks the address.
    pub instructions: UncheckedAccount<'info>,
}

#[event]
pub struct CapsSet {
    pub vault: Pubkey,
    pub authority: Pubkey,
    pub old: Caps,
    pub new: Caps,
    /// Unix seconds from which the new caps are in force.
    pub active_from: i64,
}

/// Caps that are nowhere higher are in force at once, by admin or guardian, and end what was
/// pending. All others wait for the timelock, and only the admin may ask for them.
pub fn handle_set_caps(ctx: Context<SetCaps>, caps: Caps) -> Result<()> {
    let accounts = ctx.accounts;
    refuse_durable_nonce(&accounts.instructions)?;
    require_admin_or_guardian(&accounts.config, &accounts.authority)?;
    caps.check()?;
    let now = Clock::get()?.unix_timestamp;
    let mut vault = accounts.vault.load_mut()?;

    let old = vault.caps_at(now);
    let active_from = if caps.only_lowers(&old) {
        vault.caps = caps;
        vault.pending_caps_from = 0;
        now
    } else {
        require_keys_eq!(
            accounts.authority.key(),
            accounts.config.admin,
            FlashError::NotAdmin
        );
        vault.caps = old;
        vault.pending_caps = caps;
        vault.pending_caps_from = accounts.config.active_from(now)?;
        vault.pending_caps_from
    };
    emit!(CapsSet {
        vault: accounts.vault.key(),
        authority: accounts.authority.key(),
        old,
        new: caps,
        active_from,
    });
    Ok(())
}
