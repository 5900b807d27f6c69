//! Instructions of the oracle.

use anchor_lang::{prelude::Pubkey, solana_program::instruction::Instruction, system_program};
use oracle::{accounts, instruction, ID};
use solana_sdk_ids::sysvar::instructions::ID as INSTRUCTIONS;

use super::build;
use crate::addresses::{
    self,
    oracle::{config, ObservationKey},
};

pub use oracle::instructions::{
    InitializeArgs, ProposeProviderSetArgs, ProposeVerifyingKeyArgs, VerifyObservationArgs,
};

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

/// Publishes a provider set; signed by the admin, who pays the rent.
#[derive(Clone, Copy, Debug)]
pub struct ProposeProviderSet {
    pub admin: Pubkey,
    pub args: ProposeProviderSetArgs,
}

impl ProposeProviderSet {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::ProposeProviderSet {
                admin: self.admin,
                config: config(),
                provider_set: addresses::oracle::provider_set(self.args.id, self.args.epoch),
                instructions: INSTRUCTIONS,
                system_program: system_program::ID,
            },
            &instruction::ProposeProviderSet { args: self.args },
        )
    }
}

/// Withdraws a provider set before it becomes usable; signed by the admin or the guardian.
#[derive(Clone, Copy, Debug)]
pub struct CancelProviderSet {
    pub authority: Pubkey,
    pub provider_set: Pubkey,
    /// Who paid the rent, as the provider set says.
    pub rent_payer: Pubkey,
}

impl CancelProviderSet {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::CancelProviderSet {
                authority: self.authority,
                config: config(),
                provider_set: self.provider_set,
                rent_payer: self.rent_payer,
                instructions: INSTRUCTIONS,
            },
            &instruction::CancelProviderSet {},
        )
    }
}

/// Suspends a provider set for good; signed by the admin or the guardian.
#[derive(Clone, Copy, Debug)]
pub struct SuspendProviderSet {
    pub authority: Pubkey,
    pub provider_set: Pubkey,
}

impl SuspendProviderSet {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::SuspendProviderSet {
                authority: self.authority,
                config: config(),
                provider_set: self.provider_set,
                instructions: INSTRUCTIONS,
            },
            &instruction::SuspendProviderSet {},
        )
    }
}

/// Publishes a verifying key; signed by the admin, who pays the rent.
#[derive(Clone, Debug)]
pub struct ProposeVerifyingKey {
    pub admin: Pubkey,
    pub args: ProposeVerifyingKeyArgs,
}

impl ProposeVerifyingKey {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::ProposeVerifyingKey {
                admin: self.admin,
                config: config(),
                verifying_key: addresses::oracle::verifying_key(
                    self.args.circuit_id,
                    self.args.key_version,
                ),
                instructions: INSTRUCTIONS,
                system_program: system_program::ID,
            },
            &instruction::ProposeVerifyingKey {
                args: self.args.clone(),
            },
        )
    }
}

/// Withdraws a verifying key before it becomes usable; signed by the admin or the guardian.
#[derive(Clone, Copy, Debug)]
pub struct CancelVerifyingKey {
    pub authority: Pubkey,
    pub verifying_key: Pubkey,
    /// Who paid the rent, as the verifying key says.
    pub rent_payer: Pubkey,
}

impl CancelVerifyingKey {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::CancelVerifyingKey {
                authority: self.authority,
                config: config(),
                verifying_key: self.verifying_key,
                rent_payer: self.rent_payer,
                instructions: INSTRUCTIONS,
            },
            &instruction::CancelVerifyingKey {},
        )
    }
}

/// Suspends a verifying key for good; signed by the admin or the guardian.
#[derive(Clone, Copy, Debug)]
pub struct SuspendVerifyingKey {
    pub authority: Pubkey,
    pub verifying_key: Pubkey,
}

impl SuspendVerifyingKey {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::SuspendVerifyingKey {
                authority: self.authority,
                config: config(),
                verifying_key: self.verifying_key,
                instructions: INSTRUCTIONS,
            },
            &instruction::SuspendVerifyingKey {},
        )
    }
}

/// Verifies a proof and records what it shows; signed by the payer of the rent.
#[derive(Clone, Copy, Debug)]
pub struct VerifyObservation {
    pub payer: Pubkey,
    pub provider_set: Pubkey,
    pub verifying_key: Pubkey,
    pub args: VerifyObservationArgs,
}

impl VerifyObservation {
    /// Where the observation will be.
    pub fn observation(&self) -> Pubkey {
        addresses::oracle::observation(&ObservationKey {
            provider_set: self.provider_set,
            verifying_key: self.verifying_key,
            feed_id: self.args.feed_id,
            time: self.args.time,
        })
    }

    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::VerifyObservation {
                payer: self.payer,
                provider_set: self.provider_set,
                verifying_key: self.verifying_key,
                observation: self.observation(),
                system_program: system_program::ID,
            },
            &instruction::VerifyObservation { args: self.args },
        )
    }
}

/// Closes an observation after its retention; needs no signature.
#[derive(Clone, Copy, Debug)]
pub struct CloseObservation {
    pub observation: Pubkey,
    /// Who paid the rent, as the observation says.
    pub rent_payer: Pubkey,
}

impl CloseObservation {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::CloseObservation {
                config: config(),
                observation: self.observation,
                rent_payer: self.rent_payer,
            },
            &instruction::CloseObservation {},
        )
    }
}
