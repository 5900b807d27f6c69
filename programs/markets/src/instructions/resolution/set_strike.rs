use anchor_lang::prelude::*;
use oracle::{Observation, ProviderSet, VerifyingKey};
use program_kit::EventHeader;

use crate::{
    error::MarketError,
    state::{require_in_force, Market},
};

#[derive(Accounts)]
pub struct SetStrike<'info> {
    #[account(
        mut,
        constraint = market.load()?.evidence.provider_set == provider_set.key() @ MarketError::WrongProviderSet,
        constraint = market.load()?.evidence.verifying_key == verifying_key.key() @ MarketError::WrongVerifyingKey,
    )]
    pub market: AccountLoader<'info, Market>,
    pub provider_set: AccountLoader<'info, ProviderSet>,
    pub verifying_key: AccountLoader<'info, VerifyingKey>,
    pub observation: AccountLoader<'info, Observation>,
}

#[event]
pub struct StrikeSet {
    pub header: EventHeader,
    pub market: Pubkey,
    pub source: Pubkey,
    pub strike: i64,
}

/// Sets the strike of an up/down market from the observation at its opening; anybody. Before there is
/// one no result can be proposed. After a dispute it is the arbiters' to say, with the result.
pub fn handle_set_strike(ctx: Context<SetStrike>) -> Result<()> {
    let clock = Clock::get()?;
    let accounts = ctx.accounts;
    let mut market = accounts.market.load_mut()?;
    market.require_open()?;
    let observation = accounts.observation.load()?;
    require_in_force(
        &*accounts.provider_set.load()?,
        &*accounts.verifying_key.load()?,
        clock.unix_timestamp,
    )?;
    market.set_strike(&observation)?;
    emit!(StrikeSet {
        header: market.next_event(&clock)?,
        market: accounts.market.key(),
        source: accounts.observation.key(),
        strike: observation.value,
    });
    Ok(())
}
