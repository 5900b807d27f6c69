//! Calls of other programs.

use core::mem::ManuallyDrop;

use anchor_lang::{
    prelude::*,
    solana_program::{instruction::Instruction, program::invoke_signed_unchecked},
    InstructionData,
};

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

/// An account of a call.
pub type Called<'a, 'info> = (&'a AccountInfo<'info>, Access);

/// Calls an instruction with accounts in its order, of which `signer` are the seeds of one. What Anchor makes of
/// an instruction takes twice as many units: it makes a list of each account, and looks whether the data of any are
/// borrowed. This does not, and none may be.
///
/// # Errors
/// Those of the instruction.
pub fn call<'info, const N: usize>(
    program: Pubkey,
    accounts: [Called<'_, 'info>; N],
    arguments: &impl InstructionData,
    signer: &[&[u8]],
) -> Result<()> {
    invoke(program, &accounts, arguments.data(), &[signer])
}

/// The same by an instruction's data, with the seeds of any accounts.
///
/// # Errors
/// Those of the instruction.
pub(crate) fn invoke<'info>(
    program: Pubkey,
    accounts: &[Called<'_, 'info>],
    data: Vec<u8>,
    signer: &[&[&[u8]]],
) -> Result<()> {
    let metas = accounts.iter().map(|(account, access)| AccountMeta {
        pubkey: *account.key,
        is_signer: matches!(access, Access::Signer | Access::Payer),
        is_writable: matches!(access, Access::Write | Access::Payer),
    });
    let instruction = Instruction {
        program_id: program,
        accounts: metas.collect(),
        data,
    };
    let infos = accounts.iter().map(|(account, _)| (*account).clone());
    // Neither is dropped: that costs, and all memory is given back at the end of a program.
    let infos = ManuallyDrop::new(infos.collect::<Vec<_>>());
    let instruction = ManuallyDrop::new(instruction);
    Ok(invoke_signed_unchecked(&instruction, &infos, signer)?)
}
