use anchor_lang::prelude::*;

use crate::state::Market;

#[derive(Accounts)]
pub struct Poke<'info> {
    #[account(mut)]
    pub market: AccountLoader<'info, Market>,
}

/// Brings slow prices, cumulative prices and depth up to date; anybody.
pub fn handle_poke(ctx: Context<Poke>) -> Result<()> {
    let mut market = ctx.accounts.market.load_mut()?;
    market.require_not_settled()?;
    market.observe(&Clock::get()?)
}
