use anchor_lang::prelude::*;
use anchor_spl::token_interface::TokenInterface;
use math::{CurveKind, Money, Shares};

use crate::{
    error::MarketError,
    state::{LiquidityPosition, Market, Position, PositionKind, Venue},
    tokens::transfer,
};

#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug)]
pub struct AddLiquidityArgs {
    /// Base units.
    pub amount: u64,
    /// Least number of LP shares to accept.
    pub min_shares: u64,
    /// Least number of shares of each outcome to accept; none of those beyond the list. Whoever moves
    /// the price before makes some reserve greater, for fewer LP shares if it is the greatest, and
    /// else for fewer shares of its outcome: only both bounds together hold the price.
    pub min_returned: Vec<u64>,
}

#[derive(Accounts)]
pub struct AddLiquidity<'info> {
    pub owner: Signer<'info>,
    pub venue: AccountLoader<'info, Venue>,
    #[account(
        mut,
        has_one = venue @ MarketError::WrongAccount,
        constraint = market.load()?.token_account == market_tokens.key() @ MarketError::WrongAccount,
    )]
    pub market: AccountLoader<'info, Market>,
    #[account(
        mut,
        has_one = market @ MarketError::WrongAccount,
        has_one = owner @ MarketError::WrongAccount,
    )]
    pub liquidity: Account<'info, LiquidityPosition>,
    /// Gets the outcome shares that are left over: redeem-only on an L2 curve, else tradable.
    #[account(
        mut,
        has_one = market @ MarketError::WrongAccount,
        has_one = owner @ MarketError::WrongAccount,
    )]
    pub position: Account<'info, Position>,
    /// CHECK: named by the market.
    #[account(mut)]
    pub market_tokens: UncheckedAccount<'info>,
    /// CHECK: the token program checks mint, balance and authority.
    #[account(mut)]
    pub owner_tokens: UncheckedAccount<'info>,
    pub token_program: Interface<'info, TokenInterface>,
}

#[event]
pub struct LiquidityAdded {
    pub market: Pubkey,
    pub owner: Pubkey,
    pub sequence: u64,
    pub amount: u64,
    pub shares: u64,
    /// After it.
    pub liquidity_supply: u64,
    pub pool_cash: u64,
    pub depth: u64,
}

/// Puts money into the pool at unmoved prices, for LP shares and the outcome shares that are left
/// over. An L2 curve takes it only while no share of the market is outstanding; see [`math::l2`].
pub fn handle_add_liquidity(ctx: Context<AddLiquidity>, args: AddLiquidityArgs) -> Result<()> {
    let clock = Clock::get()?;
    let accounts = ctx.accounts;
    require_gt!(args.amount, 0, MarketError::ZeroAmount);
    accounts
        .venue
        .load()?
        .require_not_paused(clock.unix_timestamp)?;
    let mut market = accounts.market.load_mut()?;
    market.require_trading(&clock)?;
    require_kind(&market, &accounts.position)?;
    market.observe(&clock)?;
    market.credit_fees(&mut accounts.liquidity)?;

    let outcomes = usize::from(market.pool.outcomes);
    let supply = Shares(market.liquidity_supply);
    let added = market
        .pool
        .pool_mut()
        .add_liquidity(Money(args.amount), supply)
        .map_err(MarketError::from)?;
    let shares = added.shares.0;
    require_gte!(shares, args.min_shares, MarketError::SlippageExceeded);
    require_returned(&added.returned[..outcomes], &args.min_returned)?;
    accounts.position.add_each(added.returned)?;
    accounts.liquidity.shares = add(accounts.liquidity.shares, shares)?;
    market.liquidity_supply = add(market.liquidity_supply, shares)?;
    emit!(LiquidityAdded {
        market: accounts.market.key(),
        owner: accounts.owner.key(),
        sequence: market.next_sequence()?,
        amount: args.amount,
        shares,
        liquidity_supply: market.liquidity_supply,
        pool_cash: market.pool.cash,
        depth: market.pool.depth,
    });
    drop(market);

    transfer(
        &accounts.token_program,
        accounts.owner_tokens.to_account_info(),
        accounts.market_tokens.to_account_info(),
        accounts.owner.to_account_info(),
        args.amount,
        &[],
    )?;
    accounts
        .market
        .load()?
        .assert_backed(&accounts.market_tokens)
}

/// # Errors
/// [`MarketError::WrongPositionKind`] unless `position` may hold what the market's curve gives back.
pub fn require_kind(market: &Market, position: &Position) -> Result<()> {
    let expected = if market.pool.kind == CurveKind::L2 as u8 {
        PositionKind::RedeemOnly
    } else {
        PositionKind::Tradable
    };
    require!(position.kind == expected, MarketError::WrongPositionKind);
    Ok(())
}

fn require_returned(returned: &[u64], least: &[u64]) -> Result<()> {
    require_gte!(returned.len(), least.len(), MarketError::OutcomeOutOfRange);
    for (returned, least) in returned.iter().zip(least) {
        require_gte!(returned, least, MarketError::SlippageExceeded);
    }
    Ok(())
}

fn add(amount: u64, more: u64) -> Result<u64> {
    amount
        .checked_add(more)
        .ok_or_else(|| error!(MarketError::Overflow))
}
