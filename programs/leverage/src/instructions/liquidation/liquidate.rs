use anchor_lang::prelude::*;

use super::{
    monitor_health::{held, seconds_left},
    Liquidate,
};
use crate::error::LoanError;

/// Sells of positions that owe as much as they may, all at once: of each what restores the target, if it
/// has been marked for long enough, or all of it, marked or not, once the debt and the reward are above
/// its value. A position that cannot be liquidated is passed over: nobody can stop a batch by what he does
/// with his own just before it.
pub fn handle_liquidate<'info>(ctx: Context<'info, Liquidate<'info>>) -> Result<()> {
    let clock = Clock::get()?;
    let now = clock.unix_timestamp;
    let accounts = ctx.accounts;
    let is_paused = accounts.venue.load()?.pauses.is_paused(now);
    let parameters = accounts.listing.load()?.parameters.at(now);
    let (rules, market) = (parameters.rules(), accounts.market.clone());
    accounts.sell(ctx.remaining_accounts, &clock, |position, debt| {
        let market = market.load()?;
        let held = held(&market, position, now)?;
        let left = seconds_left(&market, now);
        let sale = rules.forced_sale(&market.pool, held, debt, left);
        let sale = sale.map_err(LoanError::from)?;
        let (from, until) = (parameters.mark_slots, parameters.mark_lasts_slots);
        let is_marked = position.is_marked_at(clock.slot, from, until);
        Ok(sale.filter(|sale| sale.is_whole || (is_marked && !is_paused)))
    })
}
