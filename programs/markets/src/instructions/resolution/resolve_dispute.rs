use anchor_lang::prelude::*;
use market_core::settlement::MarketStatus;
use oracle::{Observation, ProviderSet};
use program_kit::EventHeader;

use crate::{error::MarketError, state::Market};

#[derive(Accounts)]
pub struct ResolveDispute<'info> {
    #[account(
        mut,
        constraint = market.load()?.arbiter_set == arbiter_set.key() @ MarketError::WrongProviderSet,
    )]
    pub market: AccountLoader<'info, Market>,
    pub arbiter_set: AccountLoader<'info, ProviderSet>,
    /// Under the market's key for arbiters.
    pub observation: AccountLoader<'info, Observation>,
    /// Of an up/down market: what the arbiters observed at its opening. Both must be valid now.
    pub strike_observation: Option<AccountLoader<'info, Observation>>,
}

#[event]
pub struct DisputeResolved {
    pub header: EventHeader,
    pub market: Pubkey,
    pub source: Pubkey,
    pub value: i64,
    pub result: i64,
    /// Whether the arbiters said what was proposed, or of a linear rule almost.
    pub is_proposal_right: bool,
    /// What is due to the two.
    pub proposer_claim: u64,
    pub disputer_claim: u64,
}

/// Settles a disputed market on what the arbiter set observed; anybody. What was verified before set or
/// key were suspended counts: nobody is left to ask after them, so that a suspension would make the
/// market void. Who holds a stolen key would have recorded and resolved in one transaction; what he
/// recorded of markets that were not disputed yet the arbiters can still contradict.
pub fn handle_resolve_dispute(ctx: Context<ResolveDispute>) -> Result<()> {
    let clock = Clock::get()?;
    let now = clock.unix_timestamp;
    let accounts = ctx.accounts;
    let mut market = accounts.market.load_mut()?;
    require!(market.is(MarketStatus::Disputed), MarketError::NotDisputed);
    require_gt!(market.arbitration_until, now, MarketError::ArbitrationOver);
    let observation = accounts.observation.load()?;
    market.require_observation(&observation)?;
    accounts.arbiter_set.load()?.require_network()?;

    if market.evidence.strike_at_ms().is_some() {
        let strike = accounts.strike_observation.as_ref();
        market.set_strike(&*strike.ok_or(MarketError::StrikePending)?.load()?)?;
    }
    let result = market.result_of(observation.value)?;
    let is_proposal_right = market.is_proposal_right(result);
    market.share_bonds(is_proposal_right)?;
    market.resolve(observation.value, &clock)?;
    market.require_solvent()?;
    emit!(DisputeResolved {
        header: market.next_event(&clock)?,
        market: accounts.market.key(),
        source: accounts.observation.key(),
        value: observation.value,
        result,
        is_proposal_right,
        proposer_claim: market.proposer_claim,
        disputer_claim: market.disputer_claim,
    });
    Ok(())
}
