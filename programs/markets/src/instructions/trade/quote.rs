use anchor_lang::prelude::*;
use market_core::{pool::Order, Money, Shares, TradeReceipt};

use crate::{
    error::MarketError,
    state::{Market, Venue},
};

/// What somebody wants to trade.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub enum TradeOrder {
    /// Buy for exactly so many base units, fee included.
    Stake { amount: u64 },
    /// Buy exactly so many.
    Buy { shares: u64 },
    /// Sell exactly so many.
    Sell { shares: u64 },
}

impl TradeOrder {
    fn order(self) -> Order {
        match self {
            Self::Stake { amount } => Order::Stake(Money(amount)),
            Self::Buy { shares } => Order::Buy(Shares(shares)),
            Self::Sell { shares } => Order::Sell(Shares(shares)),
        }
    }
}

#[derive(Accounts)]
pub struct Quote<'info> {
    pub venue: AccountLoader<'info, Venue>,
    #[account(has_one = venue @ MarketError::WrongAccount)]
    pub market: AccountLoader<'info, Market>,
}

/// Returns what an order would trade now. Writes nothing.
pub fn handle_quote(ctx: Context<Quote>, outcome: u8, order: TradeOrder) -> Result<TradeReceipt> {
    let clock = Clock::get()?;
    let venue = ctx.accounts.venue.load()?;
    if !matches!(order, TradeOrder::Sell { .. }) {
        venue.require_not_paused(clock.unix_timestamp)?;
    }
    let market = ctx.accounts.market.load()?;
    market.require_trading(clock.unix_timestamp)?;
    Ok(market
        .quote(venue.now(&clock), outcome, order.order())?
        .into())
}
