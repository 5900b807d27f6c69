use anchor_lang::prelude::*;

use super::{
    monitor_health::{held, seconds_left},
    Liquidate,
};
use crate::error::LoanError;

/// The last part of the decay, in which debts are paid whatever they are: one in so many.
const FINAL_PART: u64 = 8;

/// Sells of positions what pays their debts, all at once, in the last eighth of the time over which what
/// may be owed falls to nothing: so that no loan that a keeper serves is left in a market whose result can
/// be known.
pub fn handle_force_deleverage<'info>(ctx: Context<'info, Liquidate<'info>>) -> Result<()> {
    let clock = Clock::get()?;
    let now = clock.unix_timestamp;
    let accounts = ctx.accounts;
    let parameters = accounts.listing.load()?.parameters.at(now);
    let (rules, market) = (parameters.rules(), accounts.market.clone());
    let left = seconds_left(&*market.load()?, now);
    let is_final = left.saturating_mul(FINAL_PART) <= parameters.decay_seconds.into();
    require!(is_final, LoanError::TooEarlyToDeleverage);
    accounts.sell(ctx.remaining_accounts, &clock, |position, debt| {
        let market = market.load()?;
        let sale = rules.final_sale(&market.pool, held(&market, position, now)?, debt);
        Ok(sale.map_err(LoanError::from)?)
    })
}
