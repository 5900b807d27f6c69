//! A call as the runtime takes it from C: it points to the keys of accounts and to what they hold, while the form for
//! Rust copies both, at three times the cost.

#![allow(unsafe_code)]

use core::slice::from_raw_parts_mut;

use anchor_lang::{prelude::*, solana_program::entrypoint::SUCCESS};
use solana_define_syscall::definitions::sol_invoke_signed_c;

use super::Called;

/// `SolAccountMeta`
#[repr(C)]
struct Meta {
    key: *const Pubkey,
    is_writable: bool,
    is_signer: bool,
}

/// `SolAccountInfo`
#[repr(C)]
struct Info {
    key: *const Pubkey,
    lamports: *const u64,
    data_len: u64,
    data: *const u8,
    owner: *const Pubkey,
    rent_epoch: u64,
    is_signer: bool,
    is_writable: bool,
    executable: bool,
}

/// `SolInstruction`
#[repr(C)]
struct Instruction {
    program: *const Pubkey,
    metas: *const Meta,
    metas_len: u64,
    data: *const u8,
    data_len: u64,
}

impl Meta {
    fn of((account, access): Called) -> Self {
        Self {
            key: account.key,
            is_writable: access.is_writable(),
            is_signer: access.is_signer(),
        }
    }
}

impl Info {
    fn of((account, _): Called) -> Self {
        // SAFETY: what both cells hold is read alone, and is there as long as the account.
        let (lamports, data) = unsafe { (&**account.lamports.as_ptr(), &**account.data.as_ptr()) };
        Self {
            key: account.key,
            lamports,
            data_len: data.len() as u64,
            data: data.as_ptr(),
            owner: account.owner,
            rent_epoch: 0,
            is_signer: account.is_signer,
            is_writable: account.is_writable,
            executable: account.executable,
        }
    }
}

/// Calls an instruction by its data, with the seeds of any accounts. Nobody may borrow what the accounts hold, and if the
/// program changes how much that is, [`follow_lengths`] comes next.
///
/// # Errors
/// Those of the instruction.
pub(crate) fn invoke<const N: usize>(
    program: &Pubkey,
    accounts: [Called; N],
    data: &[u8],
    signer: &[&[&[u8]]],
) -> Result<()> {
    let (metas, infos) = (accounts.map(Meta::of), accounts.map(Info::of));
    let instruction = Instruction {
        program,
        metas: metas.as_ptr(),
        metas_len: N as u64,
        data: data.as_ptr(),
        data_len: data.len() as u64,
    };
    // SAFETY: all that instruction, accounts and seeds point to outlives the call. Slices of seeds are pointers and
    // lengths, which the runtime takes from Rust as from C.
    let result = unsafe {
        sol_invoke_signed_c(
            (&raw const instruction).cast(),
            infos.as_ptr().cast(),
            N as u64,
            signer.as_ptr().cast(),
            signer.len() as u64,
        )
    };
    match result {
        SUCCESS => Ok(()),
        error => Err(ProgramError::from(error).into()),
    }
}

/// Has the accounts see as much data as the runtime says they have after a call, in the word before the data.
pub(super) fn follow_lengths(accounts: &[Called]) {
    for (account, _) in accounts {
        let mut data = account.data.borrow_mut();
        // SAFETY: the runtime lays accounts out so, with room behind the data for all by which a call may extend them.
        unsafe {
            let start = data.as_mut_ptr();
            let length = *start.cast::<u64>().sub(1) as usize;
            *data = from_raw_parts_mut(start, length);
        }
    }
}
