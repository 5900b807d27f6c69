use anchor_lang::prelude::*;
use market_core::{Money, TradeReceipt};
use program_kit::EventHeader;

use super::Sell;
use crate::error::MarketError;

#[event]
pub struct SetsMerged {
    pub header: EventHeader,
    pub market: Pubkey,
    pub owner: Pubkey,
    /// Shares of each outcome given, and base units got.
    pub amount: u64,
    /// After it.
    pub pool_cash: u64,
}

/// Turns complete sets back into money. It is neutral to the result, so it stays open until the
/// market is settled.
pub fn handle_merge(ctx: Context<Sell>, amount: u64) -> Result<TradeReceipt> {
    let accounts = ctx.accounts;
    require_gt!(amount, 0, MarketError::ZeroAmount);
    let clock = Clock::get()?;
    let now = accounts.venue.load()?.now(&clock);
    let mut market = accounts.market.load_mut()?;
    market.require_not_settled()?;
    market.observe_for_sets(now, 0)?;
    let mut position = accounts.position()?;
    position
        .holdings
        .take_sets(amount)
        .and_then(|()| position.holdings.book_received(amount))
        .map_err(MarketError::from)?;
    position.write()?;
    market
        .pool
        .merge(Money(amount))
        .map_err(MarketError::from)?;
    emit!(SetsMerged {
        header: market.next_event(&clock)?,
        market: accounts.market.key(),
        owner: accounts.owner.key(),
        amount,
        pool_cash: market.pool.cash,
    });
    drop(market);
    accounts.pay_out(amount)?;
    Ok(TradeReceipt::of_sets(amount))
}
