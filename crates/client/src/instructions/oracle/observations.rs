//! Observations and the proofs that make them.

use anchor_lang::prelude::Pubkey;
use anchor_lang::solana_program::instruction::AccountMeta;
use anchor_lang::solana_program::instruction::Instruction;
use anchor_lang::system_program;
use oracle::accounts;
use oracle::instruction;
use oracle::instructions::ReportConflictArgs;
use oracle::instructions::VerifyObservationArgs;
use oracle::ID;

use crate::addresses;
use crate::addresses::oracle::config;
use crate::addresses::oracle::ObservationKey;
use crate::instructions::build;

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
            observe_at_ms: self.args.observe_at_ms,
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
            &instruction::VerifyObservation {
                feed_id: self.args.feed_id,
                observe_at_ms: self.args.observe_at_ms,
                value: self.args.value,
                proof: self.args.proof,
            },
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
                observe_at_ms: claim.observe_at_ms,
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
