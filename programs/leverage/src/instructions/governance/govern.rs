//! The accounts of every instruction that governs a pool or a listing.

use anchor_lang::prelude::*;
use markets::state::Market;
use oracle::OracleConfig;
use program_kit::{refuse_durable_nonce, INSTRUCTIONS_SYSVAR};

use crate::{
    error::LoanError,
    state::{LendingPool, ListedMarket},
};

#[derive(Accounts)]
pub struct GovernPool<'info> {
    /// The admin; for what only lowers risk the guardian too.
    pub authority: Signer<'info>,
    /// The oracle's configuration: one governance for all of Strobe. Its type proves it.
    pub config: Account<'info, OracleConfig>,
    #[account(mut)]
    pub pool: AccountLoader<'info, LendingPool>,
    /// CHECK: the instructions sysvar.
    #[account(address = INSTRUCTIONS_SYSVAR)]
    pub instructions: UncheckedAccount<'info>,
}

#[derive(Accounts)]
pub struct GovernListing<'info> {
    /// The admin; for what only lowers risk the guardian too.
    pub authority: Signer<'info>,
    /// The oracle's configuration: one governance for all of Strobe. Its type proves it.
    pub config: Account<'info, OracleConfig>,
    #[account(mut, has_one = market @ LoanError::WrongAccount)]
    pub listing: AccountLoader<'info, ListedMarket>,
    pub market: AccountLoader<'info, Market>,
    /// CHECK: the instructions sysvar.
    #[account(address = INSTRUCTIONS_SYSVAR)]
    pub instructions: UncheckedAccount<'info>,
}

impl GovernPool<'_> {
    pub(super) fn require(&self, may_be_guardian: Option<i64>) -> Result<()> {
        require_authority(
            &self.authority,
            &self.config,
            &self.instructions,
            may_be_guardian,
        )
    }
}

impl GovernListing<'_> {
    pub(super) fn require(&self, may_be_guardian: Option<i64>) -> Result<()> {
        require_authority(
            &self.authority,
            &self.config,
            &self.instructions,
            may_be_guardian,
        )
    }
}

/// That the admin signed, or the guardian at a second of unix time where that is enough; and not for any
/// later time.
///
/// # Errors
/// `DurableNonce`, `NotAdmin`, `NotAdminOrGuardian`.
fn require_authority(
    authority: &Signer,
    config: &OracleConfig,
    instructions: &AccountInfo,
    may_be_guardian: Option<i64>,
) -> Result<()> {
    refuse_durable_nonce(instructions).map_err(LoanError::from)?;
    let key = authority.key();
    let is_admin = key == config.admin;
    match may_be_guardian {
        None => require!(is_admin, LoanError::NotAdmin),
        Some(now) => {
            let is_either = is_admin || key == config.guardian_at(now);
            require!(is_either, LoanError::NotAdminOrGuardian);
        }
    }
    Ok(())
}
