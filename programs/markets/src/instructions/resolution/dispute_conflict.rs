use anchor_lang::prelude::*;
use oracle::Observation;

use super::ResolutionDisputed;
use crate::{
    error::MarketError,
    state::{Market, MarketStatus},
};

#[derive(Accounts)]
pub struct DisputeConflict<'info> {
    #[account(mut)]
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
    let observation = accounts.observation.load()?;
    require!(
        market.is_contradicted(&accounts.observation.key(), &observation)?,
        MarketError::ObservationNotConflicted
    );

    market.call_arbiters(&clock)?;
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
