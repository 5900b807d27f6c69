//! A step: what should be there, and the instruction that puts it there.

mod declared;
mod look;

use anchor_lang::{prelude::Pubkey, solana_program::instruction::Instruction};
use client::instructions::{
    flash_bets::{CreateVault, CreateVaultArgs},
    markets::{CreateVenue, CreateVenueArgs},
    oracle::{
        Initialize, InitializeArgs, ProposeProviderSet, ProposeProviderSetArgs,
        ProposeVerifyingKey, ProposeVerifyingKeyArgs,
    },
};

use oracle::Network;

pub(crate) use declared::Declared;
pub use look::{ended, provider_set_differences, verifying_key_differences};

/// One thing that should be on the chain.
#[derive(Debug)]
pub struct Step {
    /// Name of the migration and place in it, as `001-governance/1`.
    pub name: String,
    /// Of the declaration.
    pub(crate) digest: [u8; 32],
    pub(crate) network: Network,
    pub(crate) kind: Kind,
}

#[derive(Debug)]
pub(crate) enum Kind {
    Initialize(InitializeArgs),
    ProviderSet(ProposeProviderSetArgs),
    VerifyingKey(ProposeVerifyingKeyArgs),
    Vault {
        mint: Pubkey,
        token_program: Pubkey,
        id: u64,
        args: CreateVaultArgs,
    },
    Venue {
        mint: Pubkey,
        token_program: Pubkey,
        args: CreateVenueArgs,
    },
}

/// Whose signature a step takes, beside the payer's of the fee.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Authority {
    /// Of the oracle program, as long as it is not handed over.
    Upgrade,
    /// Of the configuration.
    Admin,
}

/// Who does a step.
#[derive(Clone, Copy, Debug)]
pub struct Parties {
    pub upgrade_authority: Pubkey,
    pub admin: Pubkey,
}

/// What a step finds on the chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Look {
    /// It is as declared.
    Done,
    /// It is not there and can be done now.
    Ready,
    /// It is not there, and something has to happen first.
    Waits(String),
    /// It is as declared but for its standing: governance has ended it, as this says.
    Ended(String),
    /// Something else is there, which no step changes.
    Differs(String),
}

impl Step {
    pub fn authority(&self) -> Authority {
        match self.kind {
            Kind::Initialize(_) => Authority::Upgrade,
            _ => Authority::Admin,
        }
    }

    /// What the step is for, in a few words.
    pub fn summary(&self) -> String {
        match &self.kind {
            Kind::Initialize(args) => format!("initialize the oracle for {}", args.network.tag()),
            Kind::ProviderSet(args) => {
                format!("propose provider set {}, epoch {}", args.id, args.epoch)
            }
            Kind::VerifyingKey(args) => format!(
                "propose verifying key {}, version {}",
                args.circuit_id, args.key_version
            ),
            Kind::Vault { mint, id, .. } => format!("create flash vault {id} of {mint}"),
            Kind::Venue { mint, .. } => format!("create the venue of {mint}"),
        }
    }

    /// What puts it there.
    pub fn instruction(&self, parties: &Parties) -> Instruction {
        let admin = parties.admin;
        match &self.kind {
            Kind::Initialize(args) => Initialize {
                payer: parties.upgrade_authority,
                upgrade_authority: parties.upgrade_authority,
                args: *args,
            }
            .instruction(),
            Kind::ProviderSet(args) => ProposeProviderSet { admin, args: *args }.instruction(),
            Kind::VerifyingKey(args) => ProposeVerifyingKey {
                admin,
                args: args.clone(),
            }
            .instruction(),
            Kind::Vault {
                mint,
                token_program,
                id,
                args,
            } => CreateVault {
                admin,
                mint: *mint,
                token_program: *token_program,
                id: *id,
                args: *args,
            }
            .instruction(),
            Kind::Venue {
                mint,
                token_program,
                args,
            } => CreateVenue {
                admin,
                mint: *mint,
                token_program: *token_program,
                args: *args,
            }
            .instruction(),
        }
    }
}
