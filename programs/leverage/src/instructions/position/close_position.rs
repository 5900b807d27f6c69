use anchor_lang::prelude::*;
use program_kit::decrement;

use crate::{
    error::LoanError,
    state::{LeveredPosition, ListedMarket},
};

#[derive(Accounts)]
pub struct ClosePosition<'info> {
    #[account(mut)]
    pub listing: AccountLoader<'info, ListedMarket>,
    #[account(
        mut,
        close = rent_payer,
        has_one = listing @ LoanError::WrongAccount,
        has_one = rent_payer @ LoanError::WrongRentReceiver,
    )]
    pub position: AccountLoader<'info, LeveredPosition>,
    /// CHECK: named by the position; gets its rent and what is left of its bounty.
    #[account(mut)]
    pub rent_payer: UncheckedAccount<'info>,
}

/// Closes a position of which nothing is left; anybody.
pub fn handle_close_position(ctx: Context<ClosePosition>) -> Result<()> {
    let accounts = ctx.accounts;
    require!(
        accounts.position.load()?.is_empty(),
        LoanError::PositionInUse
    );
    let mut listing = accounts.listing.load_mut()?;
    decrement(&mut listing.open_positions).map_err(LoanError::from)?;
    Ok(())
}
