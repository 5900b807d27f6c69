//! Whether what is due is due for longer than a moment, so that nobody has a healthy position sold by a
//! price that he makes and takes back.

use anchor_lang::prelude::*;
use markets::state::{Market, Venue};
use math::{DueSale, LoanRules, Money};

use super::monitor_health::{held, seconds_left};
use crate::{error::LoanError, state::LeveredPosition};

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
