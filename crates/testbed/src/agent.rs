//! A program of somebody else's whose address owns things: what it is told to do it does in the
//! name of that address. For tests of what a program's address may own; it runs natively in every
//! chain, also where Strobe's programs run as bytecode.

use anchor_lang::{
    prelude::{AccountInfo, Pubkey},
    solana_program::{
        entrypoint::ProgramResult,
        instruction::{AccountMeta, Instruction},
        program::invoke_signed,
        program_error::ProgramError,
    },
};

/// Where the program is.
pub const ID: Pubkey = Pubkey::from_str_const("Agent11111111111111111111111111111111111111");

const SEED: &[u8] = b"owner";

/// The address in whose name the program acts.
pub fn address() -> Pubkey {
    Pubkey::find_program_address(&[SEED], &ID).0
}

/// Has the program do `instruction`, for which its address need not sign any more.
pub fn in_the_name_of_the_agent(instruction: &Instruction) -> Instruction {
    let own = address();
    let mut accounts = vec![AccountMeta::new_readonly(instruction.program_id, false)];
    accounts.extend(instruction.accounts.iter().map(|meta| AccountMeta {
        is_signer: meta.is_signer && meta.pubkey != own,
        ..meta.clone()
    }));
    Instruction {
        program_id: ID,
        accounts,
        data: instruction.data.clone(),
    }
}

/// Accounts: the program to call, then its accounts. Data: the instruction's.
pub(crate) fn process(id: &Pubkey, accounts: &[AccountInfo], data: &[u8]) -> ProgramResult {
    let (program, accounts) = accounts
        .split_first()
        .ok_or(ProgramError::NotEnoughAccountKeys)?;
    let (own, bump) = Pubkey::find_program_address(&[SEED], id);
    let metas = accounts
        .iter()
        .map(|account| AccountMeta {
            pubkey: *account.key,
            is_signer: account.is_signer || *account.key == own,
            is_writable: account.is_writable,
        })
        .collect();
    let instruction = Instruction {
        program_id: *program.key,
        accounts: metas,
        data: data.to_vec(),
    };
    invoke_signed(&instruction, accounts, &[&[SEED, &[bump]]])
}
