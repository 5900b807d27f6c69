use anchor_lang::prelude::*;
use markets::{
    program::Markets,
    state::{Market, Venue},
};
use math::{is_far, BasisPoints, Price};

use super::{TripCause, Tripped};
use crate::{error::LoanError, instructions::trading::poke, state::ListedMarket};

#[derive(Accounts)]
pub struct TripByPrice<'info> {
    #[account(
        mut,
        has_one = market @ LoanError::WrongAccount,
        has_one = venue @ LoanError::WrongAccount,
    )]
    pub listing: AccountLoader<'info, ListedMarket>,
    pub venue: AccountLoader<'info, Venue>,
    #[account(mut)]
    pub market: AccountLoader<'info, Market>,
    pub markets_program: Program<'info, Markets>,
}

/// Stops new loans on a market for a while whose price is far from its slow price; anybody. Whatever ends a
/// loan goes on.
pub fn handle_trip_by_price(ctx: Context<TripByPrice>, outcome: u8) -> Result<()> {
    let accounts = ctx.accounts;
    let clock = Clock::get()?;
    let now = clock.unix_timestamp;
    poke(&accounts.markets_program, &accounts.venue, &accounts.market)?;
    let least_price = accounts.listing.load()?.parameters.at(now).least_price;
    let floor = BasisPoints(least_price).to_price();
    let has_moved = has_moved(&*accounts.market.load()?, outcome, floor, now)?;
    require!(has_moved, LoanError::PriceCalm);
    let mut listing = accounts.listing.load_mut()?;
    let released_from = listing.breaker.cool(now);
    let released_from = released_from.ok_or(LoanError::AlreadyTripped)?;
    emit!(Tripped {
        header: listing.next_event(&clock)?,
        account: accounts.listing.key(),
        cause: TripCause::Price,
        authority: None,
        released_from,
    });
    Ok(())
}

/// Whether an outcome's price in a market that trades and is up to date is far from its slow price; see
/// [`is_far`].
fn has_moved(market: &Market, outcome: u8, floor: Price, now: i64) -> Result<bool> {
    require!(!market.is_trading_over(now), LoanError::TradingOver);
    let index = usize::from(outcome);
    let spot = market.pool.prices().map_err(LoanError::from)?;
    let spot = spot.get(index).copied();
    let slow = market.pool.slow_prices.get(index).copied();
    let is_outcome = outcome < market.pool.outcomes;
    let prices = spot.zip(slow).filter(|_| is_outcome);
    let (spot, slow) = prices.ok_or(LoanError::OutcomeOutOfRange)?;
    Ok(is_far(spot, Price(slow), floor))
}
