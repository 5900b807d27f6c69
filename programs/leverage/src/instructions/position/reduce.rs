use anchor_lang::prelude::*;

use super::SellForOwner;

/// Sells some of a position's shares, which pays its debt first; its owner.
pub fn handle_reduce(ctx: Context<SellForOwner>, shares: u64, min_return: u64) -> Result<()> {
    ctx.accounts.sell(shares, min_return)
}
