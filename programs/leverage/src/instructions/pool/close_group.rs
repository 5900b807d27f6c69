use anchor_lang::prelude::*;
use program_kit::decrement;

use crate::{
    error::LoanError,
    state::{CorrelationGroup, LendingPool},
};

#[derive(Accounts)]
pub struct CloseGroup<'info> {
    #[account(mut)]
    pub pool: AccountLoader<'info, LendingPool>,
    #[account(
        mut,
        close = rent_payer,
        has_one = pool @ LoanError::WrongAccount,
        has_one = rent_payer @ LoanError::WrongRentReceiver,
    )]
    pub group: AccountLoader<'info, CorrelationGroup>,
    /// The admin who made the group, and gets its rent.
    #[account(mut)]
    pub rent_payer: Signer<'info>,
}

/// Closes a group without listings; who made it.
pub fn handle_close_group(ctx: Context<CloseGroup>) -> Result<()> {
    let accounts = ctx.accounts;
    let open_listings = accounts.group.load()?.open_listings;
    require_eq!(open_listings, 0, LoanError::PoolInUse);
    let mut pool = accounts.pool.load_mut()?;
    decrement(&mut pool.open_groups).map_err(LoanError::from)?;
    Ok(())
}
