use anchor_lang::prelude::*;
use program_kit::EventHeader;

use super::GovernPool;
use crate::{error::LoanError, state::PoolTerms};

#[event]
pub struct PoolTermsChanged {
    pub header: EventHeader,
    pub pool: Pubkey,
    /// In force until `active_from`, and from then on; unix seconds.
    pub old: PoolTerms,
    pub new: PoolTerms,
    pub active_from: i64,
}

/// Changes a pool's terms after the timelock. The notice does not get shorter.
pub fn handle_set_pool_terms(ctx: Context<GovernPool>, terms: PoolTerms) -> Result<()> {
    let accounts = ctx.accounts;
    accounts.require(None)?;
    terms.check()?;
    let clock = Clock::get()?;
    let now = clock.unix_timestamp;
    let active_from = accounts.config.active_from(now)?;
    let mut pool = accounts.pool.load_mut()?;
    pool.accrue(now)?;
    let old = pool.terms.at(now);
    require_gte!(
        terms.notice_seconds,
        old.notice_seconds,
        LoanError::NoticeShortened
    );
    pool.terms.propose(terms, now, active_from);
    emit!(PoolTermsChanged {
        header: pool.next_event(&clock)?,
        pool: accounts.pool.key(),
        old,
        new: terms,
        active_from,
    });
    Ok(())
}
