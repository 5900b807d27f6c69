//! Calls of other programs.

#[cfg(target_os = "solana")]
mod runtime;

use anchor_lang::{prelude::*, InstructionData};

#[cfg(target_os = "solana")]
pub(crate) use runtime::invoke;

/// What a called program may do with an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    Read,
    Write,
    /// Read it, and take it for one that signed.
    Signer,
    /// Both.
    Payer,
}

impl Access {
    fn is_signer(self) -> bool {
        matches!(self, Self::Signer | Self::Payer)
    }

    fn is_writable(self) -> bool {
        matches!(self, Self::Write | Self::Payer)
    }
}

/// An account of a call.
pub type Called<'a, 'info> = (&'a AccountInfo<'info>, Access);

/// Calls an instruction with accounts in its order, of which `signer` are the seeds of one. What Anchor makes of
/// an instruction takes several times as many units: it makes a list of each account, and looks whether the data of any
/// are borrowed. This does not, and none may be.
///
/// # Errors
/// Those of the instruction.
pub fn call<'info, const N: usize>(
    program: Pubkey,
    accounts: [Called<'_, 'info>; N],
    arguments: &impl InstructionData,
    signer: &[&[u8]],
) -> Result<()> {
    invoke(&program, accounts, &arguments.data(), &[signer])?;
    #[cfg(target_os = "solana")]
    runtime::follow_lengths(&accounts);
    Ok(())
}

/// The same on the host, by an instruction's data and with the seeds of any accounts.
///
/// # Errors
/// Those of the instruction.
#[cfg(not(target_os = "solana"))]
pub(crate) fn invoke<const N: usize>(
    program: &Pubkey,
    accounts: [Called<'_, '_>; N],
    data: &[u8],
    signer: &[&[&[u8]]],
) -> Result<()> {
    use anchor_lang::solana_program::{instruction::Instruction, program::invoke_signed_unchecked};

    let metas = accounts.map(|(account, access)| AccountMeta {
        pubkey: *account.key,
        is_signer: access.is_signer(),
        is_writable: access.is_writable(),
    });
    let infos = accounts.map(|(account, _)| account.clone());
    let instruction = Instruction::new_with_bytes(*program, data, metas.into());
    Ok(invoke_signed_unchecked(&instruction, &infos, signer)?)
}
