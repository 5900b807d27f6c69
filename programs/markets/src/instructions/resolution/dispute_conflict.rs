use anchor_lang::prelude::*;
use oracle::Observation;

use super::call_arbiters;
use crate::{
    error::MarketError,
    state::{Market, Venue},
};

#[derive(Accounts)]
pub struct DisputeConflict<'info> {
    pub venue: AccountLoader<'info, Venue>,
    #[account(mut, has_one = venue @ MarketError::WrongAccount)]
    pub market: AccountLoader<'info, Market>,
    /// The market's, or its strike's.
    pub observation: AccountLoader<'info, Observation>,
}

/// Moves a market to the arbiters' path when the oracle knows two values of the observation that it
/// waits for or took its strike from, or another one than the market took; anybody, without a bond. A
/// proposal need not come first: of a conflicted observation none can be made.
pub fn handle_dispute_conflict(ctx: Context<DisputeConflict>) -> Result<()> {
    let clock = Clock::get()?;
    let accounts = ctx.accounts;
    let now = accounts.venue.load()?.now(&clock);
    let mut market = accounts.market.load_mut()?;
    market.require_without_dispute(now.seconds)?;
    let observation = accounts.observation.load()?;
    require!(
        market.is_contradicted(&accounts.observation.key(), &observation)?,
        MarketError::ObservationNotConflicted
    );
    call_arbiters(&mut market, accounts.market.key(), now, &clock)
}
