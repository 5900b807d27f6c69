//! Instructions of the oracle.

use anchor_lang::{
    prelude::Pubkey,
    solana_program::instruction::{AccountMeta, Instruction},
    system_program,
};
use oracle::{accounts, instruction, ID};
use result_tree::Root;
use solana_sdk_ids::sysvar::instructions::ID as INSTRUCTIONS;

use super::build;
use crate::addresses::{
    self,
    oracle::{config, ObservationKey},
};

pub use oracle::instructions::{
    InitializeArgs, ProposeProviderSetArgs, ProposeVerifyingKeyArgs, RecordResultArgs,
    ReportConflictArgs, ReportResultConflictArgs, VerifyObservationArgs, VerifyResultRootArgs,
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

/// Verifies several proofs together and records what they show; signed by the payer of the rent.
///
/// Five claims need a transaction of version 1, of up to 4,096 bytes; a legacy one holds two.
#[derive(Clone, Debug)]
pub struct VerifyObservations {
    pub payer: Pubkey,
    pub provider_set: Pubkey,
    pub verifying_key: Pubkey,
    /// 1 to 16.
    pub claims: Vec<VerifyObservationArgs>,
}

impl VerifyObservations {
    /// Where the observations will be, in the order of the claims.
    pub fn observations(&self) -> Vec<Pubkey> {
        let address = |claim: &VerifyObservationArgs| {
            addresses::oracle::observation(&ObservationKey {
                provider_set: self.provider_set,
                verifying_key: self.verifying_key,
                feed_id: claim.feed_id,
                time: claim.time,
            })
        };
        self.claims.iter().map(address).collect()
    }

    pub fn instruction(&self) -> Instruction {
        let mut instruction = build(
            ID,
            &accounts::VerifyObservations {
                payer: self.payer,
                provider_set: self.provider_set,
                verifying_key: self.verifying_key,
                system_program: system_program::ID,
            },
            &instruction::VerifyObservations {
                claims: self.claims.clone(),
            },
        );
        let observations = self.observations().into_iter();
        let writable = observations.map(|address| AccountMeta::new(address, false));
        instruction.accounts.extend(writable);
        instruction
    }
}

/// Verifies a proof of the root of many results; signed by the payer of the rent.
#[derive(Clone, Copy, Debug)]
pub struct VerifyResultRoot {
    pub payer: Pubkey,
    pub provider_set: Pubkey,
    pub verifying_key: Pubkey,
    pub args: VerifyResultRootArgs,
}

impl VerifyResultRoot {
    /// Where the root will be.
    pub fn result_root(&self) -> Pubkey {
        addresses::oracle::result_root(
            &self.provider_set,
            &self.verifying_key,
            &Root::new(self.args.leaves, &self.args.top),
        )
    }

    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::VerifyResultRoot {
                payer: self.payer,
                provider_set: self.provider_set,
                verifying_key: self.verifying_key,
                result_root: self.result_root(),
                system_program: system_program::ID,
            },
            &instruction::VerifyResultRoot { args: self.args },
        )
    }
}

/// Makes an observation of a result in a verified root; signed by the payer of the rent.
#[derive(Clone, Debug)]
pub struct RecordResult {
    pub payer: Pubkey,
    pub result_root: Pubkey,
    /// Those of the root.
    pub provider_set: Pubkey,
    pub verifying_key: Pubkey,
    pub args: RecordResultArgs,
}

impl RecordResult {
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
            &accounts::RecordResult {
                payer: self.payer,
                result_root: self.result_root,
                provider_set: self.provider_set,
                verifying_key: self.verifying_key,
                observation: self.observation(),
                system_program: system_program::ID,
            },
            &instruction::RecordResult {
                args: self.args.clone(),
            },
        )
    }
}

/// Marks an observation that another proof contradicts; needs no signature.
#[derive(Clone, Copy, Debug)]
pub struct ReportConflict {
    /// Those of the observation.
    pub provider_set: Pubkey,
    pub verifying_key: Pubkey,
    pub observation: Pubkey,
    pub args: ReportConflictArgs,
}

impl ReportConflict {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::ReportConflict {
                provider_set: self.provider_set,
                verifying_key: self.verifying_key,
                observation: self.observation,
            },
            &instruction::ReportConflict { args: self.args },
        )
    }
}

/// Marks an observation that a result in a verified root contradicts; needs no signature.
#[derive(Clone, Debug)]
pub struct ReportResultConflict {
    pub result_root: Pubkey,
    pub observation: Pubkey,
    pub args: ReportResultConflictArgs,
}

impl ReportResultConflict {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::ReportResultConflict {
                result_root: self.result_root,
                observation: self.observation,
            },
            &instruction::ReportResultConflict {
                args: self.args.clone(),
            },
        )
    }
}

/// Closes a result root after its retention; needs no signature.
#[derive(Clone, Copy, Debug)]
pub struct CloseResultRoot {
    pub result_root: Pubkey,
    /// Who paid the rent, as the root says.
    pub rent_payer: Pubkey,
}

impl CloseResultRoot {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::CloseResultRoot {
                config: config(),
                result_root: self.result_root,
                rent_payer: self.rent_payer,
            },
            &instruction::CloseResultRoot {},
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
