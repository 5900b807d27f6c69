use anchor_lang::prelude::*;

use crate::{
    error::OrderError,
    state::{now_at, Desk, MarketCopy},
};

#[derive(Accounts)]
pub struct ObservePrices<'info> {
    #[account(
        mut,
        has_one = market @ OrderError::WrongAccount,
        has_one = venue @ OrderError::WrongAccount,
    )]
    pub desk: AccountLoader<'info, Desk>,
    /// CHECK: named by the desk.
    pub venue: UncheckedAccount<'info>,
    /// CHECK: named by the desk.
    pub market: UncheckedAccount<'info>,
}

/// Takes a reading of the market's prices if the last is old enough; a fill does so too.
pub fn handle_observe_prices(ctx: Context<ObservePrices>) -> Result<()> {
    let accounts = ctx.accounts;
    let now = now_at(&accounts.venue, &Clock::get()?)?;
    let market = MarketCopy::up_to_date(&accounts.market, now)?;
    let mut desk = accounts.desk.load_mut()?;
    desk.read_prices(market.any());
    Ok(())
}
