use anchor_lang::prelude::*;

use super::SellForOwner;

/// Sells all of a position's shares; its owner, to whom belongs what is left after debt and fee.
pub fn handle_close(ctx: Context<SellForOwner>, min_return: u64) -> Result<()> {
    let shares = ctx.accounts.position.load()?.shares;
    ctx.accounts.sell(shares, min_return)
}
