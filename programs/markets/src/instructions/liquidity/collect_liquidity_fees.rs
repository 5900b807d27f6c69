use anchor_lang::prelude::*;
use anchor_spl::token_interface::TokenInterface;

use crate::{
    error::MarketError,
    state::{LiquidityPosition, Market, MarketSigner},
    tokens::{destination, transfer, Payee},
};

#[derive(Accounts)]
pub struct CollectLiquidityFees<'info> {
    #[account(
        mut,
        constraint = market.load()?.token_account == market_tokens.key() @ MarketError::WrongAccount,
    )]
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
    pub market: Pubkey,
    pub owner: Pubkey,
    pub sequence: u64,
    pub amount: u64,
}

/// Pays a provider the fees so far; anybody.
pub fn handle_collect_liquidity_fees(ctx: Context<CollectLiquidityFees>) -> Result<()> {
    let accounts = ctx.accounts;
    let mut market = accounts.market.load_mut()?;
    let amount = market.take_fees(&mut accounts.liquidity)?;
    require_gt!(amount, 0, MarketError::NothingToCollect);
    let destination = destination(Payee {
        owner: &accounts.owner,
        mint: market.mint,
        token_program: &accounts.token_program,
        tokens: &accounts.owner_tokens,
        fallback: None,
    })?;
    emit!(LiquidityFeesCollected {
        market: accounts.market.key(),
        owner: accounts.owner.key(),
        sequence: market.next_sequence()?,
        amount,
    });
    let signer = MarketSigner::of(&market);
    drop(market);

    transfer(
        &accounts.token_program,
        accounts.market_tokens.to_account_info(),
        destination,
        accounts.market.to_account_info(),
        amount,
        &[&signer.seeds()],
    )?;
    accounts
        .market
        .load()?
        .assert_backed(&accounts.market_tokens)
}
