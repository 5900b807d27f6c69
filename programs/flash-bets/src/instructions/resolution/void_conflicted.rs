use anchor_lang::prelude::*;
use oracle::Observation;

use super::MarketVoided;
use crate::state::FlashMarket;

#[derive(Accounts)]
pub struct VoidConflicted<'info> {
    #[account(mut)]
    pub market: AccountLoader<'info, FlashMarket>,
    pub observation: AccountLoader<'info, Observation>,
}

/// Settles a market at its slow prices as soon as the observation that it waits for, or that set
/// its strike, is contradicted; anybody. Such an observation stays so, and no other can take its
/// place: waiting for the deadline would change nothing.
pub fn handle_void_conflicted(ctx: Context<VoidConflicted>) -> Result<()> {
    let accounts = ctx.accounts;
    let mut market = accounts.market.load_mut()?;
    market.require_open()?;
    let address = accounts.observation.key();
    market.require_conflict(&address, &*accounts.observation.load()?)?;

    market.void(&Clock::get()?)?;
    emit!(MarketVoided {
        market: accounts.market.key(),
        sequence: market.next_sequence()?,
        payouts: market.payouts,
    });
    Ok(())
}
