use anchor_lang::prelude::*;
use program_kit::EventHeader;

use super::{GovernListing, GovernPool};

/// Of a pool or a listing: no loans are made from now on.
#[event]
pub struct Tripped {
    pub header: EventHeader,
    pub account: Pubkey,
    pub authority: Pubkey,
}

/// Stops new loans on a market at once; admin or guardian. Whatever ends a loan goes on.
pub fn handle_trip(ctx: Context<GovernListing>) -> Result<()> {
    let accounts = ctx.accounts;
    let clock = Clock::get()?;
    let now = clock.unix_timestamp;
    accounts.require(Some(now))?;
    let mut listing = accounts.listing.load_mut()?;
    listing.breaker.trip(now)?;
    emit!(Tripped {
        header: listing.next_event(&clock)?,
        account: accounts.listing.key(),
        authority: accounts.authority.key(),
    });
    Ok(())
}

/// Stops new loans of a pool at once; admin or guardian. Whatever ends a loan goes on.
pub fn handle_trip_pool(ctx: Context<GovernPool>) -> Result<()> {
    let accounts = ctx.accounts;
    let clock = Clock::get()?;
    let now = clock.unix_timestamp;
    accounts.require(Some(now))?;
    let mut pool = accounts.pool.load_mut()?;
    pool.breaker.trip(now)?;
    emit!(Tripped {
        header: pool.next_event(&clock)?,
        account: accounts.pool.key(),
        authority: accounts.authority.key(),
    });
    Ok(())
}
