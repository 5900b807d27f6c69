//! The accounts of every instruction that governs a vault that is there.

use anchor_lang::prelude::*;
use oracle::OracleConfig;
use program_kit::{refuse_durable_nonce, INSTRUCTIONS_SYSVAR};

use crate::{error::FlashError, state::Vault};

#[derive(Accounts)]
pub struct Govern<'info> {
    /// The admin; for what only lowers risk the guardian too.
    pub authority: Signer<'info>,
    /// The oracle's configuration: one governance for all of Strobe. Its type proves it.
    pub config: Account<'info, OracleConfig>,
    #[account(mut)]
    pub vault: AccountLoader<'info, Vault>,
    /// CHECK: the instructions sysvar.
    #[account(address = INSTRUCTIONS_SYSVAR)]
    pub instructions: UncheckedAccount<'info>,
}

impl Govern<'_> {
    /// # Errors
    /// `DurableNonce`, `NotAdmin`.
    pub fn require_admin(&self) -> core::result::Result<(), FlashError> {
        refuse_durable_nonce(&self.instructions)?;
        if self.authority.key() != self.config.admin {
            return Err(FlashError::NotAdmin);
        }
        Ok(())
    }

    /// # Errors
    /// `DurableNonce`, `NotAdminOrGuardian`.
    pub fn require_admin_or_guardian(&self, now: i64) -> core::result::Result<(), FlashError> {
        refuse_durable_nonce(&self.instructions)?;
        let key = self.authority.key();
        if key != self.config.admin && key != self.config.guardian_at(now) {
            return Err(FlashError::NotAdminOrGuardian);
        }
        Ok(())
    }
}
