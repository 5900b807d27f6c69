use anchor_lang::prelude::*;
use anchor_spl::token_interface::TokenInterface;

use super::deposits::{finish_deposit, DepositAccounts, DepositResult};
use crate::{
    error::FlashError,
    state::{Deposit, Vault},
};

#[derive(Accounts)]
pub struct CancelDeposit<'info> {
    #[account(mut)]
    pub vault: AccountLoader<'info, Vault>,
    /// CHECK: named by the vault.
    #[account(mut)]
    pub vault_tokens: UncheckedAccount<'info>,
    #[account(
        mut,
        close = rent_payer,
        has_one = vault @ FlashError::WrongAccount,
        has_one = owner @ FlashError::WrongAccount,
        has_one = rent_payer @ FlashError::WrongRentReceiver,
    )]
    pub deposit: Account<'info, Deposit>,
    /// CHECK: named by the deposit.
    pub owner: UncheckedAccount<'info>,
    /// CHECK: named by the deposit; gets its rent.
    #[account(mut)]
    pub rent_payer: UncheckedAccount<'info>,
    /// CHECK: checked to be the owner's.
    #[account(mut)]
    pub owner_tokens: UncheckedAccount<'info>,
    pub token_program: Interface<'info, TokenInterface>,
    /// Checked to be the owner's where money goes to it, which is only if the associated token
    /// account cannot receive.
    ///
    /// CHECK: as said.
    #[account(mut)]
    pub fallback_tokens: Option<UncheckedAccount<'info>>,
}

/// Gives back a deposit that nobody can execute any more, or while the vault is paused; anybody.
/// Before that it would be a free option: to ask, to wait for news, and to take the money back.
pub fn handle_cancel_deposit(ctx: Context<CancelDeposit>) -> Result<()> {
    let clock = Clock::get()?;
    let accounts = ctx.accounts;
    let is_expired = clock.unix_timestamp > accounts.deposit.available_until;
    let is_paused = accounts
        .vault
        .load()?
        .pauses
        .is_paused(clock.unix_timestamp);
    require!(is_expired || is_paused, FlashError::ExecutionPossible);

    finish_deposit(
        DepositAccounts {
            vault: &accounts.vault,
            deposit: &accounts.deposit,
            owner: &accounts.owner,
            vault_tokens: &accounts.vault_tokens,
            owner_tokens: &accounts.owner_tokens,
            token_program: &accounts.token_program,
            fallback_tokens: accounts.fallback_tokens.as_deref(),
        },
        DepositResult::Cancelled,
        &clock,
    )
}
