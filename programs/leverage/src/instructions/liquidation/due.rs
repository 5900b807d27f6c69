//! What is due of a position of a market that is up to date: for the instructions, and for whoever plans them.

use anchor_lang::prelude::*;
use markets::state::{Market, Venue};
use math::{BasisPoints, DueSale, ForcedSale, LoanRules, Money, Position, Shares};

use crate::{
    error::LoanError,
    state::{LeveredPosition, LoanParameters},
};

/// What is sold of a position that is marked for long enough: what restores the target if it owes as much as
/// it may, or in a final sale what pays its debt; if that is due at the average since the mark too.
///
/// # Errors
/// Those of the formulas.
#[inline(never)]
pub fn marked_sale(
    parameters: &LoanParameters,
    market: &Market,
    venue: &Venue,
    position: &LeveredPosition,
    debt: Money,
    clock: &Clock,
    is_final: bool,
) -> Result<Option<ForcedSale>> {
    let now = clock.unix_timestamp;
    let (from, until) = (parameters.mark_slots, parameters.mark_lasts_slots);
    if !position.is_marked_at(clock.slot, from, until) {
        return Ok(None);
    }
    let (rules, held) = (parameters.rules(), held(market, position, now)?);
    let sale = if is_final {
        rules.final_sale(&market.pool, held, debt)
    } else {
        rules.forced_sale(&market.pool, held, debt, seconds_left(market, now))
    };
    let sale = sale.map_err(LoanError::from)?;
    if sale.is_none() || !is_lasting(&rules, market, venue, position, debt, now, is_final)? {
        return Ok(None);
    }
    Ok(sale)
}

/// Whether a position's sale, due at the spot price of a market that is up to date, is due at the average
/// since its mark as well, and near it.
///
/// # Errors
/// Those of the formulas.
#[inline(never)]
pub fn is_lasting(
    rules: &LoanRules,
    market: &Market,
    venue: &Venue,
    position: &LeveredPosition,
    debt: Money,
    now: i64,
    is_final: bool,
) -> Result<bool> {
    let Some(average) = position.average_since_mark(market, venue, now)? else {
        return Ok(false);
    };
    let due = DueSale {
        position: held(market, position, now)?,
        debt,
        left_seconds: seconds_left(market, now),
        is_final,
    };
    let is_lasting = rules.is_lasting(&market.pool, due, average);
    Ok(is_lasting.map_err(LoanError::from)?)
}

/// What a position has in its market.
///
/// # Errors
/// [`LoanError::TradingOver`].
pub fn held(market: &Market, position: &LeveredPosition, now: i64) -> Result<Position> {
    require!(!market.is_trading_over(now), LoanError::TradingOver);
    Ok(Position {
        outcome: position.outcome.into(),
        shares: Shares(position.shares),
        fees: BasisPoints(market.fee_rate).into(),
    })
}

/// Until the end of trading.
pub fn seconds_left(market: &Market, now: i64) -> u64 {
    let left = market.hours.trading_until.saturating_sub(now);
    left.max(0).unsigned_abs()
}

/// The last part of the decay, in which debts are paid whatever they are: one in so many.
const FINAL_PART: u64 = 8;

/// Whether the last part of the decay has come.
pub fn is_final(market: &Market, parameters: &LoanParameters, now: i64) -> bool {
    let left = seconds_left(market, now);
    left.saturating_mul(FINAL_PART) <= parameters.decay_seconds.into()
}
