use anchor_lang::prelude::*;
use anchor_spl::token_interface::TokenInterface;
use program_kit::{EventHeader, Purse};

use crate::{
    error::FlashError,
    state::{Vault, Withdrawal},
};

#[derive(Accounts)]
pub struct Withdraw<'info> {
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
    pub withdrawal: Account<'info, Withdrawal>,
    /// CHECK: named by the withdrawal.
    pub owner: UncheckedAccount<'info>,
    /// CHECK: named by the withdrawal; gets its rent.
    #[account(mut)]
    pub rent_payer: UncheckedAccount<'info>,
    /// CHECK: checked to be the owner's where money goes to it.
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

#[event]
pub struct Withdrawn {
    pub header: EventHeader,
    pub vault: Pubkey,
    pub owner: Pubkey,
    pub shares: u64,
    pub amount: u64,
    /// After the withdrawal.
    pub vault_cash: u64,
    pub vault_shares: u64,
    pub requested_shares: u64,
}

/// Pays a withdrawal in its time, at the low estimate, with open markets at zero, and so from free cash
/// only; anybody: a right to leave at any moment would be worth something to whoever knows of a loss.
pub fn handle_withdraw(ctx: Context<Withdraw>) -> Result<()> {
    let clock = Clock::get()?;
    let now = clock.unix_timestamp;
    let accounts = ctx.accounts;
    let withdrawal = &accounts.withdrawal;
    require_gte!(now, withdrawal.available_at, FlashError::NoticeNotPassed);
    require_gte!(withdrawal.available_until, now, FlashError::ExecutionOver);
    let shares = withdrawal.shares;
    let mut vault = accounts.vault.load_mut()?;
    let amount = vault.amount_for(shares, withdrawal.min_amount)?;

    vault.cash = vault
        .cash
        .checked_sub(amount)
        .ok_or(FlashError::NotEnoughCash)?;
    let take = |from: u64| from.checked_sub(shares).ok_or(FlashError::SharesMismatch);
    vault.shares = take(vault.shares)?;
    vault.requested_shares = take(vault.requested_shares)?;
    emit!(Withdrawn {
        header: vault.next_event(&clock)?,
        vault: accounts.vault.key(),
        owner: accounts.owner.key(),
        shares,
        amount,
        vault_cash: vault.cash,
        vault_shares: vault.shares,
        requested_shares: vault.requested_shares,
    });
    drop(vault);

    let (vault, tokens) = (&accounts.vault, &accounts.vault_tokens);
    let purse = Purse::new(vault, tokens, &accounts.token_program)?;
    purse.pay_owner(
        &accounts.owner,
        &accounts.owner_tokens,
        accounts.fallback_tokens.as_deref(),
        amount,
    )
}
