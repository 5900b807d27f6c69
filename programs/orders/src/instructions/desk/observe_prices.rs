use anchor_lang::prelude::*;
use markets::state::Market;

use crate::{error::OrderError, state::Desk};

#[derive(Accounts)]
pub struct ObservePrices<'info> {
    #[account(mut, has_one = market @ OrderError::WrongAccount)]
    pub desk: AccountLoader<'info, Desk>,
    pub market: AccountLoader<'info, Market>,
}

/// Takes a reading of the market's prices if the last is old enough; a fill does so too. The market's
/// own `poke` comes before in the same transaction.
pub fn handle_observe_prices(ctx: Context<ObservePrices>) -> Result<()> {
    let market = ctx.accounts.market.load()?;
    let mut desk = ctx.accounts.desk.load_mut()?;
    desk.read_prices(&market, Clock::get()?.slot)
}
