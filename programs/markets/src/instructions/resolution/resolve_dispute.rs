use anchor_lang::prelude::*;
use oracle::{Observation, ProviderSet, VerifyingKey};

use crate::{
    error::MarketError,
    state::{require_in_force, Market, MarketStatus},
};

#[derive(Accounts)]
pub struct ResolveDispute<'info> {
    #[account(
        mut,
        constraint = market.load()?.arbiter_set == arbiter_set.key() @ MarketError::WrongProviderSet,
        constraint = market.load()?.arbiter_key == arbiter_key.key() @ MarketError::WrongVerifyingKey,
    )]
    pub market: AccountLoader<'info, Market>,
    pub arbiter_set: AccountLoader<'info, ProviderSet>,
    pub arbiter_key: AccountLoader<'info, VerifyingKey>,
    pub observation: AccountLoader<'info, Observation>,
    /// Of an up/down market: what the arbiters observed at its opening. Both must be valid now.
    pub strike_observation: Option<AccountLoader<'info, Observation>>,
}

#[event]
pub struct DisputeResolved {
    pub market: Pubkey,
    pub sequence: u64,
    pub source: Pubkey,
    pub value: i64,
    pub result: i64,
    /// Whether the arbiters said what was proposed, or of a linear rule almost.
    pub is_proposal_right: bool,
    /// What is due to the two.
    pub proposer_claim: u64,
    pub disputer_claim: u64,
}

/// Settles a disputed market on what the arbiter set observed; anybody.
pub fn handle_resolve_dispute(ctx: Context<ResolveDispute>) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    let accounts = ctx.accounts;
    let mut market = accounts.market.load_mut()?;
    require_eq!(
        market.status,
        MarketStatus::Disputed as u8,
        MarketError::NotDisputed
    );
    require_gt!(
        market.arbitration_deadline,
        now,
        MarketError::ArbitrationOver
    );
    let observation = accounts.observation.load()?;
    market.require_observation(&observation, market.observe_at)?;
    require_in_force(
        &*accounts.arbiter_set.load()?,
        &*accounts.arbiter_key.load()?,
        now,
    )?;

    if market.opening_time != 0 {
        let strike = accounts.strike_observation.as_ref();
        market.set_strike(&*strike.ok_or(MarketError::StrikePending)?.load()?)?;
    }
    let result = market.result_of(observation.value)?;
    let is_proposal_right = market.is_proposal_right(result);
    market.share_bonds(is_proposal_right)?;
    market.resolve(observation.value)?;
    market.assert_solvent()?;
    emit!(DisputeResolved {
        market: accounts.market.key(),
        sequence: market.next_sequence()?,
        source: accounts.observation.key(),
        value: observation.value,
        result,
        is_proposal_right,
        proposer_claim: market.proposer_claim,
        disputer_claim: market.disputer_claim,
    });
    Ok(())
}
