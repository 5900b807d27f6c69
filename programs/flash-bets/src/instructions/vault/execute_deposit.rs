use anchor_lang::prelude::*;
use anchor_spl::token_interface::TokenInterface;
use program_kit::tokens::Payee;

use super::{
    deposits::{finish_deposit, DepositAccounts, DepositResult},
    lp_tokens::mint_lp_tokens,
};
use crate::{
    error::FlashError,
    state::{Deposit, Vault},
};

#[derive(Accounts)]
pub struct ExecuteDeposit<'info> {
    #[account(mut)]
    pub vault: AccountLoader<'info, Vault>,
    /// CHECK: named by the vault.
    #[account(mut)]
    pub vault_tokens: UncheckedAccount<'info>,
    /// CHECK: named by the vault.
    #[account(mut, address = vault.load()?.lp_mint @ FlashError::WrongAccount)]
    pub lp_mint: UncheckedAccount<'info>,
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
    /// CHECK: checked to be the owner's where money goes to it.
    #[account(mut)]
    pub owner_tokens: UncheckedAccount<'info>,
    /// Checked to be the owner's where LP shares go to it. Anybody can create one for an owner
    /// who has none.
    ///
    /// CHECK: as said.
    #[account(mut)]
    pub owner_lp_tokens: UncheckedAccount<'info>,
    pub token_program: Interface<'info, TokenInterface>,
    /// Checked to be the owner's where money or LP shares go to it, which is only if the
    /// associated token account of the same mint cannot receive.
    ///
    /// CHECK: as said.
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
    let now = clock.unix_timestamp;
    require_gte!(now, deposit.available_at, FlashError::NoticeNotPassed);
    require_gte!(deposit.available_until, now, FlashError::ExecutionOver);
    let result = {
        let vault = accounts.vault.load()?;
        vault.require_not_paused(now)?;
        vault
            .shares_for(deposit.amount, deposit.min_shares)
            .map_or(DepositResult::Returned, |shares| DepositResult::Minted {
                shares,
            })
    };
    finish_deposit(
        DepositAccounts {
            vault: &accounts.vault,
            deposit,
            owner: &accounts.owner,
            vault_tokens: &accounts.vault_tokens,
            owner_tokens: &accounts.owner_tokens,
            token_program: &accounts.token_program,
            fallback_tokens: accounts.fallback_tokens.as_deref(),
        },
        result,
        &clock,
    )?;
    let DepositResult::Minted { shares } = result else {
        return Ok(());
    };
    let destination = Payee {
        owner: &accounts.owner,
        mint: accounts.lp_mint.key(),
        token_program: &accounts.token_program,
        tokens: &accounts.owner_lp_tokens,
        fallback: accounts.fallback_tokens.as_deref(),
    }
    .required()
    .map_err(FlashError::from)?;
    mint_lp_tokens(
        &accounts.vault,
        &accounts.lp_mint,
        destination,
        shares,
        &accounts.token_program,
    )
}
