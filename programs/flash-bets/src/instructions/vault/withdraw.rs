use anchor_lang::prelude::*;
use anchor_spl::token_interface::TokenInterface;
use math::{Money, Shares};

use crate::{
    error::FlashError,
    state::{Vault, VaultSigner, Withdrawal},
    tokens::transfer,
};

#[derive(Accounts)]
pub struct Withdraw<'info> {
    #[account(mut)]
    pub owner: Signer<'info>,
    #[account(mut)]
    pub vault: AccountLoader<'info, Vault>,
    /// CHECK: named by the vault.
    #[account(mut, address = vault.load()?.token_account @ FlashError::WrongAccount)]
    pub vault_tokens: UncheckedAccount<'info>,
    /// CHECK: the token program checks the mint; the owner may have the money sent anywhere.
    #[account(mut)]
    pub owner_tokens: UncheckedAccount<'info>,
    #[account(
        mut,
        close = owner,
        has_one = vault @ FlashError::WrongAccount,
        has_one = owner @ FlashError::WrongAccount,
    )]
    pub withdrawal: Account<'info, Withdrawal>,
    pub token_program: Interface<'info, TokenInterface>,
}

#[event]
pub struct Withdrawn {
    pub vault: Pubkey,
    pub owner: Pubkey,
    pub shares: u64,
    pub amount: u64,
    /// After the withdrawal.
    pub vault_cash: u64,
    pub vault_shares: u64,
}

/// Pays LP shares at the low estimate, with open markets at zero, and so from free cash only.
pub fn handle_withdraw(ctx: Context<Withdraw>, min_amount: u64) -> Result<()> {
    let accounts = ctx.accounts;
    let shares = accounts.withdrawal.shares;
    require_gte!(
        Clock::get()?.slot,
        accounts.withdrawal.available_slot,
        FlashError::NoticeNotPassed
    );
    let mut vault = accounts.vault.load_mut()?;
    let staying = vault
        .shares
        .checked_sub(shares)
        .ok_or(FlashError::SharesMismatch)?;
    // Else what markets hold would be nobody's for good.
    require!(
        vault.allocated == 0 || staying >= math::vault::LEAST_STAYING.0,
        FlashError::LastShares
    );

    let worth = |assets| {
        math::vault::assets_for_shares(Shares(shares), Shares(vault.shares), Money(assets))
            .map_err(FlashError::from)
    };
    let amount = worth(vault.cash)?.0;
    // Shares too few for a base unit are given up: else they would block their owner's next request.
    require!(
        amount > 0 || worth(vault.equity_at_cost()?)?.0 == 0,
        FlashError::NothingToWithdraw
    );
    require_gte!(amount, min_amount, FlashError::SlippageExceeded);

    vault.cash = vault
        .cash
        .checked_sub(amount)
        .ok_or(FlashError::NotEnoughCash)?;
    vault.shares = staying;
    vault.requested_shares = vault
        .requested_shares
        .checked_sub(shares)
        .ok_or(FlashError::SharesMismatch)?;
    let signer = VaultSigner::of(&vault);
    let (vault_cash, vault_shares) = (vault.cash, vault.shares);
    drop(vault);

    transfer(
        &accounts.token_program,
        accounts.vault_tokens.to_account_info(),
        accounts.owner_tokens.to_account_info(),
        accounts.vault.to_account_info(),
        amount,
        &[&signer.seeds()],
    )?;
    accounts
        .vault
        .load()?
        .assert_backed(&accounts.vault_tokens)?;
    emit!(Withdrawn {
        vault: accounts.vault.key(),
        owner: accounts.owner.key(),
        shares,
        amount,
        vault_cash,
        vault_shares,
    });
    Ok(())
}
