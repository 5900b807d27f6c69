//! A plan on a chain that can be interrupted between any two things.

mod fake;

use std::{collections::BTreeMap, fs, path::PathBuf};

use anchor_lang::prelude::Pubkey;
use bytemuck::Zeroable;
use client::{
    accounts::decode, addresses, instructions::oracle::ProposeVerifyingKeyArgs,
    transport::TransportError,
};
use fake::{Fake, Fate};
use migrations::{
    apply, status, verifying_key_differences, ApplyError, Journal, JournalError, Keys, Objection,
    Parties, Plan, PlanError, Report, Standing,
};
use oracle::{
    statement::domain, Aggregation, FeedKind, Network, OracleConfig, ProviderSet, VerifyingKey,
};
use serde_json::{json, Value};
use solana_keypair::Keypair;
use solana_signer::Signer;
use tempfile::TempDir;

const GENESIS_HASH: &str = "4uhcVJyU9pJkvQyS88uRDiswHXSCkY3zQawwpjk2NsNY";

/// Files of a plan, keys, a journal and a chain.
struct Desk {
    directory: TempDir,
    deployer: Keypair,
    admin: Keypair,
    guardian: Pubkey,
    chain: Fake,
}

fn initialize(network: &str, timelock_seconds: i64) -> Value {
    json!({ "initialize": {
        "network": network,
        "admin": "admin",
        "guardian": "guardian",
        "timelock_seconds": timelock_seconds,
        "retention_seconds": 259_200,
    }})
}

/// A set of two, of whom `threshold` decide.
fn provider_set(epoch: u32, threshold: u8) -> Value {
    let providers: Vec<_> = [1u8, 2]
        .into_iter()
        .map(|number| {
            let key = attestation::SecretKey::from_bytes([number + epoch as u8; 32]);
            json!({ "name": format!("provider {number}"), "public_key": key.public_key() })
        })
        .collect();
    json!({ "provider_set": {
        "id": 1,
        "epoch": epoch,
        "role": "primary",
        "set": { "threshold": threshold, "providers": providers },
    }})
}

impl Desk {
    fn new() -> Self {
        let deployer = Keypair::new();
        let desk = Self {
            directory: tempfile::tempdir().expect("a folder"),
            chain: Fake::with_oracle(deployer.pubkey()),
            deployer,
            admin: Keypair::new(),
            guardian: Keypair::new().pubkey(),
        };
        fs::create_dir(desk.plan_folder()).expect("a folder");
        desk.write("001-governance", "localnet", &[initialize("localnet", 60)]);
        desk.write(
            "002-providers",
            "localnet",
            &[provider_set(0, 2), provider_set(1, 2)],
        );
        desk
    }

    fn plan_folder(&self) -> PathBuf {
        self.directory.path().join("plan")
    }

    fn journal_path(&self) -> PathBuf {
        self.directory.path().join("journal.jsonl")
    }

    fn write(&self, name: &str, network: &str, steps: &[Value]) {
        let file = json!({ "network": network, "steps": steps });
        self.write_text(name, &file.to_string());
    }

    fn write_text(&self, name: &str, text: &str) {
        let path = self.plan_folder().join(name).with_extension("json");
        fs::write(path, text).expect("writable");
    }

    /// Has epoch 0 be another on the chain.
    fn change_set(&mut self, change: fn(&mut ProviderSet)) {
        let address = addresses::oracle::provider_set(1, 0);
        let account = self.chain.accounts.get_mut(&address).expect("a set");
        change(bytemuck::from_bytes_mut(&mut account.data[8..]));
    }

    fn plan(&self) -> Result<Plan, PlanError> {
        let addresses = [("admin", self.admin.pubkey()), ("guardian", self.guardian)];
        let addresses = addresses.map(|(name, address)| (name.to_owned(), address));
        Plan::read(&self.plan_folder(), &BTreeMap::from(addresses))
    }

    fn parties(&self) -> Parties {
        Parties {
            upgrade_authority: self.deployer.pubkey(),
            admin: self.admin.pubkey(),
        }
    }

    fn journal(&self) -> Result<Journal, JournalError> {
        Journal::open(&self.journal_path(), GENESIS_HASH)
    }

    fn apply(&mut self) -> Result<Vec<Report>, ApplyError> {
        let plan = self.plan().expect("a plan");
        let parties = self.parties();
        let mut journal = self.journal()?;
        let keys = Keys {
            deployer: &self.deployer,
            admin: Some(&self.admin),
        };
        apply(&plan, &mut self.chain, &mut journal, &parties, &keys)
    }

