use anchor_lang::prelude::*;
use market_core::Shares;
use program_kit::EventHeader;

use crate::{
    error::MarketError,
    state::{Market, Position},
};

#[derive(Accounts)]
pub struct TransferShares<'info> {
    pub owner: Signer<'info>,
    #[account(mut)]
    pub market: AccountLoader<'info, Market>,
    #[account(
        mut,
        has_one = market @ MarketError::WrongAccount,
        has_one = owner @ MarketError::WrongAccount,
    )]
    pub position: Account<'info, Position>,
    /// Anybody's in the same market.
    #[account(mut, has_one = market @ MarketError::WrongAccount)]
    pub receiver: Account<'info, Position>,
}

#[event]
pub struct SharesTransferred {
    pub header: EventHeader,
    pub market: Pubkey,
    pub from: Pubkey,
    pub to: Pubkey,
    pub outcome: u8,
    pub shares: u64,
    /// The part of the giver's cost that is no longer in its books, base units. It is not in the
    /// receiver's either.
    pub cost: i64,
}

/// Gives shares to another position in the same market. Of the giver's cost goes what is theirs by
/// number; to the receiver they cost nothing, so that nobody's gift keeps it from buying. Open until the market is settled, whatever happens to it or to its venue before.
pub fn handle_transfer_shares(
    ctx: Context<TransferShares>,
    outcome: u8,
    shares: u64,
) -> Result<()> {
    let accounts = ctx.accounts;
    require_gt!(shares, 0, MarketError::ZeroAmount);
    let mut market = accounts.market.load_mut()?;
    market.require_not_settled()?;
    let receiver = &mut accounts.receiver.holdings;
    let cost = accounts
        .position
        .holdings
        .give(receiver, outcome, Shares(shares))
        .map_err(MarketError::from)?;
    emit!(SharesTransferred {
        header: market.next_event(&Clock::get()?)?,
        market: accounts.market.key(),
        from: accounts.owner.key(),
        to: accounts.receiver.owner,
        outcome,
        shares,
        cost,
    });
    Ok(())
}
