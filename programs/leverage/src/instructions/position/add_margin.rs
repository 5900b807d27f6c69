use anchor_lang::prelude::*;
use anchor_spl::token_interface::TokenInterface;
use program_kit::{EventHeader, Purse};

use crate::{
    error::LoanError,
    instructions::ledger::Ledger,
    state::{CorrelationGroup, LendingPool, LeveredPosition, ListedMarket},
};

#[derive(Accounts)]
pub struct AddMargin<'info> {
    /// Anybody.
    pub payer: Signer<'info>,
    #[account(mut)]
    pub pool: AccountLoader<'info, LendingPool>,
    #[account(mut)]
    pub group: AccountLoader<'info, CorrelationGroup>,
    #[account(
        mut,
        has_one = pool @ LoanError::WrongAccount,
        has_one = group @ LoanError::WrongAccount,
    )]
    pub listing: AccountLoader<'info, ListedMarket>,
    #[account(mut, has_one = listing @ LoanError::WrongAccount)]
    pub position: AccountLoader<'info, LeveredPosition>,
    /// CHECK: the token program checks mint, balance and authority.
    #[account(mut)]
    pub payer_tokens: UncheckedAccount<'info>,
    /// CHECK: named by the pool.
    #[account(mut)]
    pub pool_tokens: UncheckedAccount<'info>,
    pub token_program: Interface<'info, TokenInterface>,
}

#[event]
pub struct MarginAdded {
    pub header: EventHeader,
    pub listing: Pubkey,
    pub position: Pubkey,
    pub owner: Pubkey,
    pub payer: Pubkey,
    /// Base units that were taken: no more than the debt.
    pub paid: u64,
    /// After it.
    pub debt_shares_left: u64,
    pub pool_cash: u64,
}

/// Pays a part of a position's debt, or all of it, in money; anybody, whatever has become of the market.
pub fn handle_add_margin(ctx: Context<AddMargin>, amount: u64) -> Result<()> {
    let accounts = ctx.accounts;
    let clock = Clock::get()?;
    require_gt!(amount, 0, LoanError::ZeroAmount);
    let mut position = accounts.position.load_mut()?;
    require_gt!(position.debt_shares, 0, LoanError::NoDebt);
    let ledger = Ledger {
        pool: &accounts.pool,
        group: &accounts.group,
        listing: &accounts.listing,
    };
    let debt = ledger.debt(&mut position, clock.unix_timestamp)?;
    let paid = amount.min(debt.0);
    ledger.settle(&mut position, paid)?;
    emit!(MarginAdded {
        header: accounts.listing.load_mut()?.next_event(&clock)?,
        listing: position.listing,
        position: accounts.position.key(),
        owner: position.owner,
        payer: accounts.payer.key(),
        paid,
        debt_shares_left: position.debt_shares,
        pool_cash: accounts.pool.load()?.book.cash,
    });
    let (pool, tokens) = (&accounts.pool, &accounts.pool_tokens);
    let purse = Purse::new(pool, tokens, &accounts.token_program)?;
    purse.receive(&accounts.payer_tokens, &accounts.payer, paid)
}
