use anchor_lang::prelude::*;
use oracle::{governance::require_admin_or_guardian, OracleConfig};
use program_kit::{refuse_durable_nonce, EventHeader, INSTRUCTIONS_SYSVAR};

use crate::{
    error::MarketError,
    state::{Terms, Venue},
};

#[derive(Accounts)]
pub struct SetVenueTerms<'info> {
    pub authority: Signer<'info>,
    /// The oracle's configuration. Its type proves it.
    pub config: Account<'info, OracleConfig>,
    #[account(mut)]
    pub venue: AccountLoader<'info, Venue>,
    /// CHECK: the instructions sysvar.
    #[account(address = INSTRUCTIONS_SYSVAR)]
    pub instructions: UncheckedAccount<'info>,
}

#[event]
pub struct VenueTermsSet {
    pub header: EventHeader,
    pub venue: Pubkey,
    pub authority: Pubkey,
    pub old: Terms,
    pub new: Terms,
    /// Unix seconds from which the new terms are in force.
    pub active_from: i64,
}

/// Terms that only lower are in force at once, by admin or guardian, and end what was pending. All
/// others wait for the timelock, and only the admin may ask for them. No open market changes.
pub fn handle_set_venue_terms(ctx: Context<SetVenueTerms>, terms: Terms) -> Result<()> {
    let accounts = ctx.accounts;
    refuse_durable_nonce(&accounts.instructions).map_err(MarketError::from)?;
    require_admin_or_guardian(&accounts.config, &accounts.authority)?;
    terms.check()?;
    let clock = Clock::get()?;
    let now = clock.unix_timestamp;
    let mut venue = accounts.venue.load_mut()?;

    let old = venue.terms.at(now);
    let active_from = if terms.only_lowers(&old) {
        venue.terms.set(terms);
        now
    } else {
        require_keys_eq!(
            accounts.authority.key(),
            accounts.config.admin,
            MarketError::NotAdmin
        );
        let active_from = accounts.config.active_from(now)?;
        venue.terms.propose(terms, now, active_from);
        active_from
    };
    emit!(VenueTermsSet {
        header: venue.next_event(&clock)?,
        venue: accounts.venue.key(),
        authority: accounts.authority.key(),
        old,
        new: terms,
        active_from,
    });
    Ok(())
}
