//! What several stories need.

use anchor_lang::{prelude::Pubkey, solana_program::instruction::Instruction};
use client::instructions::oracle::{SuspendProviderSet, SuspendVerifyingKey};
use harness::{ProgramKind, World, WorldOptions};
use oracle::error::OracleError;
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
