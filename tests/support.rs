//! What several stories need.

use anchor_lang::{error::ErrorCode, prelude::Pubkey, solana_program::instruction::Instruction};
use client::instructions::oracle::{SuspendProviderSet, SuspendVerifyingKey};
use oracle::error::OracleError;
use solana_keypair::Keypair;
use solana_signer::Signer;
use solana_system_interface::instruction::{advance_nonce_account, create_nonce_account};
use testbed::{
    Chain, ExpectError, Expected, MarketProgram, MarketsWorld, Mint, MintOptions, ProgramKind,
    ProgramWorld, TokenProgram, World, WorldOptions,
};

/// The default world with the programs in the form that the environment names.
pub fn options() -> WorldOptions {
    WorldOptions::new(ProgramKind::from_env().unwrap())
}

/// The default world.
pub fn world() -> World {
    World::start(&options()).unwrap()
}

/// Operations of a run that every change is tested by: fewer on bytecode, which is slower.
pub fn operations(on_bytecode: u32, natively: u32) -> u32 {
    match ProgramKind::from_env() {
        Ok(ProgramKind::Sbf) => on_bytecode,
        _ => natively,
    }
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

/// Has the guardian suspend the set or the key that new markets take; gives what the oracle answers then.
pub fn suspend(markets: &mut MarketsWorld, of_set: bool) -> OracleError {
    let guardian = markets.world.guardian.insecure_clone();
    let (suspend, error) = suspension(&markets.world, of_set);
    markets.send(suspend, &[&guardian]).expect("a suspension");
    error
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

/// An account of an instruction, another in its place, and what it makes of the instruction.
pub type Swap<'a> = (Pubkey, Pubkey, &'a dyn Expected);

/// Sends `instruction` with each of `swaps` in turn and expects its refusal.
pub fn refuse_swaps<P: MarketProgram>(
    world: &mut ProgramWorld<P>,
    instruction: &Instruction,
    signers: &[&Keypair],
    swaps: &[Swap],
) {
    for (number, (own, other, expected)) in swaps.iter().enumerate() {
        println!("swap {number}");
        let swapped = with_account(instruction.clone(), *own, *other);
        world.send(swapped, signers).expect_refusal(*expected);
    }
}

/// Sends each of the admin's instructions with a durable nonce, and with an account that shows nothing
/// in the place of the sysvar which shows that there is none.
pub fn refuse_durable_nonces<P: MarketProgram>(
    world: &mut ProgramWorld<P>,
    instructions: &[Instruction],
    refusal: &dyn Expected,
) {
    let admin = world.world.admin.insecure_clone();
    let (authority, nonce) = (admin.pubkey(), Keypair::new());
    let rent = world.chain().rent(80);
    let create = create_nonce_account(&authority, &nonce.pubkey(), &authority, rent);
    world.send_all(&create, &[&admin, &nonce]).expect("a nonce");
    let advance = advance_nonce_account(&nonce.pubkey(), &authority);
    let sysvar = solana_sdk_ids::sysvar::instructions::ID;
    for instruction in instructions {
        world.world.chain.new_blockhash().expect("a blockhash");
        world
            .send_all(&[advance.clone(), instruction.clone()], &[&admin])
            .expect_refusal(refusal);
        let blind = with_account(instruction.clone(), sysvar, world.world.provider_set);
        world
            .send(blind, &[&admin])
            .expect_refusal(ErrorCode::ConstraintAddress);
    }
}
