use anchor_lang::prelude::*;
use anchor_spl::token_interface::TokenInterface;
use market_core::difference;
use program_kit::{EventHeader, Purse};

use crate::{
    error::MarketError,
    state::{add, Market, Venue},
};

#[derive(Accounts)]
pub struct ReleaseProtocolFees<'info> {
    #[account(mut)]
    pub venue: AccountLoader<'info, Venue>,
    /// CHECK: named by the venue.
    #[account(mut)]
    pub venue_tokens: UncheckedAccount<'info>,
    #[account(
        mut,
        has_one = venue @ MarketError::WrongAccount,
    )]
    pub market: AccountLoader<'info, Market>,
    /// CHECK: named by the market.
    #[account(mut)]
    pub market_tokens: UncheckedAccount<'info>,
    pub token_program: Interface<'info, TokenInterface>,
}

#[event]
pub struct ProtocolFeesReleased {
    pub header: EventHeader,
    pub market: Pubkey,
    pub venue: Pubkey,
    pub amount: u64,
}

/// Gives the venue the protocol's part of a market's fees so far; anybody. Trades do not write the
/// venue, which all markets share. What a proposer may earn of them stays until the settlement.
pub fn handle_release_protocol_fees(ctx: Context<ReleaseProtocolFees>) -> Result<()> {
    let accounts = ctx.accounts;
    let mut venue = accounts.venue.load_mut()?;
    let mut market = accounts.market.load_mut()?;
    let amount =
        difference(market.protocol_fees, market.proposer_reward).map_err(MarketError::from)?;
    require_gt!(amount, 0, MarketError::NothingToCollect);
    market.protocol_fees = market.proposer_reward;
    add(&mut venue.protocol_fees, amount)?;
    emit!(ProtocolFeesReleased {
        header: market.next_event(&Clock::get()?)?,
        market: accounts.market.key(),
        venue: accounts.venue.key(),
        amount,
    });
    drop((venue, market));

    let token_program = &accounts.token_program;
    let purse = Purse::new(&accounts.market, &accounts.market_tokens, token_program)?;
    let venue_purse = Purse::new(&accounts.venue, &accounts.venue_tokens, token_program)?;
    purse.pay_to(&venue_purse, amount)
}
