use anchor_lang::prelude::*;
use anchor_spl::token_interface::TokenInterface;
use math::{Money, Shares};

use crate::{
    error::FlashError,
    instructions::{finish, OrderAccounts, OrderResult},
    state::{FlashMarket, Order, PendingBet, Ticket, Vault},
};

#[derive(Accounts)]
pub struct ExecuteBet<'info> {
    pub vault: AccountLoader<'info, Vault>,
    #[account(
        mut,
        has_one = vault @ FlashError::WrongAccount,
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

/// Executes a pending order at the price of this moment, or gives back what was put in; anybody.
pub fn handle_execute_bet(ctx: Context<ExecuteBet>) -> Result<()> {
    let clock = Clock::get()?;
    let accounts = ctx.accounts;
    let pending = &accounts.pending;
    require_gte!(
        clock.slot,
        pending.executable_slot,
        FlashError::DelayNotPassed
    );
    require_gte!(pending.last_slot, clock.slot, FlashError::ExecutionOver);
    let is_paused = accounts.vault.load()?.is_paused(clock.unix_timestamp);
    let result = {
        let mut market = accounts.market.load_mut()?;
        let is_tradeable = market.require_trading(&clock).is_ok()
            && !market.was_suspended_since(pending.placed_slot);
        let is_stopped = is_paused && matches!(pending.order, Order::Buy { .. });
        let before = (market.pool, market.observed_at);
        if is_tradeable && !is_stopped {
            trade(&mut market, pending, &clock).unwrap_or_else(|_| {
                (market.pool, market.observed_at) = before;
                OrderResult::Returned
            })
        } else {
            OrderResult::Returned
        }
    };
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
        result,
    )
}

fn trade(market: &mut FlashMarket, pending: &PendingBet, clock: &Clock) -> Result<OrderResult> {
    match pending.order {
        Order::Buy { stake, min_shares } => {
            let trade = market.buy(clock, pending.outcome, Money(stake), Shares(min_shares))?;
            Ok(OrderResult::Bought {
                shares: trade.shares.0,
                fee: trade.fee.0,
            })
        }
        Order::Sell { shares, min_return } => {
            let (trade, amount) =
                market.sell(clock, pending.outcome, Shares(shares), Money(min_return))?;
            Ok(OrderResult::Sold {
                amount,
                fee: trade.fee.0,
            })
        }
    }
}
