use anchor_lang::prelude::*;
use anchor_spl::token_interface::{Mint, TokenInterface};
use bytemuck::Zeroable;
use oracle::OracleConfig;
use program_kit::tokens::require_plain_mint;
use program_kit::{
    new_tokens::{NewAccount, NewTokens},
    refuse_durable_nonce, EventHeader, ScheduledKey, INSTRUCTIONS_SYSVAR,
};

use crate::{
    error::MarketError,
    state::{seeds, ScheduledTerms, Terms, Venue, VERSION},
};

#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug)]
pub struct CreateVenueArgs {
    /// Wallet whose token account gets the protocol's fees.
    pub treasury: Pubkey,
    pub terms: Terms,
}

#[derive(Accounts)]
pub struct CreateVenue<'info> {
    #[account(mut)]
    pub admin: Signer<'info>,
    /// The oracle's configuration: one governance for all of Strobe. Its type proves it.
    #[account(has_one = admin @ MarketError::NotAdmin)]
    pub config: Account<'info, OracleConfig>,
    pub mint: Box<InterfaceAccount<'info, Mint>>,
    /// CHECK: created by the handler.
    #[account(mut, seeds = [seeds::VENUE, mint.key().as_ref()], bump)]
    pub venue: UncheckedAccount<'info>,
    /// CHECK: created by the handler.
    #[account(mut, seeds = [seeds::VENUE_TOKENS, venue.key().as_ref()], bump)]
    pub venue_tokens: UncheckedAccount<'info>,
    /// CHECK: the instructions sysvar.
    #[account(address = INSTRUCTIONS_SYSVAR)]
    pub instructions: UncheckedAccount<'info>,
    pub token_program: Interface<'info, TokenInterface>,
    pub system_program: Program<'info, System>,
}

#[event]
pub struct VenueCreated {
    pub header: EventHeader,
    pub venue: Pubkey,
    pub mint: Pubkey,
    pub treasury: Pubkey,
    pub terms: Terms,
}

/// Makes a home for the markets of one mint; the admin.
pub fn handle_create_venue(ctx: Context<CreateVenue>, args: CreateVenueArgs) -> Result<()> {
    let accounts = &ctx.accounts;
    refuse_durable_nonce(&accounts.instructions).map_err(MarketError::from)?;
    require_plain_mint(&accounts.mint).map_err(MarketError::from)?;
    require_keys_neq!(args.treasury, Pubkey::default(), MarketError::DefaultKey);
    args.terms.check()?;

    let mut venue = Venue::zeroed();
    venue.version = VERSION;
    venue.bump = ctx.bumps.venue;
    venue.mint = accounts.mint.key();
    venue.token_account = accounts.venue_tokens.key();
    venue.treasury = ScheduledKey::new(args.treasury);
    venue.terms = ScheduledTerms::new(args.terms);
    let header = venue.next_event(&Clock::get()?)?;
    let address = accounts.venue.key();
    NewAccount {
        payer: &accounts.admin,
        account: &accounts.venue,
        system_program: &accounts.system_program,
        seeds: &[seeds::VENUE, venue.mint.as_ref(), &[venue.bump]],
    }
    .write_zero_copy(&venue)?;
    NewAccount {
        payer: &accounts.admin,
        account: &accounts.venue_tokens,
        system_program: &accounts.system_program,
        seeds: &[
            seeds::VENUE_TOKENS,
            address.as_ref(),
            &[ctx.bumps.venue_tokens],
        ],
    }
    .token_account(
        &accounts.mint.to_account_info(),
        &accounts.venue.to_account_info(),
        &accounts.token_program,
    )?;
    emit!(VenueCreated {
        header,
        venue: address,
        mint: venue.mint,
        treasury: args.treasury,
        terms: args.terms,
    });
    Ok(())
}
