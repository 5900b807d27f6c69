use anchor_lang::prelude::*;
use anchor_spl::token_interface::TokenInterface;

use super::lp_tokens::{book_return, mint_lp_tokens};
use crate::{
    error::FlashError,
    state::{Vault, Withdrawal},
};

#[derive(Accounts)]
pub struct CancelWithdraw<'info> {
    pub owner: Signer<'info>,
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
    /// CHECK: named by the withdrawal; gets its rent.
    #[account(mut)]
    pub rent_payer: UncheckedAccount<'info>,
    /// CHECK: the token program checks the mint; the owner may have the LP tokens sent anywhere.
    #[account(mut)]
    pub owner_lp_tokens: UncheckedAccount<'info>,
    pub token_program: Interface<'info, TokenInterface>,
}

/// Gives back the LP tokens of a withdrawal whose notice has not passed; its owner. After that it would
/// be a free option: to ask, to wait for news, and to stay.
pub fn handle_cancel_withdraw(ctx: Context<CancelWithdraw>) -> Result<()> {
    let clock = Clock::get()?;
    let accounts = ctx.accounts;
    let withdrawal = &accounts.withdrawal;
    require_gt!(
        withdrawal.available_at,
        clock.unix_timestamp,
        FlashError::NoticePassed
    );

    book_return(&accounts.vault, withdrawal, &clock)?;
    mint_lp_tokens(
        &accounts.vault,
        &accounts.lp_mint,
        &accounts.owner_lp_tokens,
        withdrawal.shares,
        &accounts.token_program,
    )
}
