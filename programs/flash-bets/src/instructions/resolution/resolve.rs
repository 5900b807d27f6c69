use anchor_lang::prelude::*;
use oracle::Observation;

use crate::state::FlashMarket;

#[derive(Accounts)]
pub struct Resolve<'info> {
    #[account(mut)]
    pub market: AccountLoader<'info, FlashMarket>,
    pub observation: AccountLoader<'info, Observation>,
}

#[event]
pub struct MarketResolved {
    pub market: Pubkey,
    pub sequence: u64,
    /// The observation, or the root whose result it is.
    pub source: Pubkey,
    pub value: i64,
    pub winning_outcome: u8,
}

/// Settles a market on what an observation shows; anybody. Before the lock too: an event question
/// is over when its answer is known.
pub fn handle_resolve(ctx: Context<Resolve>) -> Result<()> {
    let accounts = ctx.accounts;
    let mut market = accounts.market.load_mut()?;
    market.require_open()?;
    let observation = accounts.observation.load()?;
    market.require_observation(&observation, market.observe_at)?;

    let winning_outcome = market.resolve(observation.value)?;
    emit!(MarketResolved {
        market: accounts.market.key(),
        sequence: market.next_sequence()?,
        source: accounts.observation.key(),
        value: observation.value,
        winning_outcome,
    });
    Ok(())
}
