use anchor_lang::prelude::*;
use program_kit::decrement;

use crate::{
    error::MarketError,
    state::{LiquidityPosition, Market},
};

#[derive(Accounts)]
pub struct CloseLiquidity<'info> {
    pub owner: Signer<'info>,
    #[account(mut)]
    pub market: AccountLoader<'info, Market>,
    #[account(
        mut,
        close = rent_payer,
        has_one = market @ MarketError::WrongAccount,
        has_one = owner @ MarketError::WrongAccount,
        has_one = rent_payer @ MarketError::WrongRentReceiver,
    )]
    pub liquidity: Account<'info, LiquidityPosition>,
    /// CHECK: named by the liquidity position; gets its rent.
    #[account(mut)]
    pub rent_payer: UncheckedAccount<'info>,
}

/// Closes a liquidity position without shares and fees, whatever has become of the market.
pub fn handle_close_liquidity(ctx: Context<CloseLiquidity>) -> Result<()> {
    let accounts = ctx.accounts;
    let is_empty = accounts.liquidity.shares == 0 && accounts.liquidity.fees_owed == 0;
    require!(is_empty, MarketError::PositionNotEmpty);
    let mut market = accounts.market.load_mut()?;
    decrement(&mut market.open_liquidity).map_err(MarketError::from)?;
    Ok(())
}
