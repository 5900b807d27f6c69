use anchor_lang::prelude::*;
use oracle::{governance::refuse_durable_nonce, OracleConfig};

use crate::{error::FlashError, state::Vault};

#[derive(Accounts)]
pub struct SetOperator<'info> {
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
pub struct OperatorSet {
    pub vault: Pubkey,
    pub old_operator: Pubkey,
    pub new_operator: Pubkey,
    /// Unix seconds from which the new operator replaces the old one.
    pub active_from: i64,
}

/// Waits for the timelock: the operator decides which markets the vault's money goes into.
pub fn handle_set_operator(ctx: Context<SetOperator>, new_operator: Pubkey) -> Result<()> {
    let accounts = ctx.accounts;
    refuse_durable_nonce(&accounts.instructions)?;
    require_keys_neq!(new_operator, Pubkey::default(), FlashError::DefaultKey);
    let now = Clock::get()?.unix_timestamp;
    let mut vault = accounts.vault.load_mut()?;

    vault.operator = vault.operator_at(now);
    vault.pending_operator = new_operator;
    vault.pending_operator_from = accounts.config.active_from(now)?;
    emit!(OperatorSet {
        vault: accounts.vault.key(),
        old_operator: vault.operator,
        new_operator,
        active_from: vault.pending_operator_from,
    });
    Ok(())
}
