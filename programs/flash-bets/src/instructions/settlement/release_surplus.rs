use anchor_lang::prelude::*;
use anchor_spl::token_interface::TokenInterface;
use program_kit::{EventHeader, Purse};

use super::surplus::{Books, Funded, Surplus};
use crate::{
    error::FlashError,
    instructions::Verses,
    state::{EventBook, FeedBook, FlashMarket, OperatorFees, Vault},
};

/// Remaining accounts: the event's verse and those above it, writable.
#[derive(Accounts)]
pub struct ReleaseSurplus<'info> {
    #[account(mut)]
    pub vault: AccountLoader<'info, Vault>,
    /// CHECK: named by the vault.
    #[account(mut)]
    pub vault_tokens: UncheckedAccount<'info>,
    #[account(
        mut,
        has_one = vault @ FlashError::WrongAccount,
        has_one = event_book @ FlashError::WrongAccount,
    )]
    pub market: AccountLoader<'info, FlashMarket>,
    /// CHECK: named by the market.
    #[account(mut)]
    pub market_tokens: UncheckedAccount<'info>,
    #[account(mut)]
    pub event_book: Box<Account<'info, EventBook>>,
    /// The only one of this vault and feed.
    #[account(
        mut,
        has_one = vault @ FlashError::WrongAccount,
        constraint = feed_book.feed_id == market.load()?.booked_feed() @ FlashError::WrongAccount,
    )]
    pub feed_book: Box<Account<'info, FeedBook>>,
    /// The only one of this vault and operator.
    #[account(
        mut,
        has_one = vault @ FlashError::WrongAccount,
        constraint = operator_fees.operator == market.load()?.operator @ FlashError::WrongAccount,
    )]
    pub operator_fees: Box<Account<'info, OperatorFees>>,
    pub token_program: Interface<'info, TokenInterface>,
}

#[event]
pub struct SurplusReleased {
    pub header: EventHeader,
    pub market: Pubkey,
    pub vault: Pubkey,
    pub surplus: Surplus,
    /// After it.
    pub pool_cash: u64,
    pub vault_cash: u64,
    pub vault_allocated: u64,
    /// What the vault lost within a day.
    pub daily_loss: u64,
}

/// Gives the vault what a settled market does not owe to tickets, and the fees; anybody. LPs need
/// not wait for the last ticket, whose owner may be unable to be paid.
pub fn handle_release_surplus<'info>(ctx: Context<'info, ReleaseSurplus<'info>>) -> Result<()> {
    let clock = Clock::get()?;
    let now = clock.unix_timestamp;
    let accounts = ctx.accounts;
    let mut vault = accounts.vault.load_mut()?;
    let mut market = accounts.market.load_mut()?;
    market
        .settlement
        .require_settled()
        .map_err(FlashError::from)?;
    let surplus = Surplus::take(&mut market)?;
    let mut books = Books {
        vault: &mut vault,
        event_book: &mut accounts.event_book,
        feed_book: &mut accounts.feed_book,
        operator_fees: &mut accounts.operator_fees,
        verses: Verses::of(ctx.remaining_accounts),
    };
    let funding = market.funding;
    let released = &mut market.released;
    surplus.book(Funded { funding, released }, &mut books, now)?;
    emit!(SurplusReleased {
        header: market.next_event(&clock)?,
        market: accounts.market.key(),
        vault: accounts.vault.key(),
        surplus,
        pool_cash: market.pool.cash,
        vault_cash: vault.cash,
        vault_allocated: vault.allocated,
        daily_loss: vault.losses.lost(now).map_err(FlashError::from)?.0,
    });
    drop((vault, market));

    let token_program = &accounts.token_program;
    let vault = Purse::new(&accounts.vault, &accounts.vault_tokens, token_program)?;
    let market = Purse::new(&accounts.market, &accounts.market_tokens, token_program)?;
    market.pay_to(&vault, surplus.total()?)
}
