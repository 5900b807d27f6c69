use anchor_lang::prelude::*;

use super::{
    lasting::is_lasting,
    monitor_health::{held, is_final},
    Liquidate,
};
use crate::error::LoanError;

/// Sells of positions what pays their debts, all at once, in the last eighth of the time over which what
/// may be owed falls to nothing: so that no loan that a keeper serves is left in a market whose result can
/// be known. Each has to be marked for long enough, and while it is worth more than its debt at the average
/// price since then, the spot price has to be near that.
pub fn handle_force_deleverage<'info>(ctx: Context<'info, Liquidate<'info>>) -> Result<()> {
    let clock = Clock::get()?;
    let now = clock.unix_timestamp;
    let accounts = ctx.accounts;
    accounts.poke()?;
    let parameters = accounts.listing.load()?.parameters.at(now);
    let (rules, market) = (parameters.rules(), accounts.market.clone());
    let venue = accounts.venue.clone();
    let is_final = is_final(&*market.load()?, &parameters, now);
    require!(is_final, LoanError::TooEarlyToDeleverage);
    accounts.sell(ctx.remaining_accounts, &clock, |position, debt| {
        let (from, until) = (parameters.mark_slots, parameters.mark_lasts_slots);
        if !position.is_marked_at(clock.slot, from, until) {
            return Ok(None);
        }
        let (market, venue) = (market.load()?, venue.load()?);
        let sale = rules.final_sale(&market.pool, held(&market, position, now)?, debt);
        let sale = sale.map_err(LoanError::from)?;
        if sale.is_none() || !is_lasting(&rules, &market, &venue, position, debt, now, true)? {
            return Ok(None);
        }
        Ok(sale)
    })
}
