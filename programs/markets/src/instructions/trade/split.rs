use anchor_lang::prelude::*;
use math::Money;

use super::Buy;
use crate::error::MarketError;

#[event]
pub struct SetsSplit {
    pub market: Pubkey,
    pub owner: Pubkey,
    pub sequence: u64,
    /// Base units paid, and shares of each outcome got.
    pub amount: u64,
    /// After it.
    pub pool_cash: u64,
}

/// Makes complete sets: a share of each outcome for each base unit.
pub fn handle_split(ctx: Context<Buy>, amount: u64) -> Result<()> {
    let accounts = ctx.accounts;
    require_gt!(amount, 0, MarketError::ZeroAmount);
    let clock = accounts.admit()?;
    let mut market = accounts.market.load_mut()?;
    market.require_trading(&clock)?;
    market
        .pool
        .pool_mut()
        .split(Money(amount))
        .map_err(MarketError::from)?;
    accounts.position.add_each(core::iter::repeat(amount))?;
    accounts.position.book_paid(amount)?;
    emit!(SetsSplit {
        market: accounts.market.key(),
        owner: accounts.owner.key(),
        sequence: market.next_sequence()?,
        amount,
        pool_cash: market.pool.cash,
    });
    drop(market);
    accounts.pay_in(amount)
}
