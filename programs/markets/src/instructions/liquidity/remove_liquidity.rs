use anchor_lang::prelude::*;
use program_kit::{EventHeader, Purse};

use super::{change_liquidity::give_returned, ChangeLiquidity};
use crate::error::MarketError;

#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug)]
pub struct RemoveLiquidityArgs {
    /// LP shares to give back.
    pub shares: u64,
    /// Least number of base units to accept, beside the outcome shares.
    pub min_cash: u64,
    /// Least number of shares of each outcome to accept; none of those beyond the list. Whoever moves
    /// the price before takes of the money or of these: only both bounds together hold the price.
    pub min_returned: Vec<u64>,
}

#[event]
pub struct LiquidityRemoved {
    pub header: EventHeader,
    pub market: Pubkey,
    pub owner: Pubkey,
    pub shares: u64,
    /// Base units that the owner got, fees not included.
    pub cash: u64,
    /// Shares of each outcome that the owner got.
    pub returned: Vec<u64>,
    /// After it.
    pub liquidity_supply: u64,
    pub pool_cash: u64,
    /// 0 when nobody provides any more, or trading is over.
    pub depth: u64,
}

/// Takes liquidity out at unmoved prices, as money and outcome shares. A pause does not stop it, nor
/// does a proposal: whoever leaves gets no more, whatever the result, than who stays. Liquidity that
/// is locked stays until trading is over; that of an L2 curve while any share is outstanding, whose
/// holders it owes more than a winner's payout: what they may still sell for.
pub fn handle_remove_liquidity(
    ctx: Context<ChangeLiquidity>,
    args: RemoveLiquidityArgs,
) -> Result<()> {
    let accounts = ctx.accounts;
    require_gt!(args.shares, 0, MarketError::ZeroAmount);
    let clock = Clock::get()?;
    let now = accounts.venue.load()?.now(&clock);
    let mut market = accounts.market.load_mut()?;
    market.require_not_settled()?;
    market.observe(now)?;
    let removed = market.remove_liquidity(&mut accounts.liquidity, args.shares, now)?;
    let cash = removed.cash.0;
    require_gte!(cash, args.min_cash, MarketError::SlippageExceeded);
    let (position, outcomes) = (&mut accounts.position, market.pool.outcomes);
    let returned = give_returned(position, &removed.returned, outcomes, &args.min_returned)?;
    emit!(LiquidityRemoved {
        header: market.next_event(&clock)?,
        market: accounts.market.key(),
        owner: accounts.owner.key(),
        shares: args.shares,
        cash,
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
    .pay(&accounts.owner_tokens, cash)
}