    fn status(&mut self, admin_is_here: bool) -> Result<Vec<Report>, ApplyError> {
        let plan = self.plan().expect("a plan");
        let parties = self.parties();
        let mut journal = self.journal()?;
        status(
            &plan,
            &mut self.chain,
            &mut journal,
            &parties,
            admin_is_here,
        )
    }

    /// Asserts that all three steps are on the chain, by one transaction each.
    #[track_caller]
    fn expect_applied(&mut self) {
        let reports = self.status(true).expect("a status");
        let steps: Vec<_> = reports.iter().map(|report| report.step.as_str()).collect();
        assert_eq!(
            steps,
            ["001-governance/1", "002-providers/1", "002-providers/2"]
        );
        for (report, executed) in reports.iter().zip(&self.chain.executed) {
            let signature = Some(executed.to_string());
            assert_eq!(report.standing, Standing::Done { signature });
        }
        assert_eq!(self.chain.executed.len(), 3);
    }
}

#[test]
fn a_plan_is_applied_once() {
    let mut desk = Desk::new();
    let reports = desk.apply().expect("a deployment");
    assert_eq!(reports.len(), 3);
    desk.expect_applied();
    desk.apply().expect("nothing to do");
    desk.expect_applied();
}

/// Killed between any two things that it does with the chain, and started again: every step is done, each
/// by one transaction, which the journal names.
#[test]
fn killed_anywhere_and_resumed_nothing_is_doubled_skipped_or_lost() {
    let mut kills = 0;
    loop {
        let mut desk = Desk::new();
        desk.chain.calls_left = Some(kills);
        if desk.apply().is_ok() {
            break;
        }
        desk.chain.calls_left = None;
        desk.apply().expect("a resumed deployment");
        desk.expect_applied();
        kills += 1;
    }
    // A look, a signature, a sending and its answer for each of three steps, at least.
    assert!(kills >= 12, "{kills}");
}

/// Killed again and again, each time a little later.
#[test]
fn killed_at_every_attempt_a_plan_comes_to_its_end() {
    let mut desk = Desk::new();
    let mut attempts = 0;
    loop {
        desk.chain.calls_left = Some(attempts / 2);
        if desk.apply().is_ok() {
            break;
        }
        attempts += 1;
        assert!(attempts < 100);
    }
    desk.chain.calls_left = None;
    desk.expect_applied();
}

/// A journal that was torn anywhere while it was written does not make a step be done twice.
#[test]
fn a_torn_journal_doubles_nothing() {
    let mut desk = Desk::new();
    desk.apply().expect("a deployment");
    let whole = fs::read(desk.journal_path()).expect("a journal");
    for length in (0..whole.len()).step_by(61) {
        fs::write(desk.journal_path(), &whole[..length]).expect("writable");
        desk.apply().expect("nothing to do");
        assert_eq!(desk.chain.executed.len(), 3);
        let text = fs::read_to_string(desk.journal_path()).expect("a journal");
        assert_eq!(text.matches("\"confirmed\"").count(), 3, "torn at {length}");
    }
}

#[test]
fn a_transaction_whose_confirmation_was_lost_is_not_followed_by_another() {
    let mut desk = Desk::new();
    desk.chain.fates.push(Fate::LandsUnseen);
    let error = desk.apply().expect_err("no confirmation");
    let is_unconfirmed = matches!(
        &error,
        ApplyError::Chain { cause, .. } if matches!(**cause, TransportError::Unconfirmed { .. })
    );
    assert!(is_unconfirmed, "{error}");
    desk.apply().expect("a resumed deployment");
    desk.expect_applied();
    assert_eq!(desk.chain.signed, 3);
}

#[test]
fn a_transaction_that_may_still_land_is_sent_again_and_not_replaced() {
    let mut desk = Desk::new();
    desk.chain.fates.push(Fate::Dropped);
    desk.apply().expect_err("no confirmation");
    desk.apply().expect("a resumed deployment");
    desk.expect_applied();
    assert_eq!(desk.chain.signed, 3);
}

#[test]
fn a_transaction_that_expired_is_replaced() {
    let mut desk = Desk::new();
    desk.chain.fates.push(Fate::Dropped);
    desk.apply().expect_err("no confirmation");
    desk.chain.height += 1_000;
    desk.apply().expect("a resumed deployment");
    desk.expect_applied();
    assert_eq!(desk.chain.signed, 4);
}

