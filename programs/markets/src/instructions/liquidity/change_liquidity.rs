//! What `add_liquidity` and `remove_liquidity` have in common.

use anchor_lang::prelude::*;
use anchor_spl::token_interface::TokenInterface;

use crate::{
    error::MarketError,
    state::{LiquidityPosition, Market, Position, Venue, MAX_OUTCOMES},
};

#[derive(Accounts)]
pub struct ChangeLiquidity<'info> {
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
    /// CHECK: the token program checks mint, balance and authority; the owner may have money sent anywhere.
    #[account(mut)]
    pub owner_tokens: UncheckedAccount<'info>,
    pub token_program: Interface<'info, TokenInterface>,
}

/// Gives a position as many of the pool's shares as come with a change of liquidity, of so many
/// `outcomes`, if that is what the bounds ask for, none of those beyond the list; returns them.
///
/// # Errors
/// `OutcomeOutOfRange` for more bounds than outcomes, `SlippageExceeded`, `Overflow`.
pub(super) fn give_returned(
    position: &mut Position,
    returned: &[u64; MAX_OUTCOMES],
    outcomes: u8,
    least: &[u64],
) -> Result<Vec<u64>> {
    let returned = returned.get(..outcomes.into()).unwrap_or(returned);
    require_gte!(returned.len(), least.len(), MarketError::OutcomeOutOfRange);
    for (returned, least) in returned.iter().zip(least) {
        require_gte!(returned, least, MarketError::SlippageExceeded);
    }
    let given = position.holdings.add_each(returned.iter().copied());
    given.map_err(MarketError::from)?;
    Ok(returned.to_vec())
}
