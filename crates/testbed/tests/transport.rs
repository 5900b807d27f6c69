//! The embedded chain through the client's transport: what is written against it runs here too.

use client::{
    addresses::oracle as addresses,
    instructions::oracle::{Initialize, InitializeArgs},
    transport::{all, find, read, Transport, TransportError},
};
use oracle::{Network, OracleConfig, ProviderSet};
use solana_keypair::Keypair;
use solana_signer::Signer;
use testbed::{Chain, ProgramKind};

fn initialize(chain: &Chain, payer: &Keypair) -> Initialize {
    Initialize {
        payer: payer.pubkey(),
        upgrade_authority: chain.upgrade_authority().pubkey(),
        args: InitializeArgs {
            network: Network::Localnet,
            admin: payer.pubkey(),
            guardian: payer.pubkey(),
            timelock_seconds: 60,
            retention_seconds: 86_400,
        },
    }
}

#[test]
fn what_is_sent_lands_and_is_read_back() {
    let mut chain = Chain::start(ProgramKind::Native).expect("a chain");
    let payer = chain.new_actor().expect("an actor");
    let authority = chain.upgrade_authority().insecure_clone();
    let instruction = initialize(&chain, &payer).instruction();
    assert!(find::<OracleConfig>(&mut chain, &addresses::config())
        .expect("read")
        .is_none());

    let signers: [&dyn Signer; 2] = [&payer, &authority];
    let prepared = chain
        .prepare(std::slice::from_ref(&instruction), &signers)
        .expect("prepared");
    let landed = chain.submit(&prepared).expect("landed");
    assert_eq!(landed.signature, prepared.signature());

    let config: OracleConfig = read(&mut chain, &addresses::config()).expect("a configuration");
    assert_eq!(config.admin, payer.pubkey());
    let found = all::<OracleConfig>(&mut chain).expect("accounts");
    assert_eq!(found.len(), 1);
    assert!(all::<ProviderSet>(&mut chain).expect("accounts").is_empty());

    let again = Transport::send(&mut chain, &[instruction], &signers).expect_err("refused");
    let TransportError::Refused(refused) = again else {
        panic!("another error: {again}");
    };
    // Found out by the simulation: nothing was sent.
    assert_eq!(refused.signature, None);
}

#[test]
fn what_is_missing_is_named() {
    let mut chain = Chain::start(ProgramKind::Native).expect("a chain");
    let error = read::<OracleConfig>(&mut chain, &addresses::config())
        .err()
        .expect("missing");
    let expected = format!("there is no OracleConfig at {}", addresses::config());
    assert_eq!(error.to_string(), expected);
}
