use anchor_lang::prelude::*;
use anchor_spl::token_interface::TokenInterface;
use program_kit::tokens::Payee;

use super::lp_tokens::{book_return, mint_lp_tokens};
use crate::{
    error::FlashError,
    state::{Vault, Withdrawal},
};

#[derive(Accounts)]
pub struct LapseWithdraw<'info> {
    #[account(mut)]
    pub vault: AccountLoader<'info, Vault>,
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
    pub withdrawal: Account<'info, Withdrawal>,
    /// CHECK: named by the withdrawal.
    pub owner: UncheckedAccount<'info>,
    /// CHECK: named by the withdrawal; gets its rent.
    #[account(mut)]
    pub rent_payer: UncheckedAccount<'info>,
    /// CHECK: checked to be the owner's. Anybody can create one for an owner who has none.
    #[account(mut)]
    pub owner_lp_tokens: UncheckedAccount<'info>,
    pub token_program: Interface<'info, TokenInterface>,
    /// Checked to be the owner's where LP tokens go to it, which is only if the associated token
    /// account cannot receive.
    ///
    /// CHECK: as said.
    #[account(mut)]
    pub fallback_tokens: Option<UncheckedAccount<'info>>,
}

/// Gives back the LP tokens of a withdrawal that nobody had paid in its time; anybody.
pub fn handle_lapse_withdraw(ctx: Context<LapseWithdraw>) -> Result<()> {
    let clock = Clock::get()?;
    let accounts = ctx.accounts;
    let withdrawal = &accounts.withdrawal;
    require_gt!(
        clock.unix_timestamp,
        withdrawal.available_until,
        FlashError::ExecutionPossible
    );
    let destination = Payee {
        owner: &accounts.owner,
        mint: accounts.lp_mint.key(),
        token_program: &accounts.token_program,
        tokens: &accounts.owner_lp_tokens,
        fallback: accounts.fallback_tokens.as_deref(),
    }
    .required()
    .map_err(FlashError::from)?;

    book_return(&accounts.vault, withdrawal, &clock)?;
    mint_lp_tokens(
        &accounts.vault,
        &accounts.lp_mint,
        destination,
        withdrawal.shares,
        &accounts.token_program,
    )
}
