use anchor_lang::prelude::*;
use markets::state::{Market, Venue};
use math::{Money, Price, Shares};

use super::{call_deleverage::all_loans, Liquidate, Standing};
use crate::{
    error::LoanError,
    state::{
        locked_pool, secured, DeleverageCall, LendingPool, LeveredPosition, ListedMarket,
        CALL_NOTICE_SECONDS,
    },
};

/// Sells of positions what pays the part of their debts that a call does not leave, all at once: of each the
/// same part of what it owed at the call, less what its owner has paid of it since. The loans that stood at
/// the call have to be too much at the average price since then as well, and the spot price has to be near
/// it.
pub fn handle_deleverage_pro_rata<'info>(ctx: Context<'info, Liquidate<'info>>) -> Result<()> {
    let clock = Clock::get()?;
    let now = clock.unix_timestamp;
    let accounts = ctx.accounts;
    accounts.pool.load_mut()?.accrue(now)?;
    let (call, average, parameters) = {
        let (pool, listing) = (accounts.pool.load()?, accounts.listing.load()?);
        let (venue, market) = (accounts.venue.load()?, accounts.market.load()?);
        let (call, average) = standing_call(&pool, &listing, &venue, &market, &clock)?;
        (call, average, listing.parameters.at(now))
    };
    let rules = parameters.rules();
    accounts.sell(
        ctx.remaining_accounts,
        &clock,
        &parameters,
        |standing, position, debt| {
            if position.outcome != call.outcome {
                return Ok(None);
            }
            let above = above(&*accounts.pool.load()?, position)?;
            standing.called_sale(&rules, position, [debt, above], average)
        },
    )
}

/// The call that sales are due by, and the average price since then; of a pool that is up to date.
///
/// # Errors
/// [`LoanError::CallNotDue`], [`LoanError::LoansNotDue`]; those of the formulas.
#[inline(never)]
pub fn standing_call(
    pool: &LendingPool,
    listing: &ListedMarket,
    venue: &Venue,
    market: &Market,
    clock: &Clock,
) -> Result<(DeleverageCall, Price)> {
    let (call, now) = (listing.call, clock.unix_timestamp);
    let due_from = call.called_at.saturating_add(CALL_NOTICE_SECONDS);
    let is_due = call.stands(venue, now) && now >= due_from;
    require!(is_due, LoanError::CallNotDue);
    let standing = Standing::now(market, venue, call.outcome, clock)?;
    let average = standing.average_since(&call.mark())?;
    let average = average.ok_or(LoanError::CallNotDue)?;
    let debt = pool.book.debt(Shares(call.debt_shares));
    let debt = debt.map_err(LoanError::from)?;
    let all = all_loans(market, call.shares, debt, now)?;
    let parameters = listing.parameters.at(now);
    let locked = locked_pool(market, 0)?;
    let locked = secured(&locked, market, call.outcome)?;
    let are_due = parameters.rules().are_all_due(&locked, all, average);
    require!(are_due.map_err(LoanError::from)?, LoanError::LoansNotDue);
    Ok((call, average))
}

/// What of a position's debt is above what a call that is counted in it leaves.
///
/// # Errors
/// `Overflow`.
pub fn above(pool: &LendingPool, position: &LeveredPosition) -> Result<Money> {
    let above = position
        .debt_shares
        .saturating_sub(position.kept_debt_shares);
    let above = pool.book.debt(Shares(above));
    Ok(above.map_err(LoanError::from)?)
}
