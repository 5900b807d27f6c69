//! `strobe keys check`: what it accepts, and each thing that it finds.

mod common;

use std::{fs, os::unix::fs::PermissionsExt, path::PathBuf, process::Command};

use anchor_lang::prelude::Pubkey;
use common::{refusal, strobe, Run};
use serde_json::{json, Value};
use solana_keypair::Keypair;
use solana_signer::Signer;
use tempfile::TempDir;

/// A folder with a file of roles and a key for each.
struct Folder {
    directory: TempDir,
    roles: Value,
}

const SINGLE: [&str; 7] = [
    "deployer",
    "upgrade_authority",
    "admin",
    "guardian",
    "operator",
    "keeper",
    "treasury",
];

impl Folder {
    fn new() -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let mut folder = Self {
            directory,
            roles: json!({ "providers": ["provider.json"], "arbiters": ["arbiter.json"] }),
        };
        for role in SINGLE {
            let name = format!("{role}.json");
            folder.write_key(&name, &Keypair::new());
            folder.roles[role] = json!(name);
        }
        for name in ["provider.json", "arbiter.json"] {
            folder.write_provider(name);
        }
        folder
    }

    /// As on the machine that deploys to mainnet: governed by programs' addresses, with other keys
    /// elsewhere.
    fn for_mainnet() -> Self {
        let mut folder = Self::new();
        for role in ["upgrade_authority", "admin", "guardian"] {
            let multisig = Pubkey::find_program_address(&[role.as_bytes()], &oracle::ID).0;
            folder.roles[role] = json!(multisig.to_string());
        }
        for role in ["operator", "treasury"] {
            folder.roles[role] = json!(Keypair::new().pubkey().to_string());
        }
        for (list, file) in [("providers", "provider.json"), ("arbiters", "arbiter.json")] {
            let text = fs::read_to_string(folder.path(file)).expect("a key file");
            let key: Value = serde_json::from_str(&text).expect("JSON");
            folder.roles[list] = json!([key["public_key"]]);
        }
        folder
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn write_key(&self, name: &str, key: &Keypair) {
        fs::write(self.path(name), json!(key.to_bytes().to_vec()).to_string()).expect("writable");
        self.set_mode(name, 0o600);
    }

    fn write_provider(&self, name: &str) {
        let path = self.path(name);
        let out = path.to_str().expect("UTF-8");
        strobe(&["attest", "keygen", "--unencrypted", "--out", out]).json();
    }

    fn set_mode(&self, name: &str, mode: u32) {
        fs::set_permissions(self.path(name), fs::Permissions::from_mode(mode)).expect("a mode");
    }

    fn arguments(&self, more: &[&str]) -> Vec<String> {
        let roles = self.path("roles.json");
        fs::write(&roles, self.roles.to_string()).expect("writable");
        let roles = roles.to_str().expect("UTF-8");
        let arguments = [&["keys", "check", "--roles", roles], more].concat();
        arguments.iter().map(ToString::to_string).collect()
    }

    fn check(&self, more: &[&str]) -> Run {
        strobe(&self.arguments(more))
    }

    #[track_caller]
    fn expect_fault(&self, more: &[&str], expected: &str) {
        let refusal = refusal(&self.arguments(more));
        assert!(refusal.contains(expected), "{refusal}");
        assert!(!refusal.contains("; "), "other faults too: {refusal}");
    }

    fn git(&self, arguments: &[&str]) {
        let mut command = Command::new("git");
        let command = command.arg("-C").arg(self.directory.path()).args(arguments);
        assert!(command.output().expect("git").status.success());
    }
}

#[test]
fn a_key_for_each_role_passes() {
    let folder = Folder::new();
    let summary = folder.check(&[]).json();
    let roles = summary["roles"].as_array().expect("roles");
    assert_eq!(roles.len(), SINGLE.len() + 2);
    assert_eq!(roles[0]["role"], "deployer");
    assert_eq!(roles[8]["role"], "arbiters[0]");
    assert!(roles.iter().all(|role| role["key_on_this_machine"] == true));
}

#[test]
fn the_example_of_the_repository_passes_with_keys_of_ones_own() {
    let folder = Folder::new();
    let example = include_str!("../../../keys.example/roles.json");
    let example: Value = serde_json::from_str(example).expect("JSON");
    let mut names: Vec<_> = SINGLE.iter().map(|role| example[*role].as_str()).collect();
    for list in ["providers", "arbiters"] {
        let signers = example[list].as_array().expect("a list");
        names.extend(signers.iter().map(Value::as_str));
    }
    for (place, name) in names.into_iter().enumerate() {
        let name = name.expect("the name of a file");
        if place < SINGLE.len() {
            folder.write_key(name, &Keypair::new());
        } else if !folder.path(name).exists() {
            folder.write_provider(name);
        }
    }
    let folder = Folder {
        roles: example,
        ..folder
    };
    folder.check(&[]).json();
}

#[test]
fn every_missing_role_is_named() {
    let mut folder = Folder::new();
    folder.roles = json!({ "deployer": "deployer.json", "arbiters": [] });
    let refusal = refusal(&folder.arguments(&[]));
    for role in SINGLE[1..].iter().chain(&["providers[0]", "arbiters[0]"]) {
        assert!(refusal.contains(&format!("{role}: missing")), "{refusal}");
    }
    assert!(!refusal.contains("deployer: missing"), "{refusal}");
}

#[test]
fn a_role_that_there_is_not_is_refused() {
    let mut folder = Folder::new();
    folder.roles["owner"] = json!("admin.json");
    folder.expect_fault(&[], "unknown field `owner`, expected one of `deployer`");
}

