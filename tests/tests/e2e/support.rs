//! What several stories need.

use anchor_lang::{prelude::Pubkey, solana_program::instruction::Instruction};
use client::instructions::oracle::{SuspendProviderSet, SuspendVerifyingKey};
use harness::{Chain, Mint, MintOptions, ProgramKind, TokenProgram, World, WorldOptions};
use oracle::error::OracleError;
use solana_keypair::Keypair;
use solana_signer::Signer;

/// The default world with the programs in the form that the environment names.
pub fn options() -> WorldOptions {
    WorldOptions::new(ProgramKind::from_env().unwrap())
}

/// The default world.
pub fn world() -> World {
    World::start(&options()).unwrap()
}

/// `instruction` with another account in the place of one of its own.
pub fn with_account(mut instruction: Instruction, own: Pubkey, other: Pubkey) -> Instruction {
    let mut places = instruction
        .accounts
        .iter_mut()
        .filter(|account| account.pubkey == own)
        .peekable();
    assert!(places.peek().is_some(), "the instruction has no {own}");
    places.for_each(|account| account.pubkey = other);
    instruction
}

/// `instruction` without the demand that `key` signs.
pub fn unsigned(mut instruction: Instruction, key: Pubkey) -> Instruction {
    for account in &mut instruction.accounts {
        account.is_signer &= account.pubkey != key;
    }
    instruction
}

/// The guardian's suspension of the set or the key, and what it makes the oracle answer.
pub fn suspension(world: &World, of_set: bool) -> (Instruction, OracleError) {
    let authority = world.guardian.pubkey();
    if of_set {
        let suspend = SuspendProviderSet {
            authority,
            provider_set: world.provider_set,
        };
        (suspend.instruction(), OracleError::ProviderSetSuspended)
    } else {
        let suspend = SuspendVerifyingKey {
            authority,
            verifying_key: world.verifying_key,
        };
        (suspend.instruction(), OracleError::VerifyingKeySuspended)
    }
}

/// How a token account comes to receive nothing any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spoiling {
    /// The owner made it somebody else's, as the classic token program allows.
    GivenAway,
    /// The owner asks for a memo before each transfer.
    Memos,
    Frozen,
}

impl Spoiling {
    pub const ALL: [Self; 3] = [Self::GivenAway, Self::Memos, Self::Frozen];

    /// A mint whose accounts can be spoiled so.
    pub fn mint(self, freezer: &Keypair) -> MintOptions {
        MintOptions {
            program: match self {
                Self::Memos => TokenProgram::Token2022,
                Self::GivenAway | Self::Frozen => TokenProgram::Token,
            },
            freeze_authority: Some(freezer.pubkey()),
            ..MintOptions::default()
        }
    }

    pub fn spoil(
        self,
        chain: &mut Chain,
        mint: Mint,
        account: Pubkey,
        owner: &Keypair,
        freezer: &Keypair,
    ) {
        match self {
            Self::GivenAway => chain.give_away(account, owner, freezer.pubkey()),
            Self::Memos => chain.require_memos(account, owner),
            Self::Frozen => chain.freeze(mint, account, freezer),
        }
        .expect("a spoiled account");
    }
}
