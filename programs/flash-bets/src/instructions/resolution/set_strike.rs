use anchor_lang::prelude::*;
use oracle::Observation;

use crate::{error::FlashError, state::FlashMarket};

#[derive(Accounts)]
pub struct SetStrike<'info> {
    #[account(mut)]
    pub market: AccountLoader<'info, FlashMarket>,
    pub observation: AccountLoader<'info, Observation>,
}

#[event]
pub struct StrikeSet {
    pub market: Pubkey,
    pub sequence: u64,
    pub strike: i64,
}

/// Sets the strike of an up/down market from the observation at its opening; anybody.
pub fn handle_set_strike(ctx: Context<SetStrike>) -> Result<()> {
    let accounts = ctx.accounts;
    let mut market = accounts.market.load_mut()?;
    market.require_open()?;
    require_eq!(market.strike_pending, 1, FlashError::StrikeNotPending);
    let observation = accounts.observation.load()?;
    market.require_observation(&observation, market.opening_time)?;

    market.strikes[0] = observation.value;
    market.strike_pending = 0;
    emit!(StrikeSet {
        market: accounts.market.key(),
        sequence: market.next_sequence()?,
        strike: observation.value,
    });
    Ok(())
}
