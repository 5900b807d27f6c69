//! What every admin instruction of Strobe checks, whichever program it belongs to.

use anchor_lang::prelude::*;
use solana_instructions_sysvar::load_instruction_at_checked;

use crate::{error::OracleError, state::OracleConfig};

/// Little-endian tag of `SystemInstruction::AdvanceNonceAccount`.
const ADVANCE_NONCE_ACCOUNT: [u8; 4] = [4, 0, 0, 0];

/// Refuses a transaction on a durable nonce: such a transaction does not expire, so that approvals
/// gathered for one purpose can be kept and sent at any later time.
///
/// `instructions` is the instructions sysvar; its address is checked by the loader. The runtime
/// takes a transaction for a durable-nonce one exactly if its first instruction advances a nonce.
///
/// # Errors
/// [`OracleError::DurableNonce`].
pub fn refuse_durable_nonce(instructions: &AccountInfo) -> Result<()> {
    let first = load_instruction_at_checked(0, instructions)?;
    let advances_nonce = first.program_id == anchor_lang::system_program::ID
        && first.data.starts_with(&ADVANCE_NONCE_ACCOUNT);
    require!(!advances_nonce, OracleError::DurableNonce);
    Ok(())
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
