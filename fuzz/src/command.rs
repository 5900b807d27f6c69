//! The files that the command reads, through the command itself.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use anchor_lang::prelude::Pubkey;
use attestation::{
    Attestation, Domain, Field, Millis, Observation, Provider, ProviderSet, SecretKey,
};
use base64::{engine::general_purpose::STANDARD as BASE64, Engine};
use circuits::small;
use client::addresses::oracle as addresses;
use demo::feed::{Match, Reading};
use migrations::{Addresses, Journal, Plan};
use serde_json::json;
use solana_keypair::Keypair;
use tempfile::TempDir;
use testbed::{ProgramKind, World, WorldOptions};

use crate::Target;

const AT: &str = "1700000000000";

/// A command, and the file among its arguments that is hostile.
struct Case {
    path: PathBuf,
    arguments: Vec<String>,
}

/// Every command that reads a file needs no network says what is wrong with it and never panics. The
/// first byte of an input says which command.
pub fn command_files() -> Target {
    let folder = Folder::new();
    let cases = folder.cases();
    let made: Vec<_> = (0u8..)
        .zip(&cases)
        .map(|(number, case)| {
            let good = fs::read(&case.path).expect("readable");
            [&[number], &good[..]].concat()
        })
        .collect();
    Target::new("command_files", made, move |input| {
        let Some((number, bytes)) = input.split_first() else {
            return false;
        };
        let case = &cases[usize::from(*number) % cases.len()];
        folder.write_to(&case.path, bytes);
        match strobe_cli::run(&case.arguments) {
            Ok(()) => true,
            Err(error) => {
                assert!(!error.to_string().is_empty());
                false
            }
        }
    })
}

struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a temporary directory"))
    }

    fn path(&self, name: &str) -> String {
        let path = self.0.path().join(name);
        path.to_str().expect("UTF-8").to_owned()
    }

    fn write(&self, name: &str, contents: impl AsRef<[u8]>) -> String {
        let path = self.path(name);
        self.write_to(Path::new(&path), contents.as_ref());
        path
    }

    fn write_to(&self, path: &Path, contents: &[u8]) {
        fs::write(path, contents).expect("writable");
        let mode = fs::Permissions::from_mode(0o600);
        fs::set_permissions(path, mode).expect("a mode");
    }

    /// A command on a hostile copy of a file.
    fn case(&self, name: &str, contents: &[u8], arguments: &[&str]) -> Case {
        let path = self.write(&format!("hostile-{name}"), contents);
        let hostile = |argument: &&str| match *argument {
            "HOSTILE" => path.clone(),
            other => other.to_owned(),
        };
        Case {
            arguments: ["strobe"].iter().chain(arguments).map(hostile).collect(),
            path: path.into(),
        }
    }

    fn cases(&self) -> Vec<Case> {
        let mut cases = self.cases_of_providers();
        cases.extend(self.cases_of_signers());
        cases.extend(self.cases_of_proofs());
        cases.extend(self.cases_of_ceremonies());
        cases.extend(self.cases_of_deployments());
        cases
    }

    /// A set of two, and what they signed.
    fn cases_of_providers(&self) -> Vec<Case> {
        let secrets = [SecretKey::generate(), SecretKey::generate()];
        let providers = secrets.iter().map(|secret| Provider {
            name: "somebody".to_owned(),
            public_key: secret.public_key(),
        });
        let set = ProviderSet::new(2, providers.collect()).expect("fresh keys");
        let member = json!({ "public_key": secrets[0].public_key() }).to_string();
        let at: Millis = AT.parse().expect("a time");
        let observation =
            Observation::new(Field::from(7), at, Millis::default(), -3).expect("in order");
        let domain = Domain::new(&oracle::ID.to_bytes(), oracle::Network::Localnet.tag());
        let signed = secrets.map(|secret| Attestation::sign(&secret, domain, observation));
        let set = serde_json::to_vec(&set).expect("serializes");
        let signed = serde_json::to_vec(&signed).expect("serializes");
        let (set_path, wtns) = (self.write("set.json", &set), self.path("wtns"));
        self.write("signed.json", &signed);
        let results = json!([
            { "feed_id": "1", "at": AT, "value": "5" },
            { "feed_id": "2", "at": 1_700_000_000_000u64, "value": -5 },
        ]);
        let results = results.to_string();
        let witness = ["circuit", "witness", "quorum-3", "--wtns", &wtns];
        let of = [
            "--providers",
            &set_path,
            "--attestations",
            "HOSTILE",
            "--at",
            AT,
        ];
        let assemble = ["providers", "assemble", "--threshold", "1", "HOSTILE"];
        vec![
            self.case("set.json", &set, &["providers", "root", "HOSTILE"]),
            self.case("member.json", member.as_bytes(), &assemble),
            self.case("signed.json", &signed, &["attest", "verify", "HOSTILE"]),
            self.case("quorum.json", &signed, &[&witness[..], &of].concat()),
            self.case(
                "results.json",
                results.as_bytes(),
                &["attest", "root", "HOSTILE"],
            ),
        ]
    }

    /// A provider's key, and its record.
    fn cases_of_signers(&self) -> Vec<Case> {
        let key = self.path("provider.json");
        let keygen = ["strobe", "attest", "keygen", "--unencrypted", "--out", &key];
        strobe_cli::run(keygen).expect("a key");
        let sign = ["attest", "sign", "--late", "--kind", "event", "--feed", "7"];
        let what = ["--value", "-3", "--observed-at", AT, "--key"];
        let sign = [&sign[..], &what].concat();
        let made = [&["strobe"], &sign[..], &[&key]].concat();
        strobe_cli::run(made).expect("signed");
        let record = fs::read(self.path("provider.json.record")).expect("a record");
        let good = fs::read(&key).expect("readable");
        // Its record lies beside it.
        let mut of_record = self.case("record", &record, &[&sign[..], &[&key]].concat());
        of_record.path = self.path("provider.json.record").into();
        let other = self.case("key.json", &good, &[&sign[..], &["HOSTILE"]].concat());
        self.write("hostile-key.json.record", &record);
        vec![of_record, other]
    }

    /// A proof and its verifying key, which no directory has.
    fn cases_of_proofs(&self) -> Vec<Case> {
        let (set, signed) = (self.path("set.json"), self.path("signed.json"));
        let (out, keys, none) = (self.path("proof"), self.path("keys"), self.path("none"));
        let prove = [
            "strobe",
            "prove",
            "--providers",
            &set,
            "--attestations",
            &signed,
        ];
        let to = ["--at", AT, "--out", &out, "--keys", &keys];
        strobe_cli::run([&prove[..], &to].concat()).expect("a proof");
        let read = |name: &str| {
            let path = format!("{out}/strobe-{name}.json");
            (fs::read(&path).expect("written"), path)
        };
        let ((proof, proof_path), (key, key_path)) = (read("proof"), read("verifying-key"));
        let verify = |proof: &str, key: &str| {
            let arguments = ["verify", proof, "--verifying-key", key, "--keys", &none];
            arguments.map(str::to_owned)
        };
        let [of_proof, of_key] = [verify("HOSTILE", &key_path), verify(&proof_path, "HOSTILE")];
        let [of_proof, of_key] = [&of_proof, &of_key].map(|one| one.each_ref().map(String::as_str));
        vec![
            self.case("proof.json", &proof, &of_proof),
            self.case("verifying-key.json", &key, &of_key),
        ]
    }

    /// A transcript, a `.zkey` file and the account of a key. None is of the others, and so no key is
    /// imported, which takes seconds.
    fn cases_of_ceremonies(&self) -> Vec<Case> {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let transcript = here.join("../crates/cli/tests/corpus/transcript.json");
        let transcript = fs::read(transcript).expect("the corpus");
        let transcript_path = self.write("transcript.json", &transcript);
        let zkey = self.write("final.zkey", small::ZKEY);
        let world = World::start(&WorldOptions::new(ProgramKind::Native)).expect("a world");
        let address = addresses::verifying_key(World::CIRCUIT_ID, 0);
        let account = world.chain.find_account(address).expect("the chain");
        let account = account.expect("a key").data;
        let json =
            json!({ "account": { "data": [BASE64.encode(&account), "base64"] } }).to_string();
        let verify = |transcript: &str, zkey: &str, account: Option<&str>| {
            let mut arguments = vec!["key", "verify", "quorum-3", "--transcript", transcript];
            arguments.extend(["--zkey", zkey]);
            arguments.extend(account.into_iter().flat_map(|path| ["--account", path]));
            arguments.into_iter().map(str::to_owned).collect::<Vec<_>>()
        };
        let cases = [
            (
                "transcript.json",
                &transcript[..],
                verify("HOSTILE", &zkey, None),
            ),
            (
                "final.zkey",
                small::ZKEY,
                verify(&transcript_path, "HOSTILE", None),
            ),
            (
                "account",
                &account,
                verify(&transcript_path, &zkey, Some("HOSTILE")),
            ),
            (
                "account.json",
                json.as_bytes(),
                verify(&transcript_path, &zkey, Some("HOSTILE")),
            ),
        ];
        let case = |(name, good, arguments): (&str, &[u8], Vec<String>)| {
            let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
            self.case(name, good, &arguments)
        };
        cases.map(case).into()
    }

    /// The file of roles, and a key that it names.
    fn cases_of_deployments(&self) -> Vec<Case> {
        let roles = json!({ "deployer": "deployer.json", "providers": [], "arbiters": [] });
        let roles = roles.to_string();
        let key = json!(Keypair::new().to_bytes().to_vec()).to_string();
        self.write("deployer.json", &key);
        let check = ["keys", "check", "--roles", "HOSTILE"];
        let of_key = roles.replace("deployer.json", "hostile-deployer.json");
        let of_key = self.write("roles-of-hostile.json", of_key);
        vec![
            self.case("roles.json", roles.as_bytes(), &check),
            self.case(
                "deployer.json",
                key.as_bytes(),
                &["keys", "check", "--roles", &of_key],
            ),
        ]
    }
}

