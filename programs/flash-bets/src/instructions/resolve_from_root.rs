use anchor_lang::prelude::*;
use oracle::ResultRoot;

use super::MarketResolved;
use crate::state::FlashMarket;

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
    pub result_root: AccountLoader<'info, ResultRoot>,
    /// CHECK: named by the market; there need not be one. If there is, it must not contradict.
    pub observation: UncheckedAccount<'info>,
}

/// As `resolve`, on a result in a verified root: one proof settles all markets of the tree.
pub fn handle_resolve_from_root(
    ctx: Context<ResolveFromRoot>,
    args: ResolveFromRootArgs,
) -> Result<()> {
    let accounts = ctx.accounts;
    let mut market = accounts.market.load_mut()?;
    market.require_open()?;
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
