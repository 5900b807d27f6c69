use anchor_lang::prelude::*;

use super::{is_final, Liquidate};
use crate::error::LoanError;

/// Sells of positions what pays their debts, all at once, in the last eighth of the time over which what
/// may be owed falls to nothing: so that no loan that a keeper serves is left in a market whose result can
/// be known. Each has to be marked for long enough, and the spot price has to be near the average since
/// then.
pub fn handle_force_deleverage<'info>(ctx: Context<'info, Liquidate<'info>>) -> Result<()> {
    let clock = Clock::get()?;
    let accounts = ctx.accounts;
    let parameters = accounts.listing.load()?.parameters.at(clock.unix_timestamp);
    let is_final = is_final(&*accounts.market.load()?, &parameters, clock.unix_timestamp);
    require!(is_final, LoanError::TooEarlyToDeleverage);
    accounts.sell_marked(ctx.remaining_accounts, &clock, true)
}
