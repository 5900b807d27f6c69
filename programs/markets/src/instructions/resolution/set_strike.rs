use anchor_lang::prelude::*;
use oracle::{Observation, ProviderSet, VerifyingKey};

use crate::{
    error::MarketError,
    state::{require_in_force, Market},
};

#[derive(Accounts)]
pub struct SetStrike<'info> {
    #[account(
        mut,
        has_one = provider_set @ MarketError::WrongProviderSet,
        has_one = verifying_key @ MarketError::WrongVerifyingKey,
    )]
    pub market: AccountLoader<'info, Market>,
    pub provider_set: AccountLoader<'info, ProviderSet>,
    pub verifying_key: AccountLoader<'info, VerifyingKey>,
    pub observation: AccountLoader<'info, Observation>,
}

#[event]
pub struct StrikeSet {
    pub market: Pubkey,
    pub sequence: u64,
    pub source: Pubkey,
    pub strike: i64,
}

/// Sets the strike of an up/down market from the observation at its opening; anybody. Before there is
/// one no result can be proposed. After a dispute it is the arbiters' to say, with the result.
pub fn handle_set_strike(ctx: Context<SetStrike>) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    let accounts = ctx.accounts;
    let mut market = accounts.market.load_mut()?;
    market.require_open()?;
    require_eq!(market.strike_pending, 1, MarketError::StrikeNotPending);
    let observation = accounts.observation.load()?;
    require_in_force(
        &*accounts.provider_set.load()?,
        &*accounts.verifying_key.load()?,
        now,
    )?;
    market.set_strike(&observation)?;
    emit!(StrikeSet {
        market: accounts.market.key(),
        sequence: market.next_sequence()?,
        source: accounts.observation.key(),
        strike: observation.value,
    });
    Ok(())
}
