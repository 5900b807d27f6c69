use anchor_lang::prelude::*;
use program_kit::EventHeader;

use super::{GovernListing, GovernPool};

/// Of a pool or a listing: no loans are made from now on.
#[event]
pub struct Tripped {
    pub header: EventHeader,
    pub account: Pubkey,
    /// `None` if anybody stopped them by what the chain shows.
    pub authority: Option<Pubkey>,
    /// From when on loans are made again; 0 if that is the admin's to say.
    pub released_from: i64,
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
        authority: Some(accounts.authority.key()),
        released_from: 0,
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
        authority: Some(accounts.authority.key()),
        released_from: 0,
    });
    Ok(())
}
