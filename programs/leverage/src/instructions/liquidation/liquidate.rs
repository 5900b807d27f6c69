use anchor_lang::prelude::*;

use super::{
    lasting::is_lasting,
    monitor_health::{held, seconds_left},
    Liquidate,
};
use crate::error::LoanError;

/// Sells of positions that owe as much as they may, all at once: of each what restores the target, or all
/// of it once the debt and the reward are above its value. Each has to be marked for long enough, and to
/// owe as much at the average price since its mark too; while it is worth more than its debt there, the
/// spot price has to be near that average. A position that cannot be liquidated is passed over: nobody
/// can stop a batch by what he does with his own just before it.
pub fn handle_liquidate<'info>(ctx: Context<'info, Liquidate<'info>>) -> Result<()> {
    let clock = Clock::get()?;
    let now = clock.unix_timestamp;
    let accounts = ctx.accounts;
    accounts.poke()?;
    let parameters = accounts.listing.load()?.parameters.at(now);
    let (rules, market) = (parameters.rules(), accounts.market.clone());
    let venue = accounts.venue.clone();
    accounts.sell(ctx.remaining_accounts, &clock, |position, debt| {
        let (from, until) = (parameters.mark_slots, parameters.mark_lasts_slots);
        if !position.is_marked_at(clock.slot, from, until) {
            return Ok(None);
        }
        let (market, venue) = (market.load()?, venue.load()?);
        let held = held(&market, position, now)?;
        let sale = rules.forced_sale(&market.pool, held, debt, seconds_left(&market, now));
        let sale = sale.map_err(LoanError::from)?;
        if sale.is_none() || !is_lasting(&rules, &market, &venue, position, debt, now, false)? {
            return Ok(None);
        }
        Ok(sale)
    })
}