#[test]
fn what_was_signed_for_roles_corrected_since_is_not_sent() {
    let mut desk = Desk::new();
    desk.chain.fates.push(Fate::Dropped);
    desk.apply().expect_err("no confirmation");
    desk.guardian = Keypair::new().pubkey();
    desk.apply().expect("a resumed deployment");
    desk.expect_applied();
    assert_eq!(desk.chain.signed, 4);
    let config = &desk.chain.accounts[&addresses::oracle::config()];
    let config: OracleConfig = decode(&oracle::ID, &config.data).expect("a configuration");
    assert_eq!(config.guardian.value, desk.guardian);
}

/// It may land while nothing else is sent, and is then named as any other difference.
#[test]
fn what_was_signed_for_roles_corrected_since_and_lands_is_named() {
    let mut desk = Desk::new();
    desk.chain.fates.push(Fate::Dropped);
    desk.apply().expect_err("no confirmation");
    desk.guardian = Keypair::new().pubkey();
    desk.chain.fates.push(Fate::LandsUnseen);
    let error = desk.apply().expect_err("another guardian").to_string();
    assert!(error.contains("the guardian is "), "{error}");
    assert_eq!(desk.chain.signed, 1);
}

#[test]
fn what_somebody_else_did_is_found_and_not_done_again() {
    let mut desk = Desk::new();
    desk.apply().expect("a deployment");
    fs::remove_file(desk.journal_path()).expect("removable");
    let reports = desk.apply().expect("nothing to do");
    assert!(reports
        .iter()
        .all(|report| report.standing == Standing::Done { signature: None }));
    assert_eq!(desk.chain.executed.len(), 3);
}

#[test]
fn a_step_that_was_edited_after_it_was_applied_is_refused() {
    let mut desk = Desk::new();
    desk.apply().expect("a deployment");
    desk.write("001-governance", "localnet", &[initialize("localnet", 61)]);
    let error = desk.apply().expect_err("another timelock");
    assert!(error
        .to_string()
        .starts_with("001-governance/1 was applied"));
}

#[test]
fn what_is_otherwise_on_the_chain_than_declared_is_named() {
    let mut desk = Desk::new();
    desk.apply().expect("a deployment");
    fs::remove_file(desk.journal_path()).expect("removable");
    desk.write("001-governance", "localnet", &[initialize("localnet", 61)]);
    let error = desk.apply().expect_err("another timelock").to_string();
    assert!(
        error.contains("the timelock in seconds is 60 on the chain, not 61 as declared"),
        "{error}"
    );
    desk.write("001-governance", "localnet", &[initialize("localnet", 60)]);
    desk.guardian = Keypair::new().pubkey();
    let error = desk.apply().expect_err("another guardian").to_string();
    assert!(error.contains("the guardian is "), "{error}");
}

#[test]
fn a_set_that_is_otherwise_than_declared_is_named() {
    type Change = fn(&mut ProviderSet);
    let changes: [(&str, Change); 6] = [
        ("the role is ", |set| set.role = 1),
        ("the threshold is 1 on", |set| set.threshold = 1),
        ("the size is 3 on", |set| set.size = 3),
        ("the median slack is 0 on", |set| set.median_slack = 0),
        ("the members are others", |set| set.root[31] ^= 1),
        ("the domain on the chain is not that of localnet", |set| {
            set.domain = domain(&oracle::ID, Network::Devnet)
        }),
    ];
    for (expected, change) in changes {
        let mut desk = Desk::new();
        desk.apply().expect("a deployment");
        desk.change_set(change);
        let error = desk.apply().expect_err("another set").to_string();
        let expected = format!("002-providers/1: {expected}");
        assert!(error.starts_with(&expected), "{error}");
    }
}

/// It holds up nothing: a set is retired when the next epoch is there.
#[test]
fn a_set_that_governance_ended_is_not_said_to_be_as_declared() {
    type Change = fn(&mut ProviderSet);
    let changes: [(&str, Change); 2] = [
        ("it is suspended for good", |set| set.standing.suspended = 1),
        ("it is retired for good", |set| set.standing.retired = 1),
    ];
    for (expected, change) in changes {
        let mut desk = Desk::new();
        desk.apply().expect("a deployment");
        desk.change_set(change);
        for reports in [desk.apply(), desk.status(true)] {
            let reports = reports.expect("nothing in the way");
            let Standing::Ended { reason } = &reports[1].standing else {
                panic!("{:?}", reports[1].standing)
            };
            assert!(reason.starts_with(expected), "{reason}");
            assert!(matches!(reports[2].standing, Standing::Done { .. }));
        }
    }
}

