//! Governance.

use anchor_lang::{prelude::Pubkey, solana_program::instruction::Instruction, InstructionData};
use flash_bets::{
    accounts, instruction,
    instructions::{VaultChange, VaultTerm},
    ID,
};
use solana_sdk_ids::sysvar::instructions::ID as INSTRUCTIONS;

use crate::{addresses::oracle, instructions::build};

fn govern(authority: Pubkey, vault: Pubkey, data: &impl InstructionData) -> Instruction {
    let accounts = accounts::Govern {
        authority,
        config: oracle::config(),
        vault,
        instructions: INSTRUCTIONS,
    };
    build(ID, &accounts, data)
}

/// Changes a term of the vault after the timelock; signed by the admin. Tighter caps are in force at once
/// and need only the guardian.
#[derive(Clone, Copy, Debug)]
pub struct ProposeChange {
    pub authority: Pubkey,
    pub vault: Pubkey,
    pub change: VaultChange,
}

impl ProposeChange {
    pub fn instruction(&self) -> Instruction {
        govern(
            self.authority,
            self.vault,
            &instruction::ProposeChange {
                change: self.change,
            },
        )
    }
}

/// Withdraws a change before it is in force; signed by the admin or the guardian.
#[derive(Clone, Copy, Debug)]
pub struct CancelChange {
    pub authority: Pubkey,
    pub vault: Pubkey,
    pub term: VaultTerm,
}

impl CancelChange {
    pub fn instruction(&self) -> Instruction {
        govern(
            self.authority,
            self.vault,
            &instruction::CancelChange { term: self.term },
        )
    }
}

/// Stops new risk; signed by the admin or the guardian.
#[derive(Clone, Copy, Debug)]
pub struct Pause {
    pub authority: Pubkey,
    pub vault: Pubkey,
}

impl Pause {
    pub fn instruction(&self) -> Instruction {
        govern(self.authority, self.vault, &instruction::Pause {})
    }
}

/// Ends a pause after the timelock; signed by the admin.
#[derive(Clone, Copy, Debug)]
pub struct Unpause {
    pub authority: Pubkey,
    pub vault: Pubkey,
}

impl Unpause {
    pub fn instruction(&self) -> Instruction {
        govern(self.authority, self.vault, &instruction::Unpause {})
    }
}