#[test]
fn a_file_of_roles_that_does_not_parse_is_refused() {
    let folder = Folder::new();
    let arguments = folder.arguments(&[]);
    let roles = r#"{ "deployer": "deployer.json" "#;
    fs::write(folder.path("roles.json"), roles).expect("writable");
    let refusal = refusal(&arguments);
    assert!(
        refusal.contains("roles.json: EOF while parsing an object at line 1"),
        "{refusal}"
    );
}

#[test]
fn open_permissions_are_found() {
    let folder = Folder::new();
    for (name, role) in [
        ("guardian.json", "guardian"),
        ("provider.json", "providers[0]"),
    ] {
        for mode in [0o640, 0o604, 0o620] {
            folder.set_mode(name, mode);
            let refusal = refusal(&folder.arguments(&[]));
            assert!(refusal.contains(&format!("{role}: ")), "{refusal}");
            let expected = format!("{name} has mode {mode:03o}, expected 600");
            assert!(refusal.contains(&expected), "{refusal}");
        }
        folder.set_mode(name, 0o600);
    }
    folder.set_mode("guardian.json", 0o400);
    folder.check(&[]).json();
}

#[test]
fn one_key_in_two_roles_is_found() {
    let mut folder = Folder::new();
    let key = Keypair::new();
    folder.write_key("admin.json", &key);
    folder.write_key("keeper.json", &key);
    folder.expect_fault(
        &[],
        &format!("keeper and admin are one key, {}", key.pubkey()),
    );

    folder.write_key("keeper.json", &Keypair::new());
    folder.roles["treasury"] = json!(key.pubkey().to_string());
    folder.expect_fault(&[], "treasury and admin are one key");
}

#[test]
fn an_arbiter_who_is_a_provider_is_found() {
    let mut folder = Folder::new();
    folder.roles["arbiters"] = json!(["provider.json"]);
    folder.expect_fault(&[], "arbiters[0] and providers[0] are one key");
}

#[test]
fn one_secret_as_two_kinds_of_key_is_found() {
    let folder = Folder::new();
    let text = fs::read_to_string(folder.path("provider.json")).expect("a key file");
    let file: Value = serde_json::from_str(&text).expect("JSON");
    let secret = file["unencrypted_secret_key"].as_str().expect("a text");
    let secret = hex::decode(secret).expect("hexadecimal");
    let seed = secret.try_into().expect("32 bytes");
    folder.write_key("operator.json", &Keypair::new_from_array(seed));
    folder.expect_fault(&[], "providers[0] and operator are one key");
}

#[test]
fn a_key_file_that_is_none_is_found() {
    let folder = Folder::new();
    let halves = [Keypair::new().to_bytes(), Keypair::new().to_bytes()];
    let mixed = [&halves[0][..32], &halves[1][32..]].concat();
    for contents in [json!(mixed), json!(mixed[..63]), json!([])] {
        fs::write(folder.path("admin.json"), contents.to_string()).expect("writable");
        folder.expect_fault(&[], "admin.json is no Solana key file");
    }
}

#[test]
fn a_file_that_is_not_there_is_found() {
    let mut folder = Folder::new();
    folder.roles["admin"] = json!("nowhere.json");
    folder.expect_fault(&[], "nowhere.json: No such file");
    folder.roles["admin"] = json!("nobody");
    folder.expect_fault(&[], "admin: \"nobody\" is neither an address nor the name");
}

#[test]
fn keys_in_a_repository_are_found_unless_ignored() {
    let folder = Folder::new();
    folder.git(&["init", "--quiet"]);
    let found = |expected: usize| {
        let run = folder.check(&[]);
        assert_eq!(run.stderr.matches("holds a private key").count(), expected);
        run
    };
    let keys = SINGLE.len() + 2;
    assert!(found(keys).stderr.contains("have git ignore it"));

    fs::write(folder.path(".gitignore"), "*.json\n").expect("writable");
    found(0).json();

    // What is tracked is not ignored, whatever .gitignore says, nor does a harmless name help.
    fs::copy(folder.path("admin.json"), folder.path("notes")).expect("a copy");
    folder.git(&["add", "--force", "guardian.json"]);
    let run = found(2);
    for name in ["notes", "guardian.json"] {
        assert!(
            run.stderr.contains(&format!("/{name} holds")),
            "{}",
            run.stderr
        );
    }
}

#[test]
fn mainnet_takes_multisigs_and_keys_that_are_elsewhere() {
    Folder::for_mainnet()
        .check(&["--network", "mainnet"])
        .json();
}

#[test]
fn mainnet_refuses_a_single_signer_who_governs() {
    for role in ["upgrade_authority", "admin", "guardian"] {
        let mut folder = Folder::for_mainnet();
        let address = Keypair::new().pubkey().to_string();
        folder.roles[role] = json!(address);
        let expected = format!("{role} is {address}, one key of one signer");
        folder.expect_fault(&["--network", "mainnet"], &expected);
        folder.check(&["--network", "devnet"]).json();
    }
}

#[test]
fn mainnet_refuses_other_roles_keys_on_this_machine() {
    for (role, value) in [
        ("operator", json!("operator.json")),
        ("treasury", json!("treasury.json")),
        ("providers", json!(["provider.json"])),
    ] {
        let mut folder = Folder::for_mainnet();
        folder.roles[role] = value;
        folder.expect_fault(&["--network", "mainnet"], "the key file is on this machine");
    }
}
