use anchor_lang::prelude::*;
use anchor_spl::token_interface::TokenInterface;

use crate::{
    error::MarketError,
    state::{seeds, Venue},
    tokens::{destination, transfer, Payee},
};

#[derive(Accounts)]
pub struct CollectProtocolFees<'info> {
    #[account(mut, has_one = treasury @ MarketError::WrongAccount)]
    pub venue: AccountLoader<'info, Venue>,
    /// CHECK: named by the venue.
    pub treasury: UncheckedAccount<'info>,
    /// CHECK: named by the venue.
    #[account(mut, address = venue.load()?.token_account @ MarketError::WrongAccount)]
    pub venue_tokens: UncheckedAccount<'info>,
    /// CHECK: checked to be the treasury's.
    #[account(mut)]
    pub treasury_tokens: UncheckedAccount<'info>,
    pub token_program: Interface<'info, TokenInterface>,
}

#[event]
pub struct ProtocolFeesCollected {
    pub venue: Pubkey,
    pub treasury: Pubkey,
    pub amount: u64,
}

/// Pays the treasury what the markets have released; anybody.
pub fn handle_collect_protocol_fees(ctx: Context<CollectProtocolFees>) -> Result<()> {
    let accounts = ctx.accounts;
    let mut venue = accounts.venue.load_mut()?;
    let amount = core::mem::take(&mut venue.protocol_fees);
    require_gt!(amount, 0, MarketError::NothingToCollect);
    let (mint, bump) = (venue.mint, venue.bump);
    drop(venue);
    let destination = destination(Payee {
        owner: &accounts.treasury,
        mint,
        token_program: &accounts.token_program,
        tokens: &accounts.treasury_tokens,
        fallback: None,
    })?;

    transfer(
        &accounts.token_program,
        accounts.venue_tokens.to_account_info(),
        destination,
        accounts.venue.to_account_info(),
        amount,
        &[&[seeds::VENUE, mint.as_ref(), &[bump]]],
    )?;
    accounts
        .venue
        .load()?
        .assert_backed(&accounts.venue_tokens)?;
    emit!(ProtocolFeesCollected {
        venue: accounts.venue.key(),
        treasury: accounts.treasury.key(),
        amount,
    });
    Ok(())
}
