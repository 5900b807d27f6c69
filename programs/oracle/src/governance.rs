//! What every admin instruction of Strobe checks, whichever program it belongs to.

use anchor_lang::prelude::*;
use program_kit::ScheduledNumber;

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

/// Changes what bounds a risk: to no more at once, by admin or guardian, which ends what was pending; to
/// more after the timelock, by the admin. Returns the unix second from which it is in force.
///
/// # Errors
/// [`OracleError::DurableNonce`], [`OracleError::NotAdminOrGuardian`], [`OracleError::NotAdmin`],
/// `Overflow`.
pub fn set_ceiling(
    config: &OracleConfig,
    authority: &Signer,
    instructions: &AccountInfo,
    ceiling: &mut ScheduledNumber,
    value: u64,
    now: i64,
) -> Result<i64> {
    refuse_durable_nonce(instructions)?;
    if value <= ceiling.at(now) {
        require_admin_or_guardian(config, authority)?;
        ceiling.set(value);
        return Ok(now);
    }
    require_keys_eq!(authority.key(), config.admin, OracleError::NotAdmin);
    let active_from = config.active_from(now)?;
    ceiling.propose(value, now, active_from);
    Ok(active_from)
}
