use anchor_lang::prelude::*;
use oracle::{ProviderSet, ResultRoot, VerifyingKey};

use super::MarketResolved;
use crate::{error::FlashError, state::FlashMarket};

#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug)]
pub struct ResolveFromRootArgs {
    pub value: i64,
    /// Number of the leaf.
    pub index: u32,
    /// Siblings from the leaf to the top, 32 bytes each.
    pub path: Vec<u8>,
}

#[derive(Accounts)]
pub struct ResolveFromRoot<'info> {
    #[account(
        mut,
        has_one = provider_set @ FlashError::WrongProviderSet,
        has_one = verifying_key @ FlashError::WrongVerifyingKey,
    )]
    pub market: AccountLoader<'info, FlashMarket>,
    pub provider_set: AccountLoader<'info, ProviderSet>,
    pub verifying_key: AccountLoader<'info, VerifyingKey>,
    pub result_root: AccountLoader<'info, ResultRoot>,
    /// CHECK: named by the market; there need not be one. If there is, it must not contradict.
    pub observation: UncheckedAccount<'info>,
}

/// As `resolve`, on a result in a verified root: one proof settles all markets of the tree. Not once
/// the set or the key is suspended: a root speaks for more than anybody has looked at yet.
pub fn handle_resolve_from_root(
    ctx: Context<ResolveFromRoot>,
    args: ResolveFromRootArgs,
) -> Result<()> {
    let accounts = ctx.accounts;
    let mut market = accounts.market.load_mut()?;
    market.require_open()?;
    let now = Clock::get()?.unix_timestamp;
    let provider_set = accounts.provider_set.load()?;
    provider_set.require_usable(now)?;
    let verifying_key = accounts.verifying_key.load()?;
    verifying_key.require_usable(now)?;
    let root = accounts.result_root.load()?;
    market.require_result(
        &root,
        &accounts.observation,
        args.value,
        args.index,
        &args.path,
    )?;

    let winning_outcome = market.resolve(args.value)?;
    emit!(MarketResolved {
        market: accounts.market.key(),
        sequence: market.next_sequence()?,
        source: accounts.result_root.key(),
        value: args.value,
        winning_outcome,
    });
    Ok(())
}
