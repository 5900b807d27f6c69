use anchor_lang::prelude::*;
use program_kit::EventHeader;

use crate::{
    error::MarketError,
    state::{add, LiquidityPosition, Market, Venue},
};

#[derive(Accounts)]
pub struct TransferLiquidity<'info> {
    pub owner: Signer<'info>,
    pub venue: AccountLoader<'info, Venue>,
    #[account(mut, has_one = venue @ MarketError::WrongAccount)]
    pub market: AccountLoader<'info, Market>,
    #[account(
        mut,
        has_one = market @ MarketError::WrongAccount,
        has_one = owner @ MarketError::WrongAccount,
    )]
    pub liquidity: Account<'info, LiquidityPosition>,
    /// Anybody's in the same market.
    #[account(mut, has_one = market @ MarketError::WrongAccount)]
    pub receiver: Account<'info, LiquidityPosition>,
}

#[event]
pub struct LiquidityTransferred {
    pub header: EventHeader,
    pub market: Pubkey,
    pub from: Pubkey,
    pub to: Pubkey,
    pub shares: u64,
}

/// Gives LP shares to another provider's position in the same market. Fees so far stay; so do shares
/// that are locked, while the curve trades.
pub fn handle_transfer_liquidity(ctx: Context<TransferLiquidity>, shares: u64) -> Result<()> {
    let accounts = ctx.accounts;
    let clock = Clock::get()?;
    require_gt!(shares, 0, MarketError::ZeroAmount);
    let now = accounts.venue.load()?.now(&clock);
    let mut market = accounts.market.load_mut()?;
    market.vest_fees(now)?;
    market.credit_fees(&mut accounts.liquidity)?;
    market.credit_fees(&mut accounts.receiver)?;
    let is_trading_over = market.is_trading_over(clock.unix_timestamp);
    accounts.liquidity.take(shares, is_trading_over)?;
    add(&mut accounts.receiver.shares, shares)?;
    emit!(LiquidityTransferred {
        header: market.next_event(&clock)?,
        market: accounts.market.key(),
        from: accounts.owner.key(),
        to: accounts.receiver.owner,
        shares,
    });
    Ok(())
}
