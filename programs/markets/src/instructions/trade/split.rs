use anchor_lang::prelude::*;
use market_core::{Money, TradeReceipt};
use program_kit::EventHeader;

use super::Buy;
use crate::error::MarketError;

#[event]
pub struct SetsSplit {
    pub header: EventHeader,
    pub market: Pubkey,
    /// Of the position.
    pub owner: Pubkey,
    pub payer: Pubkey,
    /// Base units paid, and shares of each outcome got.
    pub amount: u64,
    /// After it.
    pub pool_cash: u64,
}

/// Makes complete sets: a share of each outcome for each base unit.
pub fn handle_split(ctx: Context<Buy>, amount: u64) -> Result<TradeReceipt> {
    let accounts = ctx.accounts;
    require_gt!(amount, 0, MarketError::ZeroAmount);
    let (clock, now) = accounts.admit()?;
    let mut market = accounts.market.load_mut()?;
    market.require_trading(now.seconds)?;
    market.observe_for_sets(now, amount)?;
    market
        .pool
        .split(Money(amount))
        .map_err(MarketError::from)?;
    market.require_interest_within_cap()?;
    let mut position = accounts.position()?;
    position
        .holdings
        .add_each(core::iter::repeat(amount))
        .map_err(MarketError::from)?;
    emit!(SetsSplit {
        header: market.next_event(&clock)?,
        market: accounts.market.key(),
        owner: position.owner,
        payer: accounts.payer.key(),
        amount,
        pool_cash: market.pool.cash,
    });
    drop(market);
    accounts.book_paid(position, amount)?;
    accounts.pay_in(amount)?;
    Ok(TradeReceipt::of_sets(amount))
}
