use anchor_lang::prelude::*;
use oracle::Observation;

use super::{call_arbiters, ResolutionDisputed};
use crate::{
    error::MarketError,
    state::{Market, MarketStatus},
};

#[derive(Accounts)]
pub struct DisputeConflict<'info> {
    #[account(
        mut,
        has_one = observation @ MarketError::WrongObservation,
    )]
    pub market: AccountLoader<'info, Market>,
    pub observation: AccountLoader<'info, Observation>,
}

/// Moves a market to the arbiters' path when the oracle knows two values of the observation that it
/// waits for; anybody, without a bond. A proposal does not come first: none could be made any more.
pub fn handle_dispute_conflict(ctx: Context<DisputeConflict>) -> Result<()> {
    let clock = Clock::get()?;
    let accounts = ctx.accounts;
    let mut market = accounts.market.load_mut()?;
    if market.is_open() {
        require_gt!(
            market.proposal_deadline,
            clock.unix_timestamp,
            MarketError::ProposalOver
        );
    } else {
        require_eq!(
            market.status,
            MarketStatus::Proposed as u8,
            MarketError::NotProposed
        );
    }
    require!(
        accounts.observation.load()?.is_conflicted(),
        MarketError::ObservationNotConflicted
    );

    call_arbiters(&mut market, &clock)?;
    emit!(ResolutionDisputed {
        market: accounts.market.key(),
        sequence: market.next_sequence()?,
        disputer: Pubkey::default(),
        evidence_hash: [0; 32],
        reason: 0,
        bond: 0,
        arbitration_deadline: market.arbitration_deadline,
    });
    Ok(())
}
