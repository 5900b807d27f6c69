use anchor_lang::prelude::*;
use market_core::settlement::MarketStatus;
use oracle::{Observation, ProviderSet, VerifyingKey};
use program_kit::EventHeader;

use super::call_arbiters;
use crate::{
    error::MarketError,
    state::{require_in_force, Market, Venue},
};

#[derive(Accounts)]
pub struct Finalize<'info> {
    pub venue: AccountLoader<'info, Venue>,
    #[account(
        mut,
        has_one = venue @ MarketError::WrongAccount,
        constraint = market.load()?.evidence.provider_set == provider_set.key() @ MarketError::WrongProviderSet,
        constraint = market.load()?.evidence.verifying_key == verifying_key.key() @ MarketError::WrongVerifyingKey,
        constraint = market.load()?.evidence.observation == observation.key() @ MarketError::WrongObservation,
        constraint = market.load()?.evidence.strike_observation == strike_observation.key() @ MarketError::WrongObservation,
    )]
    pub market: AccountLoader<'info, Market>,
    pub provider_set: AccountLoader<'info, ProviderSet>,
    pub verifying_key: AccountLoader<'info, VerifyingKey>,
    /// CHECK: named by the market; there need not be one. If there is, it must not contradict.
    pub observation: UncheckedAccount<'info>,
    /// CHECK: as `observation`; the default key where strikes are fixed.
    pub strike_observation: UncheckedAccount<'info>,
}

#[event]
pub struct MarketFinalized {
    pub header: EventHeader,
    pub market: Pubkey,
    pub value: i64,
    pub result: i64,
    /// Base units due to the proposer: the bond, and a part of the protocol's fees.
    pub proposer_claim: u64,
}

/// Settles a market on a proposal that nobody disputed in time; anybody. Where the providers
/// contradict themselves, the market is the arbiters' to resolve, however late somebody shows it; so
/// it is if provider set or key were suspended meanwhile: what was proposed is not believed any more.
pub fn handle_finalize(ctx: Context<Finalize>) -> Result<()> {
    let clock = Clock::get()?;
    let accounts = ctx.accounts;
    let now = accounts.venue.load()?.now(&clock);
    let mut market = accounts.market.load_mut()?;
    require!(market.is(MarketStatus::Proposed), MarketError::NotProposed);
    require_gte!(
        now.seconds,
        market.dispute_until,
        MarketError::DisputeWindowOpen
    );
    require_not_contradicted(&market, &accounts.observation)?;
    if market.evidence.strike_at_ms().is_some() {
        require_not_contradicted(&market, &accounts.strike_observation)?;
    }
    let in_force = require_in_force(
        &*accounts.provider_set.load()?,
        &*accounts.verifying_key.load()?,
        now.seconds,
    );
    if in_force.is_err() {
        return call_arbiters(&mut market, accounts.market.key(), now, &clock);
    }

    let value = market.proposed_value;
    market.reward_proposer()?;
    market.resolve(value, &clock)?;
    market.require_solvent()?;
    emit!(MarketFinalized {
        header: market.next_event(&clock)?,
        market: accounts.market.key(),
        value,
        result: market.result_of(value)?,
        proposer_claim: market.proposer_claim,
    });
    Ok(())
}

/// What is at `account` must say what the market took from there, if anything is.
fn require_not_contradicted(market: &Market, account: &AccountInfo) -> Result<()> {
    if let Some(found) = Observation::find(account)? {
        require!(!found.is_conflicted(), MarketError::ObservationConflicted);
        let is_contradicted = market.is_contradicted(account.key, &found)?;
        require!(!is_contradicted, MarketError::ObservationDisagrees);
    }
    Ok(())
}
