use anchor_lang::prelude::*;
use anchor_spl::token_interface::TokenInterface;
use program_kit::{EventHeader, Purse};

use crate::{
    error::MarketError,
    state::{add, LiquidityPosition, Market, Position, Venue},
};

#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug)]
pub struct AddLiquidityArgs {
    /// Base units. What it takes along of the fees that have not vested is paid for out of it.
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
    #[account(mut, has_one = venue @ MarketError::WrongAccount)]
    pub market: AccountLoader<'info, Market>,
    #[account(
        mut,
        has_one = market @ MarketError::WrongAccount,
        has_one = owner @ MarketError::WrongAccount,
    )]
    pub liquidity: Account<'info, LiquidityPosition>,
    /// Gets the outcome shares that are left over.
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
    pub header: EventHeader,
    pub market: Pubkey,
    pub owner: Pubkey,
    pub amount: u64,
    /// Of it, what bought a part of the fees that have not vested.
    pub unvested_fees: u64,
    pub shares: u64,
    /// Shares of each outcome that were left over.
    pub returned: Vec<u64>,
    /// After it.
    pub liquidity_supply: u64,
    pub pool_cash: u64,
    pub depth: u64,
}

/// Puts money into the pool at unmoved prices, for LP shares and the outcome shares that are left
/// over. An L2 curve takes it only while no share of the market is outstanding; see
/// [`math::Pool::add_liquidity`].
pub fn handle_add_liquidity(ctx: Context<AddLiquidity>, args: AddLiquidityArgs) -> Result<()> {
    let clock = Clock::get()?;
    let accounts = ctx.accounts;
    require_gt!(args.amount, 0, MarketError::ZeroAmount);
    let now = {
        let venue = accounts.venue.load()?;
        venue.require_not_paused(clock.unix_timestamp)?;
        venue.now(&clock)
    };
    let mut market = accounts.market.load_mut()?;
    market.require_trading(now.seconds)?;

    let bought = market.add_liquidity(args.amount, now)?;
    market.credit_fees(&mut accounts.liquidity)?;
    let (added, outcomes) = (bought.added, usize::from(market.pool.outcomes));
    let shares = added.shares.0;
    require_gte!(shares, args.min_shares, MarketError::SlippageExceeded);
    let returned = added.returned.get(..outcomes).unwrap_or(&added.returned);
    require_returned(returned, &args.min_returned)?;
    accounts
        .position
        .holdings()
        .add_each(returned.iter().copied())
        .map_err(MarketError::from)?;
    add(&mut accounts.liquidity.shares, shares)?;
    emit!(LiquidityAdded {
        header: market.next_event(&clock)?,
        market: accounts.market.key(),
        owner: accounts.owner.key(),
        amount: args.amount,
        unvested_fees: bought.unvested_fees,
        shares,
        returned: returned.to_vec(),
        liquidity_supply: market.liquidity_supply,
        pool_cash: market.pool.cash,
        depth: market.pool.depth,
    });
    drop(market);
    Purse::new(
        &accounts.market,
        &accounts.market_tokens,
        &accounts.token_program,
    )?
    .receive(&accounts.owner_tokens, &accounts.owner, args.amount)
}

/// Whether a provider gets as many outcome shares as the bounds ask for; none of those beyond the
/// list.
///
/// # Errors
/// `OutcomeOutOfRange` for more bounds than outcomes, `SlippageExceeded`.
pub fn require_returned(returned: &[u64], least: &[u64]) -> Result<()> {
    require_gte!(returned.len(), least.len(), MarketError::OutcomeOutOfRange);
    for (returned, least) in returned.iter().zip(least) {
        require_gte!(returned, least, MarketError::SlippageExceeded);
    }
    Ok(())
}
