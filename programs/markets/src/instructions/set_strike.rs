use anchor_lang::prelude::*;
use oracle::{Observation, ProviderSet, VerifyingKey};

use crate::{
    error::MarketError,
    state::{require_in_force, Market, MarketStatus},
};

#[derive(Accounts)]
pub struct SetStrike<'info> {
    #[account(
        mut,
        constraint = market.load()?.observers().0 == provider_set.key() @ MarketError::WrongProviderSet,
        constraint = market.load()?.observers().1 == verifying_key.key() @ MarketError::WrongVerifyingKey,
    )]
    pub market: AccountLoader<'info, Market>,
    /// The market's, after a dispute its arbiters', as the key.
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
/// one no result can be proposed. After a dispute it is set anew, from the arbiters' observation.
pub fn handle_set_strike(ctx: Context<SetStrike>) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    let accounts = ctx.accounts;
    let mut market = accounts.market.load_mut()?;
    require!(
        market.is_open() || market.status == MarketStatus::Disputed as u8,
        MarketError::MarketNotOpen
    );
    require_eq!(market.strike_pending, 1, MarketError::StrikeNotPending);
    let observation = accounts.observation.load()?;
    market.require_observation(&observation, market.opening_time)?;
    require_in_force(
        &*accounts.provider_set.load()?,
        &*accounts.verifying_key.load()?,
        now,
    )?;

    market.strikes[0] = observation.value;
    market.strike_pending = 0;
    emit!(StrikeSet {
        market: accounts.market.key(),
        sequence: market.next_sequence()?,
        source: accounts.observation.key(),
        strike: observation.value,
    });
    Ok(())
}
