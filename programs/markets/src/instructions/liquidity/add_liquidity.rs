use anchor_lang::prelude::*;
use program_kit::{EventHeader, Purse};

use super::{change_liquidity::give_returned, ChangeLiquidity};
use crate::{error::MarketError, state::add};

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
pub fn handle_add_liquidity(ctx: Context<ChangeLiquidity>, args: AddLiquidityArgs) -> Result<()> {
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
    // The shares that come back with it are at stake as those that are bought.
    market.require_interest_within_cap()?;
    market.credit_fees(&mut accounts.liquidity)?;
    let (added, outcomes) = (bought.added, market.pool.outcomes);
    let shares = added.shares.0;
    require_gte!(shares, args.min_shares, MarketError::SlippageExceeded);
    let position = &mut accounts.position;
    let returned = give_returned(position, &added.returned, outcomes, &args.min_returned)?;
    add(&mut accounts.liquidity.shares, shares)?;
    emit!(LiquidityAdded {
        header: market.next_event(&clock)?,
        market: accounts.market.key(),
        owner: accounts.owner.key(),
        amount: args.amount,
        unvested_fees: bought.unvested_fees,
        shares,
        returned,
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
