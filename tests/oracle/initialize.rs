use anchor_lang::prelude::Pubkey;
use client::{
    addresses::{oracle::config, program_data},
    instructions::oracle::{Initialize, InitializeArgs},
};
use oracle::{
    error::OracleError,
    instructions::{
        Initialized, MAX_RETENTION_SECONDS, MAX_TIMELOCK_SECONDS, MIN_MAINNET_TIMELOCK_SECONDS,
        MIN_RETENTION_SECONDS,
    },
    Network, OracleConfig, NETWORK,
};
use solana_keypair::Keypair;
use solana_signer::Signer;
use testbed::{Chain, ExpectError, ProgramKind, Receipt, SendError};

use crate::support::with_account;

struct Fixture {
    chain: Chain,
    payer: Keypair,
    upgrade_authority: Keypair,
    args: InitializeArgs,
}

impl Fixture {
    fn new() -> Self {
        let mut chain = Chain::start(ProgramKind::from_env().unwrap()).unwrap();
        Self {
            payer: chain.new_actor().unwrap(),
            upgrade_authority: chain.upgrade_authority().insecure_clone(),
            chain,
            args: InitializeArgs {
                network: NETWORK,
                admin: Pubkey::new_unique(),
                guardian: Pubkey::new_unique(),
                timelock_seconds: MIN_MAINNET_TIMELOCK_SECONDS,
                retention_seconds: MIN_RETENTION_SECONDS,
            },
        }
    }

    fn initialize(&self) -> Initialize {
        Initialize {
            payer: self.payer.pubkey(),
            upgrade_authority: self.upgrade_authority.pubkey(),
            args: self.args,
        }
    }

    fn send(&mut self) -> Result<Receipt, SendError> {
        let instruction = self.initialize().instruction();
        self.chain
            .send(&[instruction], &[&self.payer, &self.upgrade_authority])
    }
}

#[test]
fn initialize_by_upgrade_authority_sets_configuration() {
    let mut fixture = Fixture::new();
    let receipt = fixture.send().unwrap();

    let args = fixture.args;
    let found: OracleConfig = fixture.chain.account(config()).unwrap();
    assert_eq!(found.version, 1);
    assert_eq!(found.network, args.network);
    assert_eq!(
        (found.admin, found.guardian.value),
        (args.admin, args.guardian)
    );
    assert_eq!(
        (found.timelock_seconds, found.retention_seconds),
        (args.timelock_seconds, args.retention_seconds)
    );
    assert_eq!(found.pending_admin, Pubkey::default());
    assert_eq!(found.guardian.active_from, 0);
    let domain = attestation::Domain::new(&oracle::ID.to_bytes(), NETWORK.tag());
    assert_eq!(found.domain, testbed::simulation::field(domain.0));

    if fixture.chain.kind() == ProgramKind::Sbf {
        let events: Vec<Initialized> = receipt.events_of(&oracle::ID);
        assert_eq!(events.len(), 1);
        assert_eq!(events[0].admin, args.admin);
        assert_eq!(events[0].domain, found.domain);
    }
}

#[test]
fn initialize_as_another_network_than_the_programs_is_refused() {
    let mut fixture = Fixture::new();
    let domains = [Network::Localnet, Network::Devnet, Network::Mainnet].map(|network| {
        if network != NETWORK {
            fixture.args.network = network;
            fixture.send().expect_refusal(OracleError::WrongNetwork);
        }
        oracle::statement::domain(&oracle::ID, network)
    });
    assert_ne!(domains[0], domains[1]);
    assert_ne!(domains[0], domains[2]);
    assert_ne!(domains[1], domains[2]);
}

#[test]
fn initialize_twice_fails_and_changes_nothing() {
    let mut fixture = Fixture::new();
    fixture.send().unwrap();
    let before = fixture.chain.find_account(config()).unwrap();
    fixture.args.admin = fixture.payer.pubkey();
    fixture.send().expect_refusal("AccountAlreadyInUse");
    assert_eq!(fixture.chain.find_account(config()).unwrap(), before);
}

#[test]
fn initialize_cannot_be_kept_out_by_lamports_sent_ahead() {
    let mut fixture = Fixture::new();
    let rent = fixture.chain.rent(0);
    fixture.chain.airdrop(config(), rent).unwrap();
    fixture.send().unwrap();
    let found: OracleConfig = fixture.chain.account(config()).unwrap();
    assert_eq!(found.admin, fixture.args.admin);
}

#[test]
fn initialize_by_another_than_upgrade_authority_is_refused() {
    let mut fixture = Fixture::new();
    fixture.upgrade_authority = fixture.payer.insecure_clone();
    fixture
        .send()
        .expect_refusal(OracleError::NotUpgradeAuthority);
    assert_eq!(fixture.chain.find_account(config()).unwrap(), None);
}

#[test]
fn initialize_with_program_data_of_another_program_is_refused() {
    let mut fixture = Fixture::new();
    let instruction = with_account(
        fixture.initialize().instruction(),
        program_data(&oracle::ID),
        program_data(&flash_bets::ID),
    );
    fixture
        .chain
        .send(
            &[instruction],
            &[&fixture.payer, &fixture.upgrade_authority],
        )
        .expect_refusal(anchor_lang::error::ErrorCode::ConstraintSeeds);
}

#[test]
fn initialize_timelock_out_of_range_is_refused() {
    let mut fixture = Fixture::new();
    for timelock in [-1, MAX_TIMELOCK_SECONDS + 1, i64::MAX, i64::MIN] {
        fixture.args.timelock_seconds = timelock;
        fixture
            .send()
            .expect_refusal(OracleError::TimelockOutOfRange);
    }
    fixture.args.timelock_seconds = 0;
    fixture.send().unwrap();
}

#[test]
fn initialize_greatest_timelock_and_retention_are_accepted() {
    let mut fixture = Fixture::new();
    fixture.args.timelock_seconds = MAX_TIMELOCK_SECONDS;
    fixture.args.retention_seconds = MAX_RETENTION_SECONDS;
    fixture.send().unwrap();
}

#[test]
fn initialize_retention_out_of_range_is_refused() {
    let mut fixture = Fixture::new();
    for retention in [
        0,
        MIN_RETENTION_SECONDS - 1,
        MAX_RETENTION_SECONDS + 1,
        i64::MIN,
    ] {
        fixture.args.retention_seconds = retention;
        fixture
            .send()
            .expect_refusal(OracleError::RetentionOutOfRange);
    }
}

#[test]
fn initialize_without_admin_or_guardian_is_refused() {
    let mut fixture = Fixture::new();
    let admin = std::mem::take(&mut fixture.args.admin);
    fixture.send().expect_refusal(OracleError::DefaultKey);
    fixture.args.admin = admin;
    fixture.args.guardian = Pubkey::default();
    fixture.send().expect_refusal(OracleError::DefaultKey);
}
