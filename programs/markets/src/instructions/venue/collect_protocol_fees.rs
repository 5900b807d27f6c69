use anchor_lang::prelude::*;
use anchor_spl::token_interface::TokenInterface;
use program_kit::{EventHeader, Purse};

use crate::{error::MarketError, state::Venue};

#[derive(Accounts)]
pub struct CollectProtocolFees<'info> {
    #[account(mut)]
    pub venue: AccountLoader<'info, Venue>,
    /// CHECK: checked to be the venue's of now.
    pub treasury: UncheckedAccount<'info>,
    /// CHECK: named by the venue.
    #[account(mut)]
    pub venue_tokens: UncheckedAccount<'info>,
    /// CHECK: checked to be the treasury's.
    #[account(mut)]
    pub treasury_tokens: UncheckedAccount<'info>,
    pub token_program: Interface<'info, TokenInterface>,
}

#[event]
pub struct ProtocolFeesCollected {
    pub header: EventHeader,
    pub venue: Pubkey,
    pub treasury: Pubkey,
    pub amount: u64,
}

/// Pays the treasury what the markets have released; anybody.
pub fn handle_collect_protocol_fees(ctx: Context<CollectProtocolFees>) -> Result<()> {
    let accounts = ctx.accounts;
    let clock = Clock::get()?;
    let mut venue = accounts.venue.load_mut()?;
    require_keys_eq!(
        accounts.treasury.key(),
        venue.treasury.at(clock.unix_timestamp),
        MarketError::WrongAccount
    );
    let amount = core::mem::take(&mut venue.protocol_fees);
    require_gt!(amount, 0, MarketError::NothingToCollect);
    emit!(ProtocolFeesCollected {
        header: venue.next_event(&clock)?,
        venue: accounts.venue.key(),
        treasury: accounts.treasury.key(),
        amount,
    });
    drop(venue);

    let (venue, tokens) = (&accounts.venue, &accounts.venue_tokens);
    let purse = Purse::new(venue, tokens, &accounts.token_program)?;
    purse.pay_owner(&accounts.treasury, &accounts.treasury_tokens, None, amount)
}
