use anchor_lang::prelude::*;
use program_kit::EventHeader;

use super::{GovernListing, GovernPool};

/// Why no loans are made.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub enum TripCause {
    /// Admin or guardian said so.
    Authority,
    /// The market's price was far from its slow price.
    Price,
    /// Almost all of the pool's money was lent.
    Utilisation,
    /// A debt was lost.
    BadDebt,
}

/// Of a pool or a listing: no loans are made from now on.
#[event]
pub struct Tripped {
    pub header: EventHeader,
    pub account: Pubkey,
    pub cause: TripCause,
    /// `None` if it is no `Authority` that stopped them.
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
        cause: TripCause::Authority,
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
        cause: TripCause::Authority,
        authority: Some(accounts.authority.key()),
        released_from: 0,
    });
    Ok(())
}
