use anchor_lang::prelude::*;
use anchor_spl::token_interface::TokenInterface;
use market_core::difference;
use program_kit::{EventHeader, Purse};

use crate::{
    error::FlashError,
    instructions::{
        settlement::{Books, Funded, Surplus},
        Verses,
    },
    state::{EventBook, FeedBook, OperatorFees, QuantumGroup, Vault},
};

/// Remaining accounts: the event's verse and those above it, writable.
#[derive(Accounts)]
pub struct ReleaseQuantum<'info> {
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
    pub group: AccountLoader<'info, QuantumGroup>,
    /// CHECK: named by the group.
    #[account(mut)]
    pub group_tokens: UncheckedAccount<'info>,
    #[account(mut)]
    pub event_book: Box<Account<'info, EventBook>>,
    /// The only one of this vault and feed.
    #[account(
        mut,
        has_one = vault @ FlashError::WrongAccount,
        constraint = feed_book.feed_id == group.load()?.feed_id @ FlashError::WrongAccount,
    )]
    pub feed_book: Box<Account<'info, FeedBook>>,
    /// The only one of this vault and operator.
    #[account(
        mut,
        has_one = vault @ FlashError::WrongAccount,
        constraint = operator_fees.operator == group.load()?.operator @ FlashError::WrongAccount,
    )]
    pub operator_fees: Box<Account<'info, OperatorFees>>,
    pub token_program: Interface<'info, TokenInterface>,
}

#[event]
pub struct QuantumReleased {
    pub header: EventHeader,
    pub group: Pubkey,
    pub vault: Pubkey,
    pub surplus: Surplus,
    /// After it: what the group owes, and the vault's books.
    pub total: u64,
    pub vault_cash: u64,
    pub vault_allocated: u64,
}

/// Gives the vault what a settled group does not owe to tickets, and the fees of what is real, once;
/// anybody.
pub fn handle_release_quantum<'info>(ctx: Context<'info, ReleaseQuantum<'info>>) -> Result<()> {
    let clock = Clock::get()?;
    let accounts = ctx.accounts;
    let mut vault = accounts.vault.load_mut()?;
    let mut group = accounts.group.load_mut()?;
    group.require_settled()?;
    require_eq!(group.released, 0, FlashError::NothingSettled);
    let (all, fees) = group.surplus()?;
    let pool = difference(all.0, fees.0).map_err(FlashError::from)?;
    let surplus = Surplus::of(pool, fees.0, group.fee_split)?;
    group.total = difference(group.total, all.0).map_err(FlashError::from)?;
    let mut books = Books {
        vault: &mut vault,
        event_book: &mut accounts.event_book,
        feed_book: &mut accounts.feed_book,
        operator_fees: &mut accounts.operator_fees,
        verses: Verses::of(ctx.remaining_accounts),
    };
    let funding = group.funding;
    let released = &mut group.released;
    surplus.book(
        Funded { funding, released },
        &mut books,
        clock.unix_timestamp,
    )?;
    emit!(QuantumReleased {
        header: group.next_event(&clock)?,
        group: accounts.group.key(),
        vault: accounts.vault.key(),
        surplus,
        total: group.total,
        vault_cash: vault.cash,
        vault_allocated: vault.allocated,
    });
    drop((vault, group));

    let token_program = &accounts.token_program;
    let vault = Purse::new(&accounts.vault, &accounts.vault_tokens, token_program)?;
    let group = Purse::new(&accounts.group, &accounts.group_tokens, token_program)?;
    group.pay_to(&vault, all.0)
}
