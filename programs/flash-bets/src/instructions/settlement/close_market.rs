use anchor_lang::prelude::*;
use anchor_spl::token_interface::TokenInterface;
use market_core::{difference, sum};
use program_kit::tokens::token_amount;
use program_kit::{Custody, EventHeader, Purse};

use super::surplus::{close_idle_feed, Books, Funded, Surplus};
use crate::{
    error::FlashError,
    instructions::Verses,
    state::{EventBook, FeedBook, FlashMarket, OperatorFees, Vault},
};

/// Remaining accounts: the event's verse and those above it, writable, unless its surplus has been released.
#[derive(Accounts)]
pub struct CloseMarket<'info> {
    #[account(mut)]
    pub vault: AccountLoader<'info, Vault>,
    /// CHECK: named by the vault.
    #[account(mut)]
    pub vault_tokens: UncheckedAccount<'info>,
    #[account(
        mut,
        close = operator,
        has_one = vault @ FlashError::WrongAccount,
        has_one = event_book @ FlashError::WrongAccount,
        has_one = operator @ FlashError::WrongAccount,
    )]
    pub market: AccountLoader<'info, FlashMarket>,
    /// CHECK: named by the market.
    #[account(mut)]
    pub market_tokens: UncheckedAccount<'info>,
    #[account(mut)]
    pub event_book: Box<Account<'info, EventBook>>,
    /// The only one of this vault and feed; closed with its last market.
    #[account(
        mut,
        has_one = vault @ FlashError::WrongAccount,
        constraint = feed_book.feed_id == market.load()?.booked_feed() @ FlashError::WrongAccount,
        constraint = feed_book.rent_payer == feed_book_rent_payer.key() @ FlashError::WrongAccount,
    )]
    pub feed_book: Box<Account<'info, FeedBook>>,
    /// CHECK: named by the feed's book as who paid its rent.
    #[account(mut)]
    pub feed_book_rent_payer: UncheckedAccount<'info>,
    /// The only one of this vault and operator.
    #[account(
        mut,
        has_one = vault @ FlashError::WrongAccount,
        has_one = operator @ FlashError::WrongAccount,
    )]
    pub operator_fees: Box<Account<'info, OperatorFees>>,
    /// CHECK: named by the market as who created it and paid its rent.
    #[account(mut)]
    pub operator: UncheckedAccount<'info>,
    pub token_program: Interface<'info, TokenInterface>,
}

#[event]
pub struct FlashMarketClosed {
    pub header: EventHeader,
    pub market: Pubkey,
    pub vault: Pubkey,
    /// Base units that went to the vault at last.
    pub surplus: Surplus,
    /// Base units that somebody sent uninvited; the protocol keeps them.
    pub donated: u64,
    /// After it.
    pub vault_cash: u64,
    pub vault_allocated: u64,
}

/// Closes a settled market after its last ticket, and gives back all that it holds; anybody.
pub fn handle_close_market<'info>(ctx: Context<'info, CloseMarket<'info>>) -> Result<()> {
    let clock = Clock::get()?;
    let accounts = ctx.accounts;
    let balance = token_amount(&accounts.market_tokens).map_err(FlashError::from)?;
    let verses = Verses::of(ctx.remaining_accounts);
    book_closing(accounts, verses, balance, &clock)?;

    let token_program = &accounts.token_program;
    let market = Purse::new(&accounts.market, &accounts.market_tokens, token_program)?;
    let vault = Purse::new(&accounts.vault, &accounts.vault_tokens, token_program)?;
    market.pay_to(&vault, balance)?;
    market.close(&accounts.operator)?;
    close_idle_feed(&accounts.feed_book, &accounts.feed_book_rent_payer)
}

/// Takes a market that holds `balance` base units off all books.
fn book_closing(
    accounts: &mut CloseMarket,
    verses: Verses,
    balance: u64,
    clock: &Clock,
) -> Result<()> {
    let mut vault = accounts.vault.load_mut()?;
    let mut market = accounts.market.load_mut()?;
    market
        .settlement
        .require_settled()
        .map_err(FlashError::from)?;
    require_eq!(market.open_tickets, 0, FlashError::TicketsOpen);
    require_eq!(market.pending_orders, 0, FlashError::OrdersPending);
    require_eq!(market.open_groups, 0, FlashError::GroupsOpen);
    require_eq!(market.has_chain_book, 0, FlashError::ChainBookOpen);
    let surplus = Surplus::take(&mut market)?;
    let mut books = Books {
        vault: &mut vault,
        event_book: &mut accounts.event_book,
        feed_book: &mut accounts.feed_book,
        operator_fees: &mut accounts.operator_fees,
        verses,
    };
    let funding = market.funding;
    let released = &mut market.released;
    surplus.book(
        Funded { funding, released },
        &mut books,
        clock.unix_timestamp,
    )?;
    books.close(clock.unix_timestamp)?;
    let donated = difference(balance, surplus.total()?).map_err(|_| FlashError::TokensMissing)?;
    vault.protocol_fees = sum([vault.protocol_fees, donated]).map_err(FlashError::from)?;
    require_eq!(market.tracked()?, 0, FlashError::TicketsOpen);

    emit!(FlashMarketClosed {
        header: market.next_event(clock)?,
        market: accounts.market.key(),
        vault: accounts.vault.key(),
        surplus,
        donated,
        vault_cash: vault.cash,
        vault_allocated: vault.allocated,
    });
    Ok(())
}
