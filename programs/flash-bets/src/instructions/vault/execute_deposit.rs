use anchor_lang::prelude::*;
use anchor_spl::token_interface::TokenInterface;

use crate::{
    error::FlashError,
    instructions::{finish_deposit, DepositAccounts, DepositResult},
    state::{Deposit, Vault, VaultSigner},
    tokens::{destination, mint_to, Payee},
};

#[derive(Accounts)]
pub struct ExecuteDeposit<'info> {
    #[account(mut)]
    pub vault: AccountLoader<'info, Vault>,
    /// CHECK: named by the vault.
    #[account(mut, address = vault.load()?.token_account @ FlashError::WrongAccount)]
    pub vault_tokens: UncheckedAccount<'info>,
    /// CHECK: named by the vault.
    #[account(mut, address = vault.load()?.lp_mint @ FlashError::WrongAccount)]
    pub lp_mint: UncheckedAccount<'info>,
    #[account(
        mut,
        close = owner,
        has_one = vault @ FlashError::WrongAccount,
        has_one = owner @ FlashError::WrongAccount,
    )]
    pub deposit: Account<'info, Deposit>,
    /// CHECK: named by the deposit; gets its rent.
    #[account(mut)]
    pub owner: UncheckedAccount<'info>,
    /// CHECK: checked to be the owner's where money goes to it.
    #[account(mut)]
    pub owner_tokens: UncheckedAccount<'info>,
    /// CHECK: checked to be the owner's where LP shares go to it. Anybody can create one for an owner
    /// who has none.
    #[account(mut)]
    pub owner_lp_tokens: UncheckedAccount<'info>,
    pub token_program: Interface<'info, TokenInterface>,
    /// CHECK: checked to be the owner's where money or LP shares go to it, which is only if the
    /// associated token account of the same mint cannot receive.
    #[account(mut)]
    pub fallback_tokens: Option<UncheckedAccount<'info>>,
}

/// Mints the LP shares of a deposit at the high estimate of this moment; anybody. If the bound or the
/// price does not allow it, the money goes back at once: a deposit that waited for its price would be
/// a free option.
pub fn handle_execute_deposit(ctx: Context<ExecuteDeposit>) -> Result<()> {
    let clock = Clock::get()?;
    let accounts = ctx.accounts;
    let deposit = &accounts.deposit;
    require_gte!(
        clock.slot,
        deposit.available_slot,
        FlashError::NoticeNotPassed
    );
    require_gte!(deposit.last_slot, clock.slot, FlashError::ExecutionOver);
    let (result, signer) = {
        let vault = accounts.vault.load()?;
        vault.require_not_paused(clock.unix_timestamp)?;
        let result = vault
            .shares_for(deposit.amount, deposit.min_shares)
            .map_or(DepositResult::Returned, |shares| DepositResult::Minted {
                shares,
            });
        (result, VaultSigner::of(&vault))
    };
    finish_deposit(
        DepositAccounts {
            vault: &accounts.vault,
            deposit,
            owner: &accounts.owner,
            vault_tokens: accounts.vault_tokens.to_account_info(),
            owner_tokens: &accounts.owner_tokens,
            token_program: &accounts.token_program,
            fallback_tokens: accounts.fallback_tokens.as_deref(),
        },
        result,
    )?;
    let DepositResult::Minted { shares } = result else {
        return Ok(());
    };
    let destination = destination(Payee {
        owner: &accounts.owner,
        mint: accounts.lp_mint.key(),
        token_program: &accounts.token_program,
        tokens: &accounts.owner_lp_tokens,
        fallback: accounts.fallback_tokens.as_deref(),
    })?;
    mint_to(
        &accounts.token_program,
        accounts.lp_mint.to_account_info(),
        destination,
        accounts.vault.to_account_info(),
        shares,
        &[&signer.seeds()],
    )
}
