//! A durable nonce keeps a signed transaction valid for ever; governance must not be signed so.

use anchor_lang::{prelude::Pubkey, solana_program::instruction::Instruction};
use attestation::Field;
use client::instructions::oracle::*;
use oracle::{error::OracleError, Network};
use solana_keypair::Keypair;
use solana_signer::Signer;
use solana_system_interface::instruction::{advance_nonce_account, create_nonce_account};
use testbed::{Chain, ExpectError, ProgramKind, World};

use crate::support::{options, world};

/// Makes a nonce account; gives the instruction that must come first in a transaction on it.
fn advance_nonce(chain: &mut Chain, authority: &Keypair) -> Instruction {
    const BYTES: usize = 80;
    let nonce = Keypair::new();
    let authority = authority.pubkey();
    let create = create_nonce_account(
        &chain.fee_payer(),
        &nonce.pubkey(),
        &authority,
        chain.rent(BYTES),
    );
    chain.send(&create, &[&nonce]).unwrap();
    chain.new_blockhash().unwrap();
    advance_nonce_account(&nonce.pubkey(), &authority)
}

#[test]
fn initialize_on_a_durable_nonce_is_refused() {
    let mut chain = Chain::start(ProgramKind::from_env().unwrap()).unwrap();
    let payer = chain.new_actor().unwrap();
    let upgrade_authority = chain.upgrade_authority().insecure_clone();
    let advance = advance_nonce(&mut chain, &payer);
    let initialize = Initialize {
        payer: payer.pubkey(),
        upgrade_authority: upgrade_authority.pubkey(),
        args: InitializeArgs {
            network: Network::Localnet,
            admin: payer.pubkey(),
            guardian: payer.pubkey(),
            timelock_seconds: 0,
            retention_seconds: options().retention,
        },
    };
    chain
        .send(
            &[advance, initialize.instruction()],
            &[&payer, &upgrade_authority],
        )
        .expect_refusal(OracleError::DurableNonce);
}

#[test]
fn every_admin_instruction_on_a_durable_nonce_is_refused() {
    let mut world = world();
    let admin = world.admin.insecure_clone();
    let authority = admin.pubkey();
    let proposed_set = world
        .propose_provider_set(world.provider_set_args(World::PROVIDER_SET_ID, 1))
        .unwrap();
    let proposed_key = world
        .propose_verifying_key(world.key_args(World::CIRCUIT_ID, 1))
        .unwrap();
    let propose_self = ProposeAdmin {
        admin: authority,
        new_admin: authority,
    }
    .instruction();
    world.chain.send(&[propose_self], &[&admin]).unwrap();

    let instructions = [
        ProposeAdmin {
            admin: authority,
            new_admin: Pubkey::new_unique(),
        }
        .instruction(),
        AcceptAdmin {
            pending_admin: authority,
        }
        .instruction(),
        CancelAdmin { authority }.instruction(),
        CancelGuardian { authority }.instruction(),
        SetGuardian {
            admin: authority,
            new_guardian: Pubkey::new_unique(),
        }
        .instruction(),
        ProposeProviderSet {
            admin: authority,
            args: world.provider_set_args(World::PROVIDER_SET_ID, 2),
        }
        .instruction(),
        CancelProviderSet {
            authority,
            provider_set: proposed_set,
            rent_payer: authority,
        }
        .instruction(),
        SuspendProviderSet {
            authority,
            provider_set: world.provider_set,
        }
        .instruction(),
        ProposeVerifyingKey {
            admin: authority,
            args: world.key_args(World::CIRCUIT_ID, 2),
        }
        .instruction(),
        CancelVerifyingKey {
            authority,
            verifying_key: proposed_key,
            rent_payer: authority,
        }
        .instruction(),
        SuspendVerifyingKey {
            authority,
            verifying_key: world.verifying_key,
        }
        .instruction(),
    ];
    let advance = advance_nonce(&mut world.chain, &admin);
    for instruction in instructions {
        world
            .chain
            .send(&[advance.clone(), instruction], &[&admin])
            .expect_refusal(OracleError::DurableNonce);
    }
}

#[test]
fn admin_instruction_after_another_instruction_is_accepted() {
    let mut world = world();
    let admin = world.admin.insecure_clone();
    let gift = solana_system_interface::instruction::transfer(
        &world.chain.fee_payer(),
        &admin.pubkey(),
        1,
    );
    let propose = ProposeAdmin {
        admin: admin.pubkey(),
        new_admin: Pubkey::new_unique(),
    };
    world
        .chain
        .send(&[gift, propose.instruction()], &[&admin])
        .unwrap();
}

#[test]
fn verify_observation_on_a_durable_nonce_is_accepted() {
    let mut world = world();
    let keeper = world.keeper.insecure_clone();
    let advance = advance_nonce(&mut world.chain, &keeper);
    let verify = world.verify_observation(Field::from(7u64), 1, 1).unwrap();
    world
        .chain
        .send(&[advance, verify.instruction()], &[&keeper])
        .unwrap();
}