#[test]
fn a_key_that_is_otherwise_than_declared_is_named() {
    let args = ProposeVerifyingKeyArgs {
        circuit_id: 3,
        key_version: 0,
        aggregation: Aggregation::Agreement,
        feed_kind: FeedKind::Event,
        slots: 3,
        development: false,
        transcript_hash: [1; 32],
        r1cs_hash: [2; 32],
        key: vec![3; 576],
    };
    let differences = |change: fn(&mut VerifyingKey)| {
        let mut key = VerifyingKey::zeroed();
        (key.slots, key.transcript_hash, key.r1cs_hash) = (3, [1; 32], [2; 32]);
        key.key = [3; 576];
        change(&mut key);
        verifying_key_differences(&key, &args)
    };
    assert!(differences(|_| {}).is_empty());
    type Change = fn(&mut VerifyingKey);
    let changes: [(&str, Change); 7] = [
        ("the key ", |key| key.key[575] = 0),
        ("the aggregation ", |key| key.aggregation = 1),
        ("the kind of feed ", |key| key.feed_kind = 1),
        ("the slots ", |key| key.slots = 6),
        ("development ", |key| key.development = 1),
        ("the transcript ", |key| key.transcript_hash[31] = 0),
        ("the .r1cs ", |key| key.r1cs_hash[31] = 0),
    ];
    for (expected, change) in changes {
        let found = differences(change);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].starts_with(expected), "{found:?}");
    }
}

#[test]
fn a_journal_of_another_chain_is_refused() {
    let mut desk = Desk::new();
    desk.apply().expect("a deployment");
    let error = Journal::open(&desk.journal_path(), "another").expect_err("another chain");
    assert!(matches!(error, JournalError::OtherChain { .. }));
}

#[test]
fn two_at_once_are_refused() {
    let mut desk = Desk::new();
    let held = desk.journal().expect("a journal");
    let error = desk.apply().expect_err("a locked journal");
    assert!(matches!(
        error,
        ApplyError::Journal(JournalError::Locked { .. })
    ));
    drop(held);
    desk.apply().expect("a deployment");
}

#[test]
fn steps_of_an_admin_elsewhere_are_told_and_not_done() {
    let mut desk = Desk::new();
    let plan = desk.plan().expect("a plan");
    let parties = desk.parties();
    let keys = Keys {
        deployer: &desk.deployer,
        admin: None,
    };
    let mut journal = desk.journal().expect("a journal");
    let reports = apply(&plan, &mut desk.chain, &mut journal, &parties, &keys);
    let reports = reports.expect("a deployment");
    assert!(matches!(reports[0].standing, Standing::Done { .. }));
    let steps: Vec<_> = plan.steps().collect();
    for (report, step) in reports[1..].iter().zip(&steps[1..]) {
        let expected = Standing::ForAdmin {
            admin: desk.admin.pubkey(),
            instruction: Box::new(step.instruction(&parties)),
        };
        assert_eq!(report.standing, expected);
    }
    assert_eq!(desk.chain.executed.len(), 1);
}

#[test]
fn steps_wait_for_the_deployment_and_for_the_right_authority() {
    let mut desk = Desk::new();
    desk.chain.accounts.clear();
    let reasons = |desk: &mut Desk| -> Vec<String> {
        let reports = desk.status(true).expect("a status");
        reports
            .iter()
            .map(|report| match &report.standing {
                Standing::Waits { reason } => reason.clone(),
                other => panic!("{other:?}"),
            })
            .collect()
    };
    let found = reasons(&mut desk);
    assert_eq!(found[0], "the oracle is not deployed");
    assert_eq!(found[1], "the oracle is not initialized");

    desk.chain = Fake::with_oracle(desk.guardian);
    let found = reasons(&mut desk);
    let expected = format!("the oracle's upgrade authority is {}", desk.guardian);
    assert!(found[0].starts_with(&expected), "{}", found[0]);
    desk.apply().expect("nothing that can be done");
    assert_eq!(desk.chain.signed, 0);
}