/// Feeds of matches are read whole or refused.
pub fn match_feeds() -> Target {
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut feeds = fuzzing::corpus(&here.join("examples/feeds"));
    feeds.extend(fuzzing::corpus(&here.join("crates/cli/tests/corpus/feeds")));
    let folder = Folder::new();
    Target::new("match_feeds", feeds, move |bytes| {
        let path = PathBuf::from(folder.write("feed.json", bytes));
        let Ok(read) = Match::load(Some(&path), Reading::default()) else {
            return false;
        };
        assert!([90, 120].contains(&read.minutes));
        assert!(read.goals().is_sorted_by_key(|goal| goal.at));
        let [first, second] = read.score();
        assert_eq!(usize::try_from(first + second), Ok(read.goals().len()));
        true
    })
}

/// Declarations of deployments and journals of what was sent, by the first byte of an input. A journal
/// that is taken can be opened again.
pub fn migrations() -> Target {
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("../migrations");
    let mut made = Vec::new();
    for network in ["localnet", "devnet", "mainnet"] {
        let path = here.join(network).join("001-governance.json");
        made.push([b"p", &fs::read(path).expect("the migrations")[..]].concat());
    }
    let line = |state: serde_json::Value| {
        let mut entry = json!({ "step": "001-governance/1", "digest": "07".repeat(32) });
        let entry_fields = entry.as_object_mut().expect("an object");
        entry_fields.extend(state.as_object().expect("an object").clone());
        format!("{entry}\n")
    };
    let journal = [
        format!("{}\n", json!({ "genesis_hash": "hash" })),
        line(
            json!({ "state": "pending", "signature": "1", "last_valid_block_height": 7, "transaction": "AA==" }),
        ),
        line(json!({ "state": "expired" })),
        line(json!({ "state": "confirmed", "signature": null })),
    ];
    made.push([b"j", journal.concat().as_bytes()].concat());
    let names = ["admin", "guardian"].map(|name| (name.to_owned(), Pubkey::new_unique()));
    let addresses: Addresses = names.into();
    let folder = Folder::new();
    fs::create_dir(folder.path("plan")).expect("a folder");
    Target::new("migrations", made, move |input| match input.split_first() {
        Some((b'j', bytes)) => {
            let path = PathBuf::from(folder.write("journal", bytes));
            let is_taken = Journal::open(&path, "hash").is_ok();
            assert!(!is_taken || Journal::open(&path, "hash").is_ok());
            is_taken
        }
        Some((_, bytes)) => {
            folder.write("plan/001-governance.json", bytes);
            let plan = Plan::read(Path::new(&folder.path("plan")), &addresses);
            plan.map(|plan| plan.objections()).is_ok()
        }
        None => false,
    })
}
