use anchor_lang::prelude::*;
use anchor_spl::token_interface::TokenInterface;
use program_kit::{decrement, EventHeader, Purse};

use crate::{
    error::MarketError,
    state::{LiquidityPosition, Market, Venue},
};

#[derive(Accounts)]
pub struct RedeemLiquidity<'info> {
    pub venue: AccountLoader<'info, Venue>,
    #[account(mut, has_one = venue @ MarketError::WrongAccount)]
    pub market: AccountLoader<'info, Market>,
    #[account(
        mut,
        close = rent_payer,
        has_one = market @ MarketError::WrongAccount,
        has_one = owner @ MarketError::WrongAccount,
        has_one = rent_payer @ MarketError::WrongRentReceiver,
    )]
    pub liquidity: Account<'info, LiquidityPosition>,
    /// CHECK: named by the liquidity position.
    pub owner: UncheckedAccount<'info>,
    /// CHECK: named by the liquidity position; gets its rent.
    #[account(mut)]
    pub rent_payer: UncheckedAccount<'info>,
    /// CHECK: named by the market.
    #[account(mut)]
    pub market_tokens: UncheckedAccount<'info>,
    /// CHECK: checked to be the owner's where money goes to it.
    #[account(mut)]
    pub owner_tokens: UncheckedAccount<'info>,
    pub token_program: Interface<'info, TokenInterface>,
    /// Checked to be the owner's where money goes to it, which is only if the associated token
    /// account cannot receive.
    ///
    /// CHECK: as said.
    #[account(mut)]
    pub fallback_tokens: Option<UncheckedAccount<'info>>,
}

#[event]
pub struct LiquidityRedeemed {
    pub header: EventHeader,
    pub market: Pubkey,
    pub owner: Pubkey,
    pub shares: u64,
    /// The part of what the pool does not owe, and the fees not collected before.
    pub value: u64,
    pub fees: u64,
}

/// Pays a provider its part of what a settled market does not owe, with its fees, and closes its
/// position; anybody.
pub fn handle_redeem_liquidity(ctx: Context<RedeemLiquidity>) -> Result<()> {
    let accounts = ctx.accounts;
    let clock = Clock::get()?;
    let now = accounts.venue.load()?.now(&clock);
    let mut market = accounts.market.load_mut()?;
    market.require_settled()?;
    let shares = accounts.liquidity.shares;
    let fees = market.take_fees(&mut accounts.liquidity, now)?;
    let value = market.redeem_liquidity(shares)?;
    decrement(&mut market.open_liquidity).map_err(MarketError::from)?;
    let amount = value.checked_add(fees).ok_or(MarketError::Overflow)?;
    emit!(LiquidityRedeemed {
        header: market.next_event(&clock)?,
        market: accounts.market.key(),
        owner: accounts.owner.key(),
        shares,
        value,
        fees,
    });
    drop(market);

    let purse = Purse::new(
        &accounts.market,
        &accounts.market_tokens,
        &accounts.token_program,
    )?;
    purse.pay_owner(
        &accounts.owner,
        &accounts.owner_tokens,
        accounts.fallback_tokens.as_deref(),
        amount,
    )
}
