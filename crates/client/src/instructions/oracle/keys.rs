//! Verifying keys.

use anchor_lang::prelude::Pubkey;
use anchor_lang::solana_program::instruction::Instruction;
use anchor_lang::system_program;
use oracle::accounts;
use oracle::instruction;
use oracle::instructions::ProposeVerifyingKeyArgs;
use oracle::ID;
use solana_sdk_ids::sysvar::instructions::ID as INSTRUCTIONS;

use crate::addresses;
use crate::addresses::oracle::config;
use crate::instructions::build;

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
                circuit_id: self.args.circuit_id,
                key_version: self.args.key_version,
                aggregation: self.args.aggregation,
                feed_kind: self.args.feed_kind,
                slots: self.args.slots,
                development: self.args.development,
                transcript_hash: self.args.transcript_hash,
                r1cs_hash: self.args.r1cs_hash,
                key: self.args.key.clone(),
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
            &accounts::TakeBackVerifyingKey {
                authority: self.authority,
                config: config(),
                verifying_key: self.verifying_key,
                instructions: INSTRUCTIONS,
            },
            &instruction::SuspendVerifyingKey {},
        )
    }
}

/// Retires a verifying key for good: no new market may take it; signed by the admin or the guardian.
#[derive(Clone, Copy, Debug)]
pub struct RetireVerifyingKey {
    pub authority: Pubkey,
    pub verifying_key: Pubkey,
}

impl RetireVerifyingKey {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::TakeBackVerifyingKey {
                authority: self.authority,
                config: config(),
                verifying_key: self.verifying_key,
                instructions: INSTRUCTIONS,
            },
            &instruction::RetireVerifyingKey {},
        )
    }
}
