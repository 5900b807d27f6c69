use anchor_lang::prelude::*;
use markets::{
    program::Markets,
    state::{Market, Venue},
};

use crate::{error::OrderError, state::Desk};

#[derive(Accounts)]
pub struct ObservePrices<'info> {
    #[account(
        mut,
        has_one = market @ OrderError::WrongAccount,
        has_one = venue @ OrderError::WrongAccount,
    )]
    pub desk: AccountLoader<'info, Desk>,
    pub venue: AccountLoader<'info, Venue>,
    #[account(mut)]
    pub market: AccountLoader<'info, Market>,
    pub markets_program: Program<'info, Markets>,
}

/// Takes a reading of the market's prices if the last is old enough; a fill does so too.
pub fn handle_observe_prices(ctx: Context<ObservePrices>) -> Result<()> {
    let accounts = ctx.accounts;
    bring_up_to_date(&accounts.markets_program, &accounts.venue, &accounts.market)?;
    let market = accounts.market.load()?;
    let mut desk = accounts.desk.load_mut()?;
    desk.read_prices(&market);
    Ok(())
}

/// Has a market's average prices be of this slot.
///
/// # Errors
/// Those of the market's `poke`.
pub fn bring_up_to_date<'info>(
    markets_program: &Program<'info, Markets>,
    venue: &AccountLoader<'info, Venue>,
    market: &AccountLoader<'info, Market>,
) -> Result<()> {
    let poke = markets::cpi::accounts::Poke {
        venue: venue.to_account_info(),
        market: market.to_account_info(),
    };
    markets::cpi::poke(CpiContext::new(markets_program.key(), poke))
}
