use anchor_lang::prelude::*;
use oracle::{state::Published, Observation, ProviderSet, VerifyingKey};

use super::call_arbiters;
use crate::{
    error::MarketError,
    state::{Market, Venue},
};

#[derive(Accounts)]
pub struct DisputeSuspension<'info> {
    pub venue: AccountLoader<'info, Venue>,
    #[account(
        mut,
        has_one = venue @ MarketError::WrongAccount,
        constraint = market.load()?.evidence.provider_set == provider_set.key() @ MarketError::WrongProviderSet,
        constraint = market.load()?.evidence.verifying_key == verifying_key.key() @ MarketError::WrongVerifyingKey,
    )]
    pub market: AccountLoader<'info, Market>,
    pub provider_set: AccountLoader<'info, ProviderSet>,
    pub verifying_key: AccountLoader<'info, VerifyingKey>,
    /// Ends trading that is not over: what the arbiters have observed.
    pub arbiters_observation: Option<AccountLoader<'info, Observation>>,
}

/// Moves a market to the arbiters' path when its provider set or verifying key is suspended: nothing
/// can be proposed any more, and no proposal be believed; anybody, without a bond. A market without a
/// proposal trades on until its hours are over, so that a suspension takes nobody's exit away and the
/// slow prices follow what is known, or until the arbiters' word is shown, as a proposal would end it.
/// Only a suspension counts, which is for good: a retired set is served, and one of another network has
/// arbiters whom nobody believes either.
pub fn handle_dispute_suspension(ctx: Context<DisputeSuspension>) -> Result<()> {
    let clock = Clock::get()?;
    let accounts = ctx.accounts;
    let now = accounts.venue.load()?.now(&clock);
    let mut market = accounts.market.load_mut()?;
    market.require_without_dispute(now.seconds)?;
    require!(
        accounts.provider_set.load()?.is_suspended()
            || accounts.verifying_key.load()?.is_suspended(),
        MarketError::ProvidersNotSuspended
    );
    if let Some(word) = &accounts.arbiters_observation {
        market.require_word_of_arbiters(&*word.load()?)?;
    } else {
        let is_over = market.is_trading_over(now.seconds);
        require!(is_over, MarketError::TradingNotOver);
    }
    call_arbiters(&mut market, accounts.market.key(), now, &clock)
}
