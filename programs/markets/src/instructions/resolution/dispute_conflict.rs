use anchor_lang::prelude::*;
use market_core::settlement::MarketStatus;
use oracle::Observation;

use super::ResolutionDisputed;
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
    if market.settlement.is_open() {
        require_gt!(
            market.proposal_until,
            now.seconds,
            MarketError::ProposalOver
        );
    } else {
        require!(market.is(MarketStatus::Proposed), MarketError::NotProposed);
    }
    let observation = accounts.observation.load()?;
    require!(
        market.is_contradicted(&accounts.observation.key(), &observation)?,
        MarketError::ObservationNotConflicted
    );

    market.call_arbiters(now)?;
    let header = market.next_event(&clock)?;
    emit!(ResolutionDisputed::without_bond(
        header,
        accounts.market.key(),
        market.arbitration_until
    ));
    Ok(())
}
