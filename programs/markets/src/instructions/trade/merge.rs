use anchor_lang::prelude::*;
use math::Money;

use super::Sell;
use crate::error::MarketError;

#[event]
pub struct SetsMerged {
    pub market: Pubkey,
    pub owner: Pubkey,
    pub sequence: u64,
    /// Shares of each outcome given, and base units got.
    pub amount: u64,
    /// After it.
    pub pool_cash: u64,
}

/// Turns complete sets back into money. It is neutral to the result, so it stays open until the
/// market is settled.
pub fn handle_merge(ctx: Context<Sell>, amount: u64) -> Result<()> {
    let accounts = ctx.accounts;
    require_gt!(amount, 0, MarketError::ZeroAmount);
    accounts.position.require_tradable()?;
    let mut market = accounts.market.load_mut()?;
    market.require_not_settled()?;
    accounts.position.take_sets(amount)?;
    market
        .pool
        .pool_mut()
        .merge(Money(amount))
        .map_err(MarketError::from)?;
    accounts.position.book_received(amount)?;
    emit!(SetsMerged {
        market: accounts.market.key(),
        owner: accounts.owner.key(),
        sequence: market.next_sequence()?,
        amount,
        pool_cash: market.pool.cash,
    });
    drop(market);
    accounts.pay_out(amount)
}
