use anchor_lang::prelude::*;
use oracle::OracleConfig;
use program_kit::{decrement, refuse_durable_nonce, INSTRUCTIONS_SYSVAR};

use crate::{
    error::LoanError,
    state::{CorrelationGroup, LendingPool},
};

#[derive(Accounts)]
pub struct CloseGroup<'info> {
    pub admin: Signer<'info>,
    /// The oracle's configuration: one governance for all of Strobe. Its type proves it.
    #[account(has_one = admin @ LoanError::NotAdmin)]
    pub config: Account<'info, OracleConfig>,
    #[account(mut)]
    pub pool: AccountLoader<'info, LendingPool>,
    #[account(
        mut,
        close = rent_payer,
        has_one = pool @ LoanError::WrongAccount,
        has_one = rent_payer @ LoanError::WrongRentReceiver,
    )]
    pub group: AccountLoader<'info, CorrelationGroup>,
    /// CHECK: named by the group as who paid its rent: the admin who made it.
    #[account(mut)]
    pub rent_payer: UncheckedAccount<'info>,
    /// CHECK: the instructions sysvar.
    #[account(address = INSTRUCTIONS_SYSVAR)]
    pub instructions: UncheckedAccount<'info>,
}

/// Closes a group without listings; the admin.
pub fn handle_close_group(ctx: Context<CloseGroup>) -> Result<()> {
    let accounts = ctx.accounts;
    refuse_durable_nonce(&accounts.instructions).map_err(LoanError::from)?;
    let open_listings = accounts.group.load()?.open_listings;
    require_eq!(open_listings, 0, LoanError::PoolInUse);
    let mut pool = accounts.pool.load_mut()?;
    decrement(&mut pool.open_groups).map_err(LoanError::from)?;
    Ok(())
}
