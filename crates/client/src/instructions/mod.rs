//! One struct an instruction: what the caller chooses. `instruction()` fills in the rest, which are
//! derived addresses, sysvars and programs.

pub mod flash_bets;
pub mod leverage;
pub mod markets;
pub mod oracle;
pub mod orders;

use anchor_lang::{
    prelude::Pubkey,
    solana_program::instruction::{AccountMeta, Instruction},
    InstructionData, ToAccountMetas,
};

/// `instruction` with the demand that `owner`, one of its accounts, signs. Who signs may be paid at any
/// token account of his; who does not is paid at the associated one only.
pub fn signed_by(mut instruction: Instruction, owner: &Pubkey) -> Instruction {
    for account in &mut instruction.accounts {
        account.is_signer |= account.pubkey == *owner;
    }
    instruction
}

/// `instruction`, which pays somebody who need not sign, with another token account of his. It is paid
/// only if his associated one is there and cannot receive: frozen, given away or asking for memos.
pub fn with_fallback(mut instruction: Instruction, tokens: Pubkey) -> Instruction {
    // The program's own address stands for an optional account that is not given; this one is the last.
    let program = instruction.program_id;
    let mut accounts = instruction.accounts.iter_mut().rev();
    if let Some(account) = accounts.find(|account| account.pubkey == program) {
        *account = AccountMeta::new(tokens, false);
    }
    instruction
}

/// Puts an instruction together from the types that Anchor makes for a program.
pub fn build(
    program_id: Pubkey,
    accounts: &impl ToAccountMetas,
    data: &impl InstructionData,
) -> Instruction {
    Instruction {
        program_id,
        accounts: accounts.to_account_metas(None),
        data: data.data(),
    }
}