#[test]
fn mainnet_refuses_what_is_for_a_demo() {
    let mut desk = Desk::new();
    let key = json!({ "verifying_key": {
        "circuit_id": 3, "key_version": 0, "aggregation": "agreement", "feed_kind": "event",
        "slots": 13, "development": true, "key": "00",
    }});
    let cap = u64::MAX;
    let vault = json!({ "vault": {
        "mint": Keypair::new().pubkey().to_string(),
        "token_program": "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA",
        "id": 1, "operator": "admin", "treasury": "guardian", "notice_seconds": 3_600,
        "caps": {
            "market_funding": 1, "event_funding": 1, "feed_funding": 1, "daily_loss": cap,
            "opening_lead_seconds": 60, "utilisation": 5_000, "slot_ms": 400,
        },
        "fee_split": { "protocol": 3_000, "operator": 1_000 },
    }});
    let steps = [initialize("mainnet", 48 * 3_600 - 1), key, vault];
    desk.write("001-governance", "mainnet", &steps);
    desk.write("002-providers", "mainnet", &[provider_set(0, 1)]);
    let (step, admin) = ("001-governance/1".to_owned(), desk.admin.pubkey());
    let expected = [
        Objection::Timelock {
            step: step.clone(),
            seconds: 172_799,
        },
        Objection::SingleSigner {
            step: step.clone(),
            role: "admin",
            address: admin,
        },
        Objection::SingleSigner {
            step,
            role: "guardian",
            address: desk.guardian,
        },
        Objection::DevelopmentKey {
            step: "001-governance/2".to_owned(),
        },
        Objection::Unlimited {
            step: "001-governance/3".to_owned(),
            cap: "the cap of a day's loss",
        },
        Objection::Threshold {
            step: "002-providers/1".to_owned(),
            threshold: 1,
            size: 2,
        },
    ];
    assert_eq!(desk.plan().expect("a plan").objections(), expected);
    let Err(ApplyError::Refused(found)) = desk.apply() else {
        panic!("applied")
    };
    assert_eq!(found, expected);
    assert_eq!(desk.chain.signed, 0);
}

#[test]
fn files_that_are_no_plan_are_refused() {
    let desk = Desk::new();
    let refused = |expected: &str| {
        let error = desk.plan().expect_err("no plan").to_string();
        assert!(error.contains(expected), "{error}");
    };
    desk.write("004-more", "localnet", &[]);
    refused("004-more.json is no migration in its place, expected 003-NAME.json");
    fs::remove_file(desk.plan_folder().join("004-more.json")).expect("removable");
    desk.write("003-more", "devnet", &[]);
    refused("is for devnet, the others are for localnet");
    desk.write("003-more", "testnet", &[]);
    refused("network: unknown variant `testnet`");
    let mut step = initialize("localnet", 60);
    step["initialize"]["admin"] = json!("nobody");
    desk.write("003-more", "localnet", &[step.clone()]);
    refused("step 1: \"nobody\" is neither an address nor the name of a role");
    step["initialize"]["timelock"] = json!(1);
    desk.write("003-more", "localnet", &[step]);
    refused("steps[0].initialize");
    for (text, expected) in [
        (
            r#"{ "network": "localnet", "steps": [] } {}"#,
            "trailing characters",
        ),
        (
            r#"{ "network": "localnet", "steps": [], "steps": [] }"#,
            "duplicate field `steps`",
        ),
    ] {
        desk.write_text("003-more", text);
        refused(expected);
    }
}

#[test]
fn what_a_step_says_twice_or_should_not_say_is_refused() {
    let desk = Desk::new();
    let set = provider_set(0, 2).to_string();
    for (said, instead, expected) in [
        (
            r#""epoch":0"#,
            r#""epoch":0,"epoch":1"#,
            "duplicate field `epoch`",
        ),
        (
            r#""threshold":2"#,
            r#""threshold":2,"threshold":1"#,
            "duplicate field `threshold`",
        ),
        (
            r#""threshold":2"#,
            r#""threshold":2,"median_slack":0"#,
            "unknown field `median_slack`",
        ),
        (
            r#""name":"provider 1""#,
            r#""name":"provider 1","weight":2"#,
            "unknown field `weight`",
        ),
    ] {
        assert_eq!(set.matches(said).count(), 1, "{set}");
        let step = set.replace(said, instead);
        let text = format!(r#"{{ "network": "localnet", "steps": [{step}] }}"#);
        desk.write_text("003-more", &text);
        let error = desk.plan().expect_err("no plan").to_string();
        assert!(error.contains("steps[0].provider_set"), "{error}");
        assert!(error.contains(expected), "{error}");
    }
}
