use anchor_lang::prelude::*;
use program_kit::EventHeader;

use super::GovernListing;
use crate::state::LoanParameters;

#[event]
pub struct ParametersChanged {
    pub header: EventHeader,
    pub listing: Pubkey,
    /// In force until `active_from`, and from then on; unix seconds.
    pub old: LoanParameters,
    pub new: LoanParameters,
    pub active_from: i64,
}

/// Changes what loans of a market are given and liquidated by, after the timelock, whichever way: who
/// borrowed has that time to leave.
pub fn handle_set_parameters(
    ctx: Context<GovernListing>,
    parameters: LoanParameters,
) -> Result<()> {
    let accounts = ctx.accounts;
    accounts.require(None)?;
    let clock = Clock::get()?;
    let now = clock.unix_timestamp;
    let duration_seconds = accounts.market.load()?.hours.duration_seconds();
    parameters.check(duration_seconds)?;
    let active_from = accounts.config.active_from(now)?;
    let mut listing = accounts.listing.load_mut()?;
    listing.accrue_jump(now);
    let old = listing.parameters.at(now);
    listing.parameters.propose(parameters, now, active_from);
    emit!(ParametersChanged {
        header: listing.next_event(&clock)?,
        listing: accounts.listing.key(),
        old,
        new: parameters,
        active_from,
    });
    Ok(())
}
