//! Whether what is due is due for longer than a moment, so that nobody has a healthy position sold by a
//! price that he makes and takes back.

use anchor_lang::prelude::*;
use markets::state::{Market, Venue};
use math::{AverageAndSpot, BasisPoints, LoanRules, Money, Pool};

use super::monitor_health::{held, seconds_left};
use crate::{
    error::LoanError,
    state::{LeveredPosition, MAX_OUTCOMES},
};

/// How far the spot price may be below its average when something is sold of a position that has a value
/// above its debt there, basis points of one unit.
#[constant]
pub const MAX_SALE_DROP: u16 = 200;

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
    let held = held(market, position, now)?;
    let prices = market.pool.prices().map_err(LoanError::from)?;
    let spot = prices.get(held.outcome).copied();
    let spot = spot.ok_or(LoanError::OutcomeOutOfRange)?;
    let whole: &Pool<MAX_OUTCOMES> = &market.pool;
    let mut at_average = Box::new(*whole);
    // What cannot be reached is a price of nearly one, at which no position owes too much, or of nearly
    // nothing, at which the spot price says as much.
    if at_average.move_to(held.outcome, average).is_err() && average > spot {
        return Ok(false);
    }
    let lasting = rules.is_lasting(
        &*at_average,
        AverageAndSpot { average, spot },
        held,
        debt,
        seconds_left(market, now),
        is_final,
        BasisPoints(MAX_SALE_DROP),
    );
    Ok(lasting.map_err(LoanError::from)?)
}
