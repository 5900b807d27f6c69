//! Roots of many results.

use anchor_lang::prelude::Pubkey;
use anchor_lang::solana_program::instruction::Instruction;
use anchor_lang::system_program;
use oracle::accounts;
use oracle::instruction;
use oracle::instructions::RecordResultArgs;
use oracle::instructions::ReportResultConflictArgs;
use oracle::instructions::VerifyResultRootArgs;
use oracle::ID;
use result_tree::Root;

use crate::addresses;
use crate::addresses::oracle::config;
use crate::addresses::oracle::ObservationKey;
use crate::instructions::build;

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
            observe_at_ms: self.args.observe_at_ms,
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
                feed_id: self.args.feed_id,
                observe_at_ms: self.args.observe_at_ms,
                value: self.args.value,
                index: self.args.index,
                path: self.args.path.clone(),
            },
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
