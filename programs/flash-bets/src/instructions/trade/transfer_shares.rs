use anchor_lang::prelude::*;
use market_core::Shares;
use program_kit::EventHeader;

use crate::{
    error::FlashError,
    state::{FlashMarket, Ticket},
};

#[derive(Accounts)]
pub struct TransferShares<'info> {
    pub owner: Signer<'info>,
    #[account(mut)]
    pub market: AccountLoader<'info, FlashMarket>,
    #[account(
        mut,
        has_one = market @ FlashError::WrongAccount,
        has_one = owner @ FlashError::WrongAccount,
    )]
    pub ticket: Account<'info, Ticket>,
    /// Anybody's in the same market.
    #[account(mut, has_one = market @ FlashError::WrongAccount)]
    pub receiver: Account<'info, Ticket>,
}

#[event]
pub struct TicketSharesTransferred {
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

/// Gives shares to another ticket of the same market: until it is settled, whatever happens to it or to
/// its vault before.
pub fn handle_transfer_shares(
    ctx: Context<TransferShares>,
    outcome: u8,
    shares: u64,
) -> Result<()> {
    let TransferShares {
        owner,
        market: of_market,
        ticket,
        receiver,
    } = ctx.accounts;
    require_gt!(shares, 0, FlashError::ZeroAmount);
    let mut market = of_market.load_mut()?;
    market
        .settlement
        .require_not_settled()
        .map_err(FlashError::from)?;
    let given = ticket
        .holdings
        .give(&mut receiver.holdings, outcome, Shares(shares));
    let cost = given.map_err(FlashError::from)?;
    emit!(TicketSharesTransferred {
        header: market.next_event(&Clock::get()?)?,
        market: of_market.key(),
        from: owner.key(),
        to: receiver.owner,
        outcome,
        shares,
        cost,
    });
    Ok(())
}
