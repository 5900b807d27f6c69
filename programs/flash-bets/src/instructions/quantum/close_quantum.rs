use anchor_lang::prelude::*;
use anchor_spl::token_interface::TokenInterface;
use market_core::sum;
use program_kit::{tokens::token_amount, EventHeader, Purse};

use crate::{
    error::FlashError,
    instructions::{
        settlement::{close_idle_feed, Books},
        Verses,
    },
    state::{EventBook, FeedBook, OperatorFees, QuantumGroup, Vault},
};

#[derive(Accounts)]
pub struct CloseQuantum<'info> {
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
    pub group: AccountLoader<'info, QuantumGroup>,
    /// CHECK: named by the group.
    #[account(mut)]
    pub group_tokens: UncheckedAccount<'info>,
    #[account(mut)]
    pub event_book: Box<Account<'info, EventBook>>,
    /// The only one of this vault and feed; closed with its last market or group.
    #[account(
        mut,
        has_one = vault @ FlashError::WrongAccount,
        constraint = feed_book.feed_id == group.load()?.feed_id @ FlashError::WrongAccount,
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
    /// CHECK: named by the group as who created it and paid its rent.
    #[account(mut)]
    pub operator: UncheckedAccount<'info>,
    pub token_program: Interface<'info, TokenInterface>,
}

#[event]
pub struct QuantumClosed {
    pub header: EventHeader,
    pub group: Pubkey,
    pub vault: Pubkey,
    /// Base units that rounding left or somebody sent uninvited; the protocol keeps them.
    pub rest: u64,
}

/// Closes a group after its last ticket and the release of its surplus; anybody.
pub fn handle_close_quantum(ctx: Context<CloseQuantum>) -> Result<()> {
    let clock = Clock::get()?;
    let accounts = ctx.accounts;
    let rest = token_amount(&accounts.group_tokens).map_err(FlashError::from)?;
    book_closing(accounts, rest, &clock)?;

    let token_program = &accounts.token_program;
    let group = Purse::new(&accounts.group, &accounts.group_tokens, token_program)?;
    let vault = Purse::new(&accounts.vault, &accounts.vault_tokens, token_program)?;
    group.pay_to(&vault, rest)?;
    group.close(&accounts.operator)?;
    close_idle_feed(&accounts.feed_book, &accounts.feed_book_rent_payer)
}

fn book_closing(accounts: &mut CloseQuantum, rest: u64, clock: &Clock) -> Result<()> {
    let mut vault = accounts.vault.load_mut()?;
    let mut group = accounts.group.load_mut()?;
    require!(
        group.open_tickets == 0 && group.released == 1,
        FlashError::GroupInUse
    );
    group.total = 0;
    vault.protocol_fees = sum([vault.protocol_fees, rest]).map_err(FlashError::from)?;
    Books {
        vault: &mut vault,
        event_book: &mut accounts.event_book,
        feed_book: &mut accounts.feed_book,
        operator_fees: &mut accounts.operator_fees,
        verses: Verses::of(&[]),
    }
    .close(clock.unix_timestamp)?;
    emit!(QuantumClosed {
        header: group.next_event(clock)?,
        group: accounts.group.key(),
        vault: accounts.vault.key(),
        rest,
    });
    Ok(())
}
