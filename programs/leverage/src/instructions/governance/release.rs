use anchor_lang::prelude::*;
use program_kit::EventHeader;

use super::{GovernListing, GovernPool};

/// Of a pool or a listing: loans are made again from a second on.
#[event]
pub struct Released {
    pub header: EventHeader,
    pub account: Pubkey,
    pub released_from: i64,
}

/// Lets a market be lent on again after the timelock; the admin.
pub fn handle_release(ctx: Context<GovernListing>) -> Result<()> {
    let accounts = ctx.accounts;
    accounts.require(None)?;
    let clock = Clock::get()?;
    let released_from = accounts.config.active_from(clock.unix_timestamp)?;
    let mut listing = accounts.listing.load_mut()?;
    listing.breaker.release(released_from)?;
    emit!(Released {
        header: listing.next_event(&clock)?,
        account: accounts.listing.key(),
        released_from,
    });
    Ok(())
}

/// Lets a pool lend again after the timelock; the admin.
pub fn handle_release_pool(ctx: Context<GovernPool>) -> Result<()> {
    let accounts = ctx.accounts;
    accounts.require(None)?;
    let clock = Clock::get()?;
    let released_from = accounts.config.active_from(clock.unix_timestamp)?;
    let mut pool = accounts.pool.load_mut()?;
    pool.breaker.release(released_from)?;
    emit!(Released {
        header: pool.next_event(&clock)?,
        account: accounts.pool.key(),
        released_from,
    });
    Ok(())
}
