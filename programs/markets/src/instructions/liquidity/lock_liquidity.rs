use anchor_lang::prelude::*;
use program_kit::EventHeader;

use crate::{
    error::MarketError,
    state::{add, LiquidityPosition, Market},
};

#[derive(Accounts)]
pub struct LockLiquidity<'info> {
    pub owner: Signer<'info>,
    #[account(mut)]
    pub market: AccountLoader<'info, Market>,
    #[account(
        mut,
        has_one = market @ MarketError::WrongAccount,
        has_one = owner @ MarketError::WrongAccount,
    )]
    pub liquidity: Account<'info, LiquidityPosition>,
}

#[event]
pub struct LiquidityLocked {
    pub header: EventHeader,
    pub market: Pubkey,
    pub owner: Pubkey,
    pub shares: u64,
    /// After it: what this provider, and what all have locked.
    pub locked_shares: u64,
    pub locked_liquidity: u64,
}

/// Locks liquidity until trading is over, whenever that is. Nothing unlocks it before.
pub fn handle_lock_liquidity(ctx: Context<LockLiquidity>, shares: u64) -> Result<()> {
    let accounts = ctx.accounts;
    let clock = Clock::get()?;
    require_gt!(shares, 0, MarketError::ZeroAmount);
    let mut market = accounts.market.load_mut()?;
    require!(
        !market.is_trading_over(clock.unix_timestamp),
        MarketError::TradingOver
    );
    add(&mut accounts.liquidity.locked_shares, shares)?;
    require_gte!(
        accounts.liquidity.shares,
        accounts.liquidity.locked_shares,
        MarketError::NotEnoughShares
    );
    add(&mut market.locked_liquidity, shares)?;
    emit!(LiquidityLocked {
        header: market.next_event(&clock)?,
        market: accounts.market.key(),
        owner: accounts.owner.key(),
        shares,
        locked_shares: accounts.liquidity.locked_shares,
        locked_liquidity: market.locked_liquidity,
    });
    Ok(())
}
