use anchor_lang::prelude::*;
use oracle::{
    governance::{refuse_durable_nonce, require_admin_or_guardian},
    OracleConfig,
};

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
    /// CHECK: the instructions sysvar; its loader checks the address.
    pub instructions: UncheckedAccount<'info>,
}

#[event]
pub struct VenueTermsSet {
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
    refuse_durable_nonce(&accounts.instructions)?;
    require_admin_or_guardian(&accounts.config, &accounts.authority)?;
    terms.check()?;
    let now = Clock::get()?.unix_timestamp;
    let mut venue = accounts.venue.load_mut()?;

    let old = venue.terms_at(now);
    let active_from = if terms.only_lowers(&old) {
        venue.terms = terms;
        venue.pending_terms_from = 0;
        now
    } else {
        require_keys_eq!(
            accounts.authority.key(),
            accounts.config.admin,
            MarketError::NotAdmin
        );
        venue.terms = old;
        venue.pending_terms = terms;
        venue.pending_terms_from = accounts.config.active_from(now)?;
        venue.pending_terms_from
    };
    emit!(VenueTermsSet {
        venue: accounts.venue.key(),
        authority: accounts.authority.key(),
        old,
        new: terms,
        active_from,
    });
    Ok(())
}
