//! What every admin instruction checks, whichever program it belongs to.

use anchor_lang::prelude::*;
use solana_instructions_sysvar::load_instruction_at_checked;

pub use solana_instructions_sysvar::ID as INSTRUCTIONS_SYSVAR;

use crate::KitError;

/// Little-endian tag of `SystemInstruction::AdvanceNonceAccount`.
const ADVANCE_NONCE_ACCOUNT: [u8; 4] = [4, 0, 0, 0];

/// Refuses a transaction on a durable nonce: such a transaction does not expire, so that approvals
/// gathered for one purpose can be kept and sent at any later time.
///
/// `instructions` is the instructions sysvar. The runtime takes a transaction for a durable-nonce
/// one exactly if its first instruction advances a nonce.
///
/// # Errors
/// `DurableNonce`; `WrongAccount` if it is another account.
pub fn refuse_durable_nonce(instructions: &AccountInfo) -> core::result::Result<(), KitError> {
    let first = load_instruction_at_checked(0, instructions).map_err(|_| KitError::WrongAccount)?;
    let advances_nonce = first.program_id == anchor_lang::system_program::ID
        && first.data.starts_with(&ADVANCE_NONCE_ACCOUNT);
    if advances_nonce {
        return Err(KitError::DurableNonce);
    }
    Ok(())
}
