use anchor_lang::prelude::*;
use anchor_spl::token_interface::TokenInterface;
use math::Shares;

use crate::{
    error::MarketError,
    instructions::require_kind,
    state::{LiquidityPosition, Market, MarketPool, MarketSigner, Position},
    tokens::transfer,
};

#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug)]
pub struct RemoveLiquidityArgs {
    /// LP shares to give back.
    pub shares: u64,
    /// Least number of base units to accept, beside the outcome shares.
    pub min_cash: u64,
}

#[derive(Accounts)]
pub struct RemoveLiquidity<'info> {
    pub owner: Signer<'info>,
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
    /// Gets the outcome shares: redeem-only on an L2 curve, else tradable.
    #[account(
        mut,
        has_one = market @ MarketError::WrongAccount,
        has_one = owner @ MarketError::WrongAccount,
    )]
    pub position: Account<'info, Position>,
    /// CHECK: named by the market.
    #[account(mut)]
    pub market_tokens: UncheckedAccount<'info>,
    /// CHECK: the token program checks the mint; the owner may have the money sent anywhere.
    #[account(mut)]
    pub owner_tokens: UncheckedAccount<'info>,
    pub token_program: Interface<'info, TokenInterface>,
}

#[event]
pub struct LiquidityRemoved {
    pub market: Pubkey,
    pub owner: Pubkey,
    pub sequence: u64,
    pub shares: u64,
    /// Base units that the owner got, fees not included.
    pub cash: u64,
    /// After it.
    pub liquidity_supply: u64,
    pub pool_cash: u64,
    /// 0 when nobody provides any more, or trading is over.
    pub depth: u64,
}

/// Takes liquidity out at unmoved prices, as money and outcome shares. A pause does not stop it, nor
/// does a proposal: whoever leaves gets no more, whatever the result, than who stays. On an L2 curve
/// it is less while shares are out, by a part of what their holders may still sell them for; see
/// [`math::Pool::remove_liquidity`].
pub fn handle_remove_liquidity(
    ctx: Context<RemoveLiquidity>,
    args: RemoveLiquidityArgs,
) -> Result<()> {
    let accounts = ctx.accounts;
    require_gt!(args.shares, 0, MarketError::ZeroAmount);
    let mut market = accounts.market.load_mut()?;
    market.require_not_settled()?;
    require_kind(&market, &accounts.position)?;
    let clock = Clock::get()?;
    market.observe(&clock)?;
    market.credit_fees(&mut accounts.liquidity)?;

    let take = |held: u64| {
        held.checked_sub(args.shares)
            .ok_or_else(|| error!(MarketError::NotEnoughShares))
    };
    accounts.liquidity.shares = take(accounts.liquidity.shares)?;
    let supply = Shares(market.liquidity_supply);
    market.liquidity_supply = take(supply.0)?;
    let remove = if market.is_trading_over(&clock) {
        MarketPool::remove_liquidity_after_trading
    } else {
        MarketPool::remove_liquidity
    };
    let removed = remove(market.pool.pool_mut(), Shares(args.shares), supply)
        .map_err(MarketError::from)?;
    let cash = removed.cash.0;
    require_gte!(cash, args.min_cash, MarketError::SlippageExceeded);
    accounts.position.add_each(removed.returned)?;
    emit!(LiquidityRemoved {
        market: accounts.market.key(),
        owner: accounts.owner.key(),
        sequence: market.next_sequence()?,
        shares: args.shares,
        cash,
        liquidity_supply: market.liquidity_supply,
        pool_cash: market.pool.cash,
        depth: market.pool.depth,
    });
    let signer = MarketSigner::of(&market);
    drop(market);

    transfer(
        &accounts.token_program,
        accounts.market_tokens.to_account_info(),
        accounts.owner_tokens.to_account_info(),
        accounts.market.to_account_info(),
        cash,
        &[&signer.seeds()],
    )?;
    accounts
        .market
        .load()?
        .assert_backed(&accounts.market_tokens)
}
