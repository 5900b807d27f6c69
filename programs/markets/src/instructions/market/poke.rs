use anchor_lang::prelude::*;

use crate::{
    error::MarketError,
    state::{Market, Venue},
};

#[derive(Accounts)]
pub struct Poke<'info> {
    pub venue: AccountLoader<'info, Venue>,
    #[account(mut, has_one = venue @ MarketError::WrongAccount)]
    pub market: AccountLoader<'info, Market>,
}

/// Brings slow prices, cumulative prices and depth up to date; anybody.
pub fn handle_poke(ctx: Context<Poke>) -> Result<()> {
    let now = ctx.accounts.venue.load()?.now(&Clock::get()?);
    let mut market = ctx.accounts.market.load_mut()?;
    market.require_not_settled()?;
    market.observe(now)
}
