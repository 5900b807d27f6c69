use anchor_lang::prelude::*;
use anchor_spl::token_interface::TokenInterface;
use oracle::{ProviderSet, ResultRoot, VerifyingKey};
use program_kit::Purse;

use super::{propose, ResolutionProposed};
use crate::{
    error::MarketError,
    state::{require_in_force, Market, Venue},
};

#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug)]
pub struct ProposeFromRootArgs {
    pub value: i64,
    /// Number of the leaf.
    pub index: u32,
    /// Siblings from the leaf to the top, 32 bytes each.
    pub path: Vec<u8>,
    /// Most base units to put up.
    pub max_bond: u64,
}

#[derive(Accounts)]
pub struct ProposeFromRoot<'info> {
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
    pub result_root: AccountLoader<'info, ResultRoot>,
    /// CHECK: named by the market; there need not be one. If there is, it must not contradict.
    pub observation: UncheckedAccount<'info>,
    /// CHECK: named by the market.
    #[account(mut)]
    pub market_tokens: UncheckedAccount<'info>,
    /// CHECK: the token program checks mint, balance and authority.
    #[account(mut)]
    pub proposer_tokens: UncheckedAccount<'info>,
    pub token_program: Interface<'info, TokenInterface>,
}

/// As `propose_resolution`, on a result in a verified root: one proof serves all markets of the
/// tree.
pub fn handle_propose_from_root(
    ctx: Context<ProposeFromRoot>,
    args: ProposeFromRootArgs,
) -> Result<()> {
    let clock = Clock::get()?;
    let accounts = ctx.accounts;
    let now = accounts.venue.load()?.now(&clock);
    let mut market = accounts.market.load_mut()?;
    market.require_result(
        &*accounts.result_root.load()?,
        &accounts.observation,
        args.value,
        args.index,
        &args.path,
    )?;
    require_in_force(
        &*accounts.provider_set.load()?,
        &*accounts.verifying_key.load()?,
        clock.unix_timestamp,
    )?;
    let bond = propose(
        &mut market,
        &accounts.proposer,
        accounts.result_root.key(),
        args.value,
        args.max_bond,
        now,
    )?;
    emit!(ResolutionProposed {
        header: market.next_event(&clock)?,
        market: accounts.market.key(),
        proposer: market.proposer,
        source: market.proposal_source,
        value: args.value,
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
