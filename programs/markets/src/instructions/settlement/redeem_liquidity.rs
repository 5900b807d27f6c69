use anchor_lang::prelude::*;
use anchor_spl::token_interface::TokenInterface;

use crate::{
    error::MarketError,
    state::{LiquidityPosition, Market, MarketSigner},
    tokens::{destination, transfer, Payee},
};

#[derive(Accounts)]
pub struct RedeemLiquidity<'info> {
    #[account(
        mut,
        constraint = market.load()?.token_account == market_tokens.key() @ MarketError::WrongAccount,
    )]
    pub market: AccountLoader<'info, Market>,
    #[account(
        mut,
        close = owner,
        has_one = market @ MarketError::WrongAccount,
        has_one = owner @ MarketError::WrongAccount,
    )]
    pub liquidity: Account<'info, LiquidityPosition>,
    /// CHECK: named by the liquidity position; gets its rent.
    #[account(mut)]
    pub owner: UncheckedAccount<'info>,
    /// CHECK: named by the market.
    #[account(mut)]
    pub market_tokens: UncheckedAccount<'info>,
    /// CHECK: checked to be the owner's where money goes to it.
    #[account(mut)]
    pub owner_tokens: UncheckedAccount<'info>,
    pub token_program: Interface<'info, TokenInterface>,
    /// CHECK: checked to be the owner's where money goes to it, which is only if the associated token
    /// account cannot receive.
    #[account(mut)]
    pub fallback_tokens: Option<UncheckedAccount<'info>>,
}

#[event]
pub struct LiquidityRedeemed {
    pub market: Pubkey,
    pub owner: Pubkey,
    pub sequence: u64,
    pub shares: u64,
    /// The part of what the pool does not owe, and the fees not collected before.
    pub value: u64,
    pub fees: u64,
}

/// Pays a provider its part of what a settled market does not owe, with its fees, and closes its
/// position; anybody.
pub fn handle_redeem_liquidity(ctx: Context<RedeemLiquidity>) -> Result<()> {
    let accounts = ctx.accounts;
    let mut market = accounts.market.load_mut()?;
    market.require_settled()?;
    let shares = accounts.liquidity.shares;
    let fees = market.take_fees(&mut accounts.liquidity)?;
    let value = market.redeem_liquidity(shares)?;
    market.open_liquidity = market
        .open_liquidity
        .checked_sub(1)
        .ok_or(MarketError::Overflow)?;
    let amount = value.checked_add(fees).ok_or(MarketError::Overflow)?;
    emit!(LiquidityRedeemed {
        market: accounts.market.key(),
        owner: accounts.owner.key(),
        sequence: market.next_sequence()?,
        shares,
        value,
        fees,
    });
    let (signer, mint) = (MarketSigner::of(&market), market.mint);
    drop(market);

    if amount > 0 {
        let destination = destination(Payee {
            owner: &accounts.owner,
            mint,
            token_program: &accounts.token_program,
            tokens: &accounts.owner_tokens,
            fallback: accounts.fallback_tokens.as_deref(),
        })?;
        transfer(
            &accounts.token_program,
            accounts.market_tokens.to_account_info(),
            destination,
            accounts.market.to_account_info(),
            amount,
            &[&signer.seeds()],
        )?;
    }
    accounts
        .market
        .load()?
        .assert_backed(&accounts.market_tokens)
}
