use anchor_lang::prelude::*;
use markets::{
    program::Markets,
    state::{Market, Venue},
};
use math::{DueSale, Money, Price, Shares};
use program_kit::EventHeader;

use super::{seconds_left, Standing};
use crate::{
    error::LoanError,
    instructions::trading::poke,
    state::{
        locked_pool, secured, LendingPool, ListedMarket, CALL_LASTS_SECONDS, CALL_NOTICE_SECONDS,
    },
};

#[derive(Accounts)]
pub struct CallDeleverage<'info> {
    #[account(mut)]
    pub pool: AccountLoader<'info, LendingPool>,
    #[account(
        mut,
        has_one = pool @ LoanError::WrongAccount,
        has_one = market @ LoanError::WrongAccount,
        has_one = venue @ LoanError::WrongAccount,
    )]
    pub listing: AccountLoader<'info, ListedMarket>,
    pub venue: AccountLoader<'info, Venue>,
    #[account(mut)]
    pub market: AccountLoader<'info, Market>,
    pub markets_program: Program<'info, Markets>,
}

#[event]
pub struct DeleverageCalled {
    pub header: EventHeader,
    pub listing: Pubkey,
    pub outcome: u8,
    pub call_number: u32,
    /// Part of each debt that may stay, Q1.63.
    pub debt_factor: u64,
    /// Of all loans against the outcome.
    pub shares: u64,
    pub debt: u64,
    /// From when on anybody sells what is above it, and until when.
    pub due_from: i64,
    pub due_until: i64,
}

/// Calls on all loans against an outcome to shrink by the same factor, if one sale of all their shares, on the
/// liquidity that cannot leave, does not bear them any more, at the spot price and at the slow one; anybody.
/// Owners have [`CALL_NOTICE_SECONDS`] to reduce, to add margin, to repay or to close; what is above the
/// factor after that anybody sells.
pub fn handle_call_deleverage(ctx: Context<CallDeleverage>, outcome: u8) -> Result<()> {
    let accounts = ctx.accounts;
    let clock = Clock::get()?;
    let now = clock.unix_timestamp;
    poke(&accounts.markets_program, &accounts.venue, &accounts.market)?;
    accounts.pool.load_mut()?.accrue(now)?;
    let (venue, market) = (accounts.venue.load()?, accounts.market.load()?);
    let mut listing = accounts.listing.load_mut()?;
    let (debt_factor, all) = debt_factor(
        &*accounts.pool.load()?,
        &listing,
        &venue,
        &market,
        outcome,
        now,
    )?;
    let (shares, debt_shares) = listing.loans_of(outcome);
    let loans = [shares, debt_shares];
    let mark = Standing::now(&market, &venue, outcome, &clock)?.mark();
    listing.call = listing.call.next(mark, outcome, loans, debt_factor)?;
    emit!(DeleverageCalled {
        header: listing.next_event(&clock)?,
        listing: accounts.listing.key(),
        outcome,
        call_number: listing.call.number,
        debt_factor: debt_factor.0,
        shares,
        debt: all.debt.0,
        due_from: now.saturating_add(CALL_NOTICE_SECONDS),
        due_until: now.saturating_add(CALL_LASTS_SECONDS),
    });
    Ok(())
}

/// The part of every debt against an outcome that a call now leaves, and all loans against it as one; of a
/// market and a pool that are up to date.
///
/// # Errors
/// [`LoanError::CallStands`], [`LoanError::TradingOver`], [`LoanError::LoansNotDue`]; those of the formulas.
#[inline(never)]
pub fn debt_factor(
    pool: &LendingPool,
    listing: &ListedMarket,
    venue: &Venue,
    market: &Market,
    outcome: u8,
    now: i64,
) -> Result<(Price, DueSale)> {
    require!(!listing.call.stands(venue, now), LoanError::CallStands);
    // Nobody can answer prices.
    require!(!venue.pauses.is_paused(now), LoanError::LoansNotDue);
    let parameters = listing.parameters.at(now);
    let (shares, debt_shares) = listing.loans_of(outcome);
    let debt = pool.book.debt(Shares(debt_shares));
    let debt = debt.map_err(LoanError::from)?;
    let all = all_loans(market, shares, debt, now)?;
    // However little of all that is: else whoever adds liquidity for a moment stops calls.
    let locked = locked_pool(market, 0)?;
    let locked = secured(&locked, market, outcome)?;
    let factor = parameters.rules().debt_factor(&locked, all);
    let factor = factor.map_err(LoanError::from)?;
    Ok((factor.ok_or(LoanError::LoansNotDue)?, all))
}

/// All loans against an outcome of a market as one.
///
/// # Errors
/// [`LoanError::TradingOver`].
pub(super) fn all_loans(market: &Market, shares: u64, debt: Money, now: i64) -> Result<DueSale> {
    require!(!market.is_trading_over(now), LoanError::TradingOver);
    Ok(DueSale {
        shares: Shares(shares),
        debt,
        left_seconds: seconds_left(market, now),
        is_final: false,
    })
}
