use anchor_lang::prelude::*;
use anchor_spl::token_interface::TokenInterface;
use market_core::{settlement::MarketStatus, Now};
use oracle::{Observation, ProviderSet, VerifyingKey};
use program_kit::{EventHeader, Purse};

use crate::{
    error::MarketError,
    state::{require_in_force, Market, Venue},
};

#[derive(Accounts)]
pub struct ProposeResolution<'info> {
    pub proposer: Signer<'info>,
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
    pub observation: AccountLoader<'info, Observation>,
    /// CHECK: named by the market.
    #[account(mut)]
    pub market_tokens: UncheckedAccount<'info>,
    /// CHECK: the token program checks mint, balance and authority.
    #[account(mut)]
    pub proposer_tokens: UncheckedAccount<'info>,
    pub token_program: Interface<'info, TokenInterface>,
}

#[event]
pub struct ResolutionProposed {
    pub header: EventHeader,
    pub market: Pubkey,
    pub proposer: Pubkey,
    pub source: Pubkey,
    pub value: i64,
    /// What `value` means: an outcome's index, or of a linear rule a value within its bounds.
    pub result: i64,
    pub bond: u64,
    /// Unix seconds.
    pub dispute_until: i64,
}

/// Proposes what an observation of the market's provider set shows, and puts up a bond; anybody.
/// The bond is at most `max_bond`. Trading stops here. Before the lock too: an event question is over
/// when its answer is known.
pub fn handle_propose_resolution(ctx: Context<ProposeResolution>, max_bond: u64) -> Result<()> {
    let clock = Clock::get()?;
    let accounts = ctx.accounts;
    let now = accounts.venue.load()?.now(&clock);
    let mut market = accounts.market.load_mut()?;
    let observation = accounts.observation.load()?;
    market.require_open()?;
    market.require_observation(&observation)?;
    require_in_force(
        &*accounts.provider_set.load()?,
        &*accounts.verifying_key.load()?,
        clock.unix_timestamp,
    )?;
    let bond = propose(
        &mut market,
        &accounts.proposer,
        accounts.observation.key(),
        observation.value,
        max_bond,
        now,
    )?;
    emit!(ResolutionProposed {
        header: market.next_event(&clock)?,
        market: accounts.market.key(),
        proposer: market.proposer,
        source: market.proposal_source,
        value: observation.value,
        result: market.proposed_result,
        bond,
        dispute_until: market.dispute_until,
    });
    drop(market);
    Purse::new(
        &accounts.market,
        &accounts.market_tokens,
        &accounts.token_program,
    )?
    .receive(&accounts.proposer_tokens, &accounts.proposer, bond)
}

/// Writes a proposal down and returns its bond, base units.
///
/// # Errors
/// `MarketNotOpen`, [`MarketError::ProposalOver`], `ValueOutsideRule`, `StrikePending`,
/// [`MarketError::BondAboveMaximum`], and those of the curve.
pub fn propose(
    market: &mut Market,
    proposer: &Signer,
    source: Pubkey,
    value: i64,
    max_bond: u64,
    now: Now,
) -> Result<u64> {
    market.require_open()?;
    require_gt!(
        market.proposal_until,
        now.seconds,
        MarketError::ProposalOver
    );
    let result = market.result_of(value)?;
    market.end_trading(now, MarketStatus::Proposed)?;
    let bond = market.bond_now()?;
    require_gte!(max_bond, bond, MarketError::BondAboveMaximum);
    market.proposer = proposer.key();
    market.proposal_source = source;
    market.proposed_value = value;
    market.proposed_result = result;
    market.dispute_until = now
        .seconds
        .checked_add(i64::from(market.dispute_window_seconds))
        .ok_or(MarketError::Overflow)?;
    market.bond = bond;
    market.proposer_claim = bond;
    Ok(bond)
}
