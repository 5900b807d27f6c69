use anchor_lang::prelude::*;
use program_kit::decrement;

use crate::{
    error::MarketError,
    state::{Market, Position},
};

#[derive(Accounts)]
pub struct ClosePosition<'info> {
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
    pub position: Account<'info, Position>,
    /// CHECK: named by the position; gets its rent.
    #[account(mut)]
    pub rent_payer: UncheckedAccount<'info>,
}

/// Closes an empty position, whatever has become of the market.
pub fn handle_close_position(ctx: Context<ClosePosition>) -> Result<()> {
    let accounts = ctx.accounts;
    let holdings = &accounts.position.holdings;
    require!(holdings.is_empty(), MarketError::PositionNotEmpty);
    let mut market = accounts.market.load_mut()?;
    decrement(&mut market.open_positions).map_err(MarketError::from)?;
    Ok(())
}
