use anchor_lang::prelude::*;
use anchor_spl::token_interface::TokenInterface;
use program_kit::{EventHeader, Purse};

use crate::{
    error::LoanError,
    instructions::ledger::{pay_pool, Ledger, Settled},
    state::{CorrelationGroup, LendingPool, LeveredPosition, ListedMarket},
};

#[derive(Accounts)]
pub struct SettlePosition<'info> {
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
    /// CHECK: named by the listing.
    #[account(mut)]
    pub listing_tokens: UncheckedAccount<'info>,
    /// CHECK: named by the pool.
    #[account(mut)]
    pub pool_tokens: UncheckedAccount<'info>,
    pub token_program: Interface<'info, TokenInterface>,
}

#[event]
pub struct PositionSettled {
    pub header: EventHeader,
    pub listing: Pubkey,
    pub position: Pubkey,
    pub owner: Pubkey,
    pub outcome: u8,
    pub shares: u64,
    /// What they were paid, base units.
    pub payout: u64,
    pub settled: Settled,
    /// After it: of the position, of the listing and of the pool.
    pub claim: u64,
    pub listing_cash: u64,
    pub pool_cash: u64,
}

/// Ends a position of a settled market: its debt is paid of its shares' payout, then the insurance's fee,
/// and the rest can be claimed; anybody. What is missing of the debt is lost.
pub fn handle_settle_position(ctx: Context<SettlePosition>) -> Result<()> {
    let accounts = ctx.accounts;
    let clock = Clock::get()?;
    let mut position = accounts.position.load_mut()?;
    let shares = core::mem::take(&mut position.shares);
    require_gt!(shares, 0, LoanError::NoShares);
    let ledger = Ledger {
        pool: &accounts.pool,
        group: &accounts.group,
        listing: &accounts.listing,
    };
    ledger.debt(&mut position, clock.unix_timestamp)?;
    let payout = {
        let mut listing = accounts.listing.load_mut()?;
        require!(listing.is_settled(), LoanError::ListingNotSettled);
        listing.change_shares(position.outcome, 0, shares)?;
        let payout = listing.payout(position.outcome, shares)?.0;
        listing.change_cash(0, payout)?;
        payout
    };
    let settled = ledger.settle(&mut position, payout)?;
    ledger.forget_lost()?;
    {
        let mut listing = accounts.listing.load_mut()?;
        emit!(PositionSettled {
            header: listing.next_event(&clock)?,
            listing: position.listing,
            position: accounts.position.key(),
            owner: position.owner,
            outcome: position.outcome,
            shares,
            payout,
            settled,
            claim: position.claim,
            listing_cash: listing.cash,
            pool_cash: accounts.pool.load()?.book.cash,
        });
    }
    let listing = Purse::new(
        &accounts.listing,
        &accounts.listing_tokens,
        &accounts.token_program,
    )?;
    let pool = Purse::new(
        &accounts.pool,
        &accounts.pool_tokens,
        &accounts.token_program,
    )?;
    pay_pool(&listing, &pool, &settled)
}
