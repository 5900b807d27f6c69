use anchor_lang::prelude::*;
use anchor_spl::token_interface::TokenInterface;
use oracle::{ProviderSet, ResultRoot, VerifyingKey};

use super::{propose, ResolutionProposed};
use crate::{
    error::MarketError,
    state::{require_in_force, Market},
    tokens::transfer,
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
    #[account(
        mut,
        constraint = market.load()?.token_account == market_tokens.key() @ MarketError::WrongAccount,
        constraint = market.load()?.provider_set == provider_set.key() @ MarketError::WrongProviderSet,
        constraint = market.load()?.verifying_key == verifying_key.key() @ MarketError::WrongVerifyingKey,
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
        &clock,
    )?;
    emit!(ResolutionProposed {
        market: accounts.market.key(),
        sequence: market.next_sequence()?,
        proposer: market.proposer,
        source: market.proposal_source,
        value: args.value,
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
