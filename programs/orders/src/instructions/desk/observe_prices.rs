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
    // Has the market's average prices be of this slot.
    let poke = markets::cpi::accounts::Poke {
        venue: accounts.venue.to_account_info(),
        market: accounts.market.to_account_info(),
    };
    markets::cpi::poke(CpiContext::new(accounts.markets_program.key(), poke))?;
    let market = accounts.market.load()?;
    let mut desk = accounts.desk.load_mut()?;
    desk.read_prices(&market, Clock::get()?.slot);
    Ok(())
}
