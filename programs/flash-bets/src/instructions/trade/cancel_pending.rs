use anchor_lang::prelude::*;
use anchor_spl::token_interface::TokenInterface;

use crate::{
    error::FlashError,
    instructions::{finish, OrderAccounts, OrderResult},
    state::{FlashMarket, PendingBet, Ticket},
};

#[derive(Accounts)]
pub struct CancelPending<'info> {
    #[account(
        mut,
        constraint = market.load()?.token_account == market_tokens.key() @ FlashError::WrongAccount,
    )]
    pub market: AccountLoader<'info, FlashMarket>,
    #[account(
        mut,
        has_one = market @ FlashError::WrongAccount,
        has_one = owner @ FlashError::WrongAccount,
    )]
    pub ticket: Account<'info, Ticket>,
    #[account(
        mut,
        close = owner,
        has_one = market @ FlashError::WrongAccount,
        has_one = owner @ FlashError::WrongAccount,
    )]
    pub pending: Account<'info, PendingBet>,
    /// CHECK: named by the pending order; gets its rent.
    #[account(mut)]
    pub owner: UncheckedAccount<'info>,
    /// CHECK: named by the market.
    #[account(mut)]
    pub market_tokens: UncheckedAccount<'info>,
    /// CHECK: checked to be the owner's where money goes to it.
    #[account(mut)]
    pub owner_tokens: UncheckedAccount<'info>,
    pub token_program: Interface<'info, TokenInterface>,
    /// CHECK: checked to be the owner's where money goes to it, which is only if the associated token
    /// account cannot receive.
    #[account(mut)]
    pub fallback_tokens: Option<UncheckedAccount<'info>>,
}

/// Gives back what an order put in, once nobody can execute it any more; anybody. Before that it
/// would be a free option: to bet, to wait for news, and to take the bet back.
pub fn handle_cancel_pending(ctx: Context<CancelPending>) -> Result<()> {
    let slot = Clock::get()?.slot;
    let accounts = ctx.accounts;
    let is_expired = slot > accounts.pending.last_slot;
    let is_over = {
        let market = accounts.market.load()?;
        !market.is_open() || slot >= market.freeze_slot
    };
    require!(is_expired || is_over, FlashError::ExecutionPossible);

    finish(
        OrderAccounts {
            market: &accounts.market,
            ticket: &mut accounts.ticket,
            pending: &accounts.pending,
            owner: &accounts.owner,
            market_tokens: accounts.market_tokens.to_account_info(),
            owner_tokens: &accounts.owner_tokens,
            token_program: &accounts.token_program,
            fallback_tokens: accounts.fallback_tokens.as_deref(),
        },
        OrderResult::Cancelled,
    )
}
