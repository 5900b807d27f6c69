use anchor_lang::prelude::*;
use anchor_spl::token_interface::TokenInterface;
use program_kit::{EventHeader, Purse};

use crate::{
    error::MarketError,
    state::{LiquidityPosition, Market, Venue},
};

#[derive(Accounts)]
pub struct CollectLiquidityFees<'info> {
    pub venue: AccountLoader<'info, Venue>,
    #[account(mut, has_one = venue @ MarketError::WrongAccount)]
    pub market: AccountLoader<'info, Market>,
    #[account(
        mut,
        has_one = market @ MarketError::WrongAccount,
        has_one = owner @ MarketError::WrongAccount,
    )]
    pub liquidity: Account<'info, LiquidityPosition>,
    /// CHECK: named by the liquidity position.
    pub owner: UncheckedAccount<'info>,
    /// CHECK: named by the market.
    #[account(mut)]
    pub market_tokens: UncheckedAccount<'info>,
    /// CHECK: checked to be the owner's.
    #[account(mut)]
    pub owner_tokens: UncheckedAccount<'info>,
    pub token_program: Interface<'info, TokenInterface>,
}

#[event]
pub struct LiquidityFeesCollected {
    pub header: EventHeader,
    pub market: Pubkey,
    pub owner: Pubkey,
    pub amount: u64,
}

/// Pays a provider the fees so far; anybody.
pub fn handle_collect_liquidity_fees(ctx: Context<CollectLiquidityFees>) -> Result<()> {
    let accounts = ctx.accounts;
    let clock = Clock::get()?;
    let now = accounts.venue.load()?.now(&clock);
    let mut market = accounts.market.load_mut()?;
    let amount = market.take_fees(&mut accounts.liquidity, now)?;
    require_gt!(amount, 0, MarketError::NothingToCollect);
    emit!(LiquidityFeesCollected {
        header: market.next_event(&clock)?,
        market: accounts.market.key(),
        owner: accounts.owner.key(),
        amount,
    });
    drop(market);

    let (market, tokens) = (&accounts.market, &accounts.market_tokens);
    let purse = Purse::new(market, tokens, &accounts.token_program)?;
    purse.pay_owner(&accounts.owner, &accounts.owner_tokens, None, amount)
}
