use anchor_lang::prelude::*;
use markets::state::{Market, Venue};
use math::{DueSale, ForcedSale, LoanRules, Money, Price, Shares};

use super::{
    call_deleverage::all_loans,
    due::{held, seconds_left},
    Liquidate,
};
use crate::{
    error::LoanError,
    state::{
        locked_pool, DeleverageCall, LendingPool, LeveredPosition, ListedMarket,
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
    accounts.poke()?;
    accounts.pool.load_mut()?.accrue(now)?;
    let (call, average, rules) = {
        let (pool, listing) = (accounts.pool.load()?, accounts.listing.load()?);
        let (venue, market) = (accounts.venue.load()?, accounts.market.load()?);
        let (call, average) = standing_call(&pool, &listing, &venue, &market, now)?;
        (call, average, listing.parameters.at(now).rules())
    };
    accounts.sell(ctx.remaining_accounts, &clock, |position, debt| {
        let is_called = position.outcome == call.outcome;
        require!(is_called, LoanError::LiquidationAccounts);
        let (pool, market) = (accounts.pool.load()?, accounts.market.load()?);
        called_sale(&pool, &rules, &market, position, debt, average, now)
    })
}

/// The call that sales are due by, and the average price since then; of a market and a pool that are up to
/// date.
///
/// # Errors
/// [`LoanError::CallNotDue`], [`LoanError::LoansNotDue`]; those of the formulas.
#[inline(never)]
pub fn standing_call(
    pool: &LendingPool,
    listing: &ListedMarket,
    venue: &Venue,
    market: &Market,
    now: i64,
) -> Result<(DeleverageCall, Price)> {
    let call = listing.call;
    let due_from = call.called_at.saturating_add(CALL_NOTICE_SECONDS);
    let is_due = call.stands(venue, now) && now >= due_from;
    require!(is_due, LoanError::CallNotDue);
    let average = call.mark().average(market, venue, call.outcome, now)?;
    let average = average.ok_or(LoanError::CallNotDue)?;
    let debt = pool.book.debt(Shares(call.debt_shares));
    let debt = debt.map_err(LoanError::from)?;
    let all = all_loans(market, call.outcome, call.shares, debt, now)?;
    let parameters = listing.parameters.at(now);
    let locked = locked_pool(market, 0)?;
    let are_due = parameters.rules().are_all_due(&locked, all, average);
    require!(are_due.map_err(LoanError::from)?, LoanError::LoansNotDue);
    Ok((call, average))
}

/// What of a position is sold by a call that is counted in it, by what it owes and the average price since the
/// call.
///
/// # Errors
/// Those of the formulas.
#[inline(never)]
pub fn called_sale(
    pool: &LendingPool,
    rules: &LoanRules,
    market: &Market,
    position: &LeveredPosition,
    debt: Money,
    average: Price,
    now: i64,
) -> Result<Option<ForcedSale>> {
    let above = position
        .debt_shares
        .saturating_sub(position.kept_debt_shares);
    let above = pool.book.debt(Shares(above)).map_err(LoanError::from)?;
    let due = DueSale {
        position: held(market, position, now)?,
        debt,
        left_seconds: seconds_left(market, now),
        is_final: true,
    };
    let sale = rules.final_sale(&market.pool, due.position, above);
    let sale = sale.map_err(LoanError::from)?;
    if sale.is_none() {
        return Ok(None);
    }
    let is_lasting = rules.is_lasting(&market.pool, due, average);
    let is_lasting = is_lasting.map_err(LoanError::from)?;
    Ok(sale.filter(|_| is_lasting))
}
