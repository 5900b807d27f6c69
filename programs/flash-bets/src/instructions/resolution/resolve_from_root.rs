use anchor_lang::prelude::*;
use oracle::{ProviderSet, ResultRoot, VerifyingKey};

use super::resolve::settle;
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
    #[account(mut)]
    pub market: AccountLoader<'info, FlashMarket>,
    #[account(
        address = market.load()?.evidence.provider_set @ FlashError::WrongProviderSet,
    )]
    pub provider_set: AccountLoader<'info, ProviderSet>,
    #[account(
        address = market.load()?.evidence.verifying_key @ FlashError::WrongVerifyingKey,
    )]
    pub verifying_key: AccountLoader<'info, VerifyingKey>,
    pub result_root: AccountLoader<'info, ResultRoot>,
    /// CHECK: named by the market; there need not be one. If there is, it must not contradict.
    pub observation: UncheckedAccount<'info>,
    /// As of `resolve`. Of an up/down market only.
    ///
    /// CHECK: named by the market; if there is one, it must not be contradicted.
    pub strike_observation: Option<UncheckedAccount<'info>>,
}

/// As `resolve`, on a result in a verified root: one proof settles all markets of the tree. Not once
/// the set or the key is suspended: a root speaks for more than anybody has looked at yet.
pub fn handle_resolve_from_root(
    ctx: Context<ResolveFromRoot>,
    args: ResolveFromRootArgs,
) -> Result<()> {
    let clock = Clock::get()?;
    let accounts = ctx.accounts;
    let mut market = accounts.market.load_mut()?;
    market.settlement.require_open().map_err(FlashError::from)?;
    let now = clock.unix_timestamp;
    accounts.provider_set.load()?.require_usable(now)?;
    accounts.verifying_key.load()?.require_usable(now)?;
    let root = accounts.result_root.load()?;
    market.require_strike_uncontradicted(accounts.strike_observation.as_deref())?;
    let recorded = market.find_result(&accounts.observation)?;
    let leaf = market
        .evidence
        .leaf(
            root.provider_set.to_bytes(),
            root.verifying_key.to_bytes(),
            recorded.as_ref(),
            args.value,
        )
        .map_err(FlashError::from)?;
    root.require_result(&leaf, args.index, &args.path)?;

    let source = accounts.result_root.key();
    settle(
        &mut market,
        accounts.market.key(),
        source,
        args.value,
        &clock,
    )
}
