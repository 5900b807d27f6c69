use anchor_lang::prelude::*;
use anchor_spl::token_interface::TokenInterface;
use oracle::{Observation, ProviderSet, VerifyingKey};

use crate::{
    error::MarketError,
    state::{require_in_force, Market, MarketStatus},
    tokens::transfer,
};

#[derive(Accounts)]
pub struct ProposeResolution<'info> {
    pub proposer: Signer<'info>,
    #[account(
        mut,
        constraint = market.load()?.token_account == market_tokens.key() @ MarketError::WrongAccount,
        constraint = market.load()?.provider_set == provider_set.key() @ MarketError::WrongProviderSet,
        constraint = market.load()?.verifying_key == verifying_key.key() @ MarketError::WrongVerifyingKey,
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
    pub market: Pubkey,
    pub sequence: u64,
    pub proposer: Pubkey,
    pub source: Pubkey,
    pub value: i64,
    /// What `value` means: an outcome's index, or of a linear rule a value within its bounds.
    pub result: i64,
    pub bond: u64,
    pub dispute_deadline: i64,
}

/// Proposes what an observation of the market's provider set shows, and puts up a bond; anybody.
/// The bond is at most `max_bond`. Trading stops here. Before the lock too: an event question is over
/// when its answer is known.
pub fn handle_propose_resolution(ctx: Context<ProposeResolution>, max_bond: u64) -> Result<()> {
    let clock = Clock::get()?;
    let accounts = ctx.accounts;
    let mut market = accounts.market.load_mut()?;
    let observation = accounts.observation.load()?;
    market.require_open()?;
    market.require_observation(&observation, market.observe_at)?;
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
        &clock,
    )?;
    emit!(ResolutionProposed {
        market: accounts.market.key(),
        sequence: market.next_sequence()?,
        proposer: market.proposer,
        source: market.proposal_source,
        value: observation.value,
        result: market.proposed_result,
        bond,
        dispute_deadline: market.dispute_deadline,
    });
    drop(market);

    transfer(
        &accounts.token_program,
        accounts.proposer_tokens.to_account_info(),
        accounts.market_tokens.to_account_info(),
        accounts.proposer.to_account_info(),
        bond,
        &[],
    )?;
    accounts
        .market
        .load()?
        .assert_backed(&accounts.market_tokens)
}

/// Writes a proposal down and returns its bond, base units.
///
/// # Errors
/// [`MarketError::MarketNotOpen`], [`MarketError::ProposalOver`],
/// [`MarketError::ValueOutsideRule`], [`MarketError::StrikePending`],
/// [`MarketError::BondAboveMaximum`], and those of the curve.
pub fn propose(
    market: &mut Market,
    proposer: &Signer,
    source: Pubkey,
    value: i64,
    max_bond: u64,
    clock: &Clock,
) -> Result<u64> {
    let now = clock.unix_timestamp;
    market.require_open()?;
    require_gt!(market.proposal_deadline, now, MarketError::ProposalOver);
    let result = market.result_of(value)?;
    let bond = market.bond_now()?;
    require_gte!(max_bond, bond, MarketError::BondAboveMaximum);
    market.end_trading(clock, MarketStatus::Proposed)?;
    market.proposer = proposer.key();
    market.proposal_source = source;
    market.proposed_value = value;
    market.proposed_result = result;
    market.dispute_deadline = now
        .checked_add(i64::from(market.dispute_window))
        .ok_or(MarketError::Overflow)?;
    market.bond = bond;
    market.proposer_claim = bond;
    Ok(bond)
}
