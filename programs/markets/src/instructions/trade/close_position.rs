use anchor_lang::{prelude::*, AccountsClose};
use program_kit::{decrement, rent_receiver};

use crate::{
    error::MarketError,
    state::{Market, Position},
};

#[derive(Accounts)]
pub struct ClosePosition<'info> {
    /// Gets the rent where the rent payer has become a program.
    #[account(mut)]
    pub owner: Signer<'info>,
    #[account(mut)]
    pub market: AccountLoader<'info, Market>,
    #[account(
        mut,
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
    drop(market);
    let receiver = rent_receiver(&accounts.rent_payer, &accounts.owner);
    accounts.position.close(receiver)
}
