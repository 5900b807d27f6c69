use anchor_lang::prelude::*;
use math::BasisPoints;

use super::{TripCause, Tripped};
use crate::{
    error::LoanError,
    state::{LendingPool, TRIPPING_UTILISATION},
};

#[derive(Accounts)]
pub struct TripByUtilisation<'info> {
    #[account(mut)]
    pub pool: AccountLoader<'info, LendingPool>,
}

/// Stops new loans of a pool for a while of whose money almost all is lent; anybody. Whatever ends a loan goes
/// on.
pub fn handle_trip_by_utilisation(ctx: Context<TripByUtilisation>) -> Result<()> {
    let accounts = ctx.accounts;
    let clock = Clock::get()?;
    let now = clock.unix_timestamp;
    let mut pool = accounts.pool.load_mut()?;
    pool.accrue(now)?;
    let [lent, equity] = [pool.book.lent(), pool.book.equity()];
    let [lent, equity] = [
        lent.map_err(LoanError::from)?,
        equity.map_err(LoanError::from)?,
    ];
    let least = BasisPoints(TRIPPING_UTILISATION).of_ceil(equity.0);
    let least = least.map_err(LoanError::from)?.max(1);
    require_gte!(lent.0, least, LoanError::UtilisationLow);
    let released_from = pool.breaker.cool(now);
    let released_from = released_from.ok_or(LoanError::AlreadyTripped)?;
    emit!(Tripped {
        header: pool.next_event(&clock)?,
        account: accounts.pool.key(),
        cause: TripCause::Utilisation,
        authority: None,
        released_from,
    });
    Ok(())
}
