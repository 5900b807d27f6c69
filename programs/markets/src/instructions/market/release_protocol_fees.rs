use anchor_lang::prelude::*;
use anchor_spl::token_interface::TokenInterface;

use crate::{
    error::MarketError,
    state::{Market, MarketSigner, Venue},
    tokens::transfer,
};

#[derive(Accounts)]
pub struct ReleaseProtocolFees<'info> {
    #[account(mut)]
    pub venue: AccountLoader<'info, Venue>,
    /// CHECK: named by the venue.
    #[account(mut, address = venue.load()?.token_account @ MarketError::WrongAccount)]
    pub venue_tokens: UncheckedAccount<'info>,
    #[account(
        mut,
        has_one = venue @ MarketError::WrongAccount,
        constraint = market.load()?.token_account == market_tokens.key() @ MarketError::WrongAccount,
    )]
    pub market: AccountLoader<'info, Market>,
    /// CHECK: named by the market.
    #[account(mut)]
    pub market_tokens: UncheckedAccount<'info>,
    pub token_program: Interface<'info, TokenInterface>,
}

#[event]
pub struct ProtocolFeesReleased {
    pub market: Pubkey,
    pub venue: Pubkey,
    pub sequence: u64,
    pub amount: u64,
}

/// Gives the venue the protocol's part of a market's fees so far; anybody. Trades do not write the
/// venue, which all markets share.
pub fn handle_release_protocol_fees(ctx: Context<ReleaseProtocolFees>) -> Result<()> {
    let accounts = ctx.accounts;
    let (signer, amount) = {
        let mut venue = accounts.venue.load_mut()?;
        let mut market = accounts.market.load_mut()?;
        let amount = core::mem::take(&mut market.protocol_fees);
        require_gt!(amount, 0, MarketError::NothingToCollect);
        venue.protocol_fees = venue
            .protocol_fees
            .checked_add(amount)
            .ok_or(MarketError::Overflow)?;
        emit!(ProtocolFeesReleased {
            market: accounts.market.key(),
            venue: accounts.venue.key(),
            sequence: market.next_sequence()?,
            amount,
        });
        (MarketSigner::of(&market), amount)
    };
    transfer(
        &accounts.token_program,
        accounts.market_tokens.to_account_info(),
        accounts.venue_tokens.to_account_info(),
        accounts.market.to_account_info(),
        amount,
        &[&signer.seeds()],
    )?;
    accounts
        .venue
        .load()?
        .assert_backed(&accounts.venue_tokens)?;
    accounts
        .market
        .load()?
        .assert_backed(&accounts.market_tokens)
}
