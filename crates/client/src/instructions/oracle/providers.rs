//! Provider sets.

use anchor_lang::prelude::Pubkey;
use anchor_lang::solana_program::instruction::Instruction;
use anchor_lang::system_program;
use oracle::accounts;
use oracle::instruction;
use oracle::instructions::ProposeProviderSetArgs;
use oracle::ID;
use solana_sdk_ids::sysvar::instructions::ID as INSTRUCTIONS;

use crate::addresses;
use crate::addresses::oracle::config;
use crate::instructions::build;

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
            &instruction::ProposeProviderSet {
                id: self.args.id,
                epoch: self.args.epoch,
                role: self.args.role,
                root: self.args.root,
                threshold: self.args.threshold,
                size: self.args.size,
                median_slack: self.args.median_slack,
            },
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
            &accounts::TakeBackProviderSet {
                authority: self.authority,
                config: config(),
                provider_set: self.provider_set,
                instructions: INSTRUCTIONS,
            },
            &instruction::SuspendProviderSet {},
        )
    }
}

/// Retires a provider set for good: no new market may take it; signed by the admin or the guardian.
#[derive(Clone, Copy, Debug)]
pub struct RetireProviderSet {
    pub authority: Pubkey,
    pub provider_set: Pubkey,
}

impl RetireProviderSet {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::TakeBackProviderSet {
                authority: self.authority,
                config: config(),
                provider_set: self.provider_set,
                instructions: INSTRUCTIONS,
            },
            &instruction::RetireProviderSet {},
        )
    }
}
