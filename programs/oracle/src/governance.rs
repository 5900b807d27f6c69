//! What every admin instruction of Strobe checks, whichever program it belongs to.

use anchor_lang::prelude::*;

use crate::{error::OracleError, state::OracleConfig};

/// As [`program_kit::refuse_durable_nonce`], in this program's errors.
///
/// # Errors
/// [`OracleError::DurableNonce`].
pub fn refuse_durable_nonce(instructions: &AccountInfo) -> Result<()> {
    Ok(program_kit::refuse_durable_nonce(instructions).map_err(OracleError::from)?)
}

/// For what only lowers risk: pause, suspend, lower a cap, cancel.
///
/// # Errors
/// [`OracleError::NotAdminOrGuardian`].
pub fn require_admin_or_guardian(config: &OracleConfig, signer: &Signer) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    require!(
        signer.key() == config.admin || signer.key() == config.guardian_at(now),
        OracleError::NotAdminOrGuardian
    );
    Ok(())
}
