//! Governance.

use anchor_lang::prelude::Pubkey;
use anchor_lang::solana_program::instruction::Instruction;
use anchor_lang::system_program;
use oracle::accounts;
use oracle::instruction;
use oracle::instructions::InitializeArgs;
use oracle::ID;
use solana_sdk_ids::sysvar::instructions::ID as INSTRUCTIONS;

use crate::addresses;
use crate::addresses::oracle::config;
use crate::instructions::build;

/// Creates the configuration; signed by the upgrade authority and the payer of the rent.
#[derive(Clone, Copy, Debug)]
pub struct Initialize {
    pub payer: Pubkey,
    pub upgrade_authority: Pubkey,
    pub args: InitializeArgs,
}

impl Initialize {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::Initialize {
                payer: self.payer,
                upgrade_authority: self.upgrade_authority,
                program_data: addresses::program_data(&ID),
                config: config(),
                instructions: INSTRUCTIONS,
                system_program: system_program::ID,
            },
            &instruction::Initialize { args: self.args },
        )
    }
}

/// Names the next admin; signed by the admin.
#[derive(Clone, Copy, Debug)]
pub struct ProposeAdmin {
    pub admin: Pubkey,
    pub new_admin: Pubkey,
}

impl ProposeAdmin {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::ProposeAdmin {
                admin: self.admin,
                config: config(),
                instructions: INSTRUCTIONS,
            },
            &instruction::ProposeAdmin {
                new_admin: self.new_admin,
            },
        )
    }
}

/// Takes over as admin; signed by the proposed admin.
#[derive(Clone, Copy, Debug)]
pub struct AcceptAdmin {
    pub pending_admin: Pubkey,
}

impl AcceptAdmin {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::AcceptAdmin {
                pending_admin: self.pending_admin,
                config: config(),
                instructions: INSTRUCTIONS,
            },
            &instruction::AcceptAdmin {},
        )
    }
}

/// Withdraws a proposed admin; signed by the admin or the guardian.
#[derive(Clone, Copy, Debug)]
pub struct CancelAdmin {
    pub authority: Pubkey,
}

impl CancelAdmin {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::CancelAdmin {
                authority: self.authority,
                config: config(),
                instructions: INSTRUCTIONS,
            },
            &instruction::CancelAdmin {},
        )
    }
}

/// Withdraws the next guardian; signed by the admin or the guardian.
#[derive(Clone, Copy, Debug)]
pub struct CancelGuardian {
    pub authority: Pubkey,
}

impl CancelGuardian {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::CancelGuardian {
                authority: self.authority,
                config: config(),
                instructions: INSTRUCTIONS,
            },
            &instruction::CancelGuardian {},
        )
    }
}

/// Names the next guardian; signed by the admin.
#[derive(Clone, Copy, Debug)]
pub struct SetGuardian {
    pub admin: Pubkey,
    pub new_guardian: Pubkey,
}

impl SetGuardian {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::SetGuardian {
                admin: self.admin,
                config: config(),
                instructions: INSTRUCTIONS,
            },
            &instruction::SetGuardian {
                new_guardian: self.new_guardian,
            },
        )
    }
}
