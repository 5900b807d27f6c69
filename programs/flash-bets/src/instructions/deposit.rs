use anchor_lang::prelude::*;
use anchor_spl::token_interface::TokenInterface;
use math::{MathError, Money, Shares};

use crate::{
    error::FlashError,
    state::{seeds, Vault},
    tokens::{mint_to, transfer},
};

#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug)]
pub struct DepositArgs {
    /// Base units.
    pub amount: u64,
    /// Least number of LP shares to accept.
    pub min_shares: u64,
}

#[derive(Accounts)]
pub struct Deposit<'info> {
    pub owner: Signer<'info>,
    #[account(mut)]
    pub vault: AccountLoader<'info, Vault>,
    /// CHECK: named by the vault.
    #[account(mut, address = vault.load()?.token_account @ FlashError::WrongAccount)]
    pub vault_tokens: UncheckedAccount<'info>,
    /// CHECK: named by the vault.
    #[account(mut, address = vault.load()?.lp_mint @ FlashError::WrongAccount)]
    pub lp_mint: UncheckedAccount<'info>,
    /// CHECK: the token program checks mint, balance and authority.
    #[account(mut)]
    pub owner_tokens: UncheckedAccount<'info>,
    /// CHECK: the token program checks the mint; the owner may have the shares sent anywhere.
    #[account(mut)]
    pub owner_lp_tokens: UncheckedAccount<'info>,
    pub token_program: Interface<'info, TokenInterface>,
}

#[event]
pub struct Deposited {
    pub vault: Pubkey,
    pub owner: Pubkey,
    pub amount: u64,
    pub shares: u64,
    /// After the deposit.
    pub vault_cash: u64,
    pub vault_shares: u64,
}

/// Prices LP shares on equity with open markets at cost, which is the higher of the two estimates.
pub fn handle_deposit(ctx: Context<Deposit>, args: DepositArgs) -> Result<()> {
    let accounts = ctx.accounts;
    let mut vault = accounts.vault.load_mut()?;
    vault.require_not_paused(Clock::get()?.unix_timestamp)?;
    require_gt!(args.amount, 0, FlashError::ZeroAmount);

    let shares = math::vault::shares_for_deposit(
        Money(args.amount),
        Shares(vault.shares),
        Money(vault.equity_at_cost()?),
    )
    .map_err(|error| match error {
        MathError::NoShares => FlashError::DepositTooSmall,
        other => other.into(),
    })?
    .0;
    require_gte!(shares, args.min_shares, FlashError::SlippageExceeded);

    vault.cash = vault
        .cash
        .checked_add(args.amount)
        .ok_or(FlashError::Overflow)?;
    vault.shares = vault
        .shares
        .checked_add(shares)
        .ok_or(FlashError::Overflow)?;
    let (mint, bump) = (vault.mint, vault.bump);
    let (vault_cash, vault_shares) = (vault.cash, vault.shares);
    drop(vault);

    transfer(
        &accounts.token_program,
        accounts.owner_tokens.to_account_info(),
        accounts.vault_tokens.to_account_info(),
        accounts.owner.to_account_info(),
        args.amount,
        &[],
    )?;
    mint_to(
        &accounts.token_program,
        accounts.lp_mint.to_account_info(),
        accounts.owner_lp_tokens.to_account_info(),
        accounts.vault.to_account_info(),
        shares,
        &[&[seeds::VAULT, mint.as_ref(), &[bump]]],
    )?;
    accounts
        .vault
        .load()?
        .assert_backed(&accounts.vault_tokens)?;
    emit!(Deposited {
        vault: accounts.vault.key(),
        owner: accounts.owner.key(),
        amount: args.amount,
        shares,
        vault_cash,
        vault_shares,
    });
    Ok(())
}
