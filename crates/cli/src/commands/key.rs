//! `strobe key`: keys that a ceremony made.

use std::{
    error::Error,
    fs,
    path::{Path, PathBuf},
};

use anchor_lang::prelude::Pubkey;
use attestation::{
    Aggregation, Attestation, Domain, FeedKind, Field, Millis, Observation, Provider, ProviderSet,
    Quorum, SecretKey,
};
use base64::prelude::{Engine, BASE64_STANDARD};
use circuits::{
    iden3::{r1cs_hash, Zkey},
    Circuit, Keys,
};
use clap::{Args, Subcommand};
use client::{accounts::decode, addresses::oracle::verifying_key};
use prover::Prover;
use serde_json::{json, Value};
use sha2::{Digest, Sha256};
use thiserror::Error;

use super::{
    arguments::KeysArguments,
    files::{parse_json, FileError},
    live::register::circuit_id,
    transcript::{PowersOfTau, Transcript},
};

#[derive(Subcommand)]
pub enum KeyCommand {
    /// Prints the transcript of the ceremony that ended with a .zkey file, for import and publication.
    Transcript(TranscriptOf),
    /// Checks the key of a ceremony and stores it: from then on proofs are made with it.
    Import(Import),
    /// Repeats every check of a ceremony's key, up to the account on chain.
    Verify(Verify),
    /// Prints what goes on chain of the stored key of a circuit.
    Show(Show),
}

#[derive(Args)]
pub struct TranscriptOf {
    /// The circuit that the ceremony was held for.
    circuit: Circuit,
    /// The final .zkey file.
    #[arg(long, value_name = "FILE")]
    zkey: PathBuf,
    /// The file of the powers of tau that the ceremony began with.
    #[arg(long, value_name = "FILE")]
    powers_of_tau: PathBuf,
    /// Where that file is published.
    #[arg(long, value_name = "TEXT")]
    source: String,
    /// How the value of the beacon was chosen, as announced before it was known.
    #[arg(long, value_name = "TEXT")]
    beacon_rule: String,
}

#[derive(Args)]
pub struct CeremonyArguments {
    /// The circuit that the ceremony was held for.
    circuit: Circuit,
    /// The final .zkey file.
    #[arg(long, value_name = "FILE")]
    zkey: PathBuf,
    /// The published transcript.
    #[arg(long, value_name = "FILE")]
    transcript: PathBuf,
}

#[derive(Args)]
pub struct Import {
    #[command(flatten)]
    ceremony: CeremonyArguments,
    #[command(flatten)]
    keys: KeysArguments,
}

#[derive(Args)]
pub struct Verify {
    #[command(flatten)]
    ceremony: CeremonyArguments,
    /// The .r1cs file that the ceremony began with.
    #[arg(long, value_name = "FILE")]
    r1cs: Option<PathBuf>,
    /// The verifying key's account: its bytes, or what `solana account ADDRESS --output json` prints.
    #[arg(long, value_name = "FILE")]
    account: Option<PathBuf>,
}

#[derive(Args)]
pub struct Show {
    /// The circuit.
    circuit: Circuit,
    #[command(flatten)]
    keys: KeysArguments,
}

#[derive(Debug, Error)]
enum KeyError {
    #[error("{path} is another .r1cs file than that of {circuit} in this build", path = path.display())]
    OtherR1cs { path: PathBuf, circuit: Circuit },
    #[error("{path} is no account of a verifying key", path = path.display())]
    NotAKeyAccount { path: PathBuf },
    #[error("{path} is no account as `solana account ADDRESS --output json` prints one: it has no {what}", path = path.display())]
    NotPrinted { path: PathBuf, what: &'static str },
    #[error("the account has {what} {found}, expected {expected}")]
    OtherAccount {
        what: &'static str,
        found: String,
        expected: String,
    },
    #[error("there is no key for {circuit}")]
    NoKey { circuit: Circuit },
}

/// A ceremony's files, all of them checked against each other and the circuit.
struct Ceremony {
    keys: Keys,
    r1cs_hash: [u8; 32],
    transcript_hash: [u8; 32],
    contributions: usize,
}

impl KeyCommand {
    pub fn run(self) -> Result<Value, Box<dyn Error>> {
        match self {
            Self::Transcript(transcript) => transcript.run(),
            Self::Import(import) => import.run(),
            Self::Verify(verify) => verify.run(),
            Self::Show(show) => show.run(),
        }
    }
}

impl TranscriptOf {
    fn run(self) -> Result<Value, Box<dyn Error>> {
        let (zkey, zkey_hash) = read_zkey(&self.zkey)?;
        let r1cs = self.circuit.r1cs();
        zkey.check(&r1cs)?;
        let powers_of_tau = PowersOfTau {
            source: self.source,
            sha256: hex::encode(Sha256::digest(read(&self.powers_of_tau)?)),
        };
        Ok(serde_json::to_value(Transcript::new(
            self.circuit,
            &r1cs_hash(&r1cs),
            &zkey,
            &zkey_hash,
            powers_of_tau,
            self.beacon_rule,
        ))?)
    }
}

impl CeremonyArguments {
    fn check(&self) -> Result<Ceremony, Box<dyn Error>> {
        let text = fs::read_to_string(&self.transcript).map_err(FileError::io(&self.transcript))?;
        let transcript: Transcript = parse_json(&self.transcript, &text)?;
        let (zkey, zkey_hash) = read_zkey(&self.zkey)?;
        let transcript_hash = Sha256::digest(&text).into();
        let r1cs_hash = r1cs_hash(&self.circuit.r1cs());
        // First, since the key takes long to check.
        transcript.require(self.circuit, &r1cs_hash, &zkey, &zkey_hash)?;
        let keys = Keys::import(&zkey, self.circuit, transcript_hash)?;
        Ok(Ceremony {
            keys,
            r1cs_hash,
            transcript_hash,
            contributions: transcript.contributions.len(),
        })
    }
}

impl Import {
    fn run(self) -> Result<Value, Box<dyn Error>> {
        let ceremony = self.ceremony.check()?;
        ceremony.prove_something()?;
        let mut told = ceremony.on_chain();
        told["file"] = json!(self.keys.store()?.store(&ceremony.keys)?);
        Ok(told)
    }
}

impl Verify {
    fn run(self) -> Result<Value, Box<dyn Error>> {
        let account = self.account.as_deref().map(read_account).transpose()?;
        let ceremony = self.ceremony.check()?;
        let mut checked = vec![
            "the .zkey has the circuit's constraints, its points are on their curves and in their \
             groups",
            "each contribution signs those before it, the last is a beacon's, delta is what it left",
            "the transcript is of this .zkey",
        ];
        if let Some(path) = &self.r1cs {
            let found: [u8; 32] = Sha256::digest(read(path)?).into();
            if found != ceremony.r1cs_hash {
                return Err(KeyError::OtherR1cs {
                    path: path.clone(),
                    circuit: self.ceremony.circuit,
                }
                .into());
            }
            checked.push("the .r1cs is this build's");
        }
        if let Some(account) = &account {
            ceremony.require_account(&account.key)?;
            checked.push("the account has the key, and names the transcript and the .r1cs");
            if account.is_placed {
                checked.push(
                    "the account is the oracle's, at the address of this circuit and version",
                );
            }
        }
        let mut told = ceremony.on_chain();
        if let Some(account) = &account {
            told["account"] = account.told();
        }
        ceremony.prove_something()?;
        checked.push("a proof made with the key verifies under it");
        told["checked"] = json!(checked);
        told["left_to_snarkjs"] = json!(
            "zkey verify: the points are of the powers of tau, each contribution has a secret of its \
             own, and that of the last is what the beacon's value gives"
        );
        Ok(told)
    }
}

impl Show {
    fn run(self) -> Result<Value, Box<dyn Error>> {
        let circuit = self.circuit;
        let keys = self.keys.store()?.load(circuit)?;
        let keys = keys.ok_or(KeyError::NoKey { circuit })?;
        Ok(on_chain(&keys))
    }
}

impl Ceremony {
    fn on_chain(&self) -> Value {
        let mut told = on_chain(&self.keys);
        told["contributions"] = json!(self.contributions);
        told
    }

    /// Makes a proof with the key and verifies it, as a prover would.
    fn prove_something(&self) -> Result<(), Box<dyn Error>> {
        let quorum = sample(self.keys.circuit)?;
        Prover::new(self.keys.clone()).prove(&quorum)?;
        Ok(())
    }

    fn require_account(&self, account: &oracle::VerifyingKey) -> Result<(), KeyError> {
        let circuit = self.keys.circuit;
        let aggregation = match circuit.aggregation() {
            Aggregation::Agreement => oracle::Aggregation::Agreement,
            Aggregation::Median => oracle::Aggregation::Median,
        };
        let key = self.keys.verifying_key;
        let expected_id = kind_of(account).map(|kind| circuit_id(circuit, kind));
        for (what, found, expected) in [
            (
                "circuit_id",
                account.circuit_id.to_string(),
                expected_id.map_or("a kind of feed".to_owned(), |id| id.to_string()),
            ),
            (
                "development",
                account.development.to_string(),
                "0".to_owned(),
            ),
            (
                "aggregation",
                account.aggregation.to_string(),
                (aggregation as u8).to_string(),
            ),
            (
                "slots",
                account.slots.to_string(),
                circuit.slots().to_string(),
            ),
            ("key", hex::encode(account.key), hex::encode(key.as_bytes())),
            (
                "transcript_hash",
                hex::encode(account.transcript_hash),
                hex::encode(self.transcript_hash),
            ),
            (
                "r1cs_hash",
                hex::encode(account.r1cs_hash),
                hex::encode(self.r1cs_hash),
            ),
        ] {
            if found != expected {
                return Err(KeyError::OtherAccount {
                    what,
                    found,
                    expected,
                });
            }
        }
        Ok(())
    }
}

fn on_chain(keys: &Keys) -> Value {
    let transcript_hash = keys.transcript_hash.unwrap_or_default();
    let r1cs_hash = match keys.is_dev() {
        true => [0; 32],
        false => r1cs_hash(&keys.r1cs),
    };
    json!({
        "circuit": keys.circuit.id(),
        "development": keys.is_dev(),
        "slots": keys.circuit.slots(),
        "transcript_hash": hex::encode(transcript_hash),
        "r1cs_hash": hex::encode(r1cs_hash),
        "key_hash": hex::encode(keys.verifying_key.hash()),
        "key": hex::encode(keys.verifying_key.as_bytes()),
    })
}

/// A quorum of providers made up for the purpose.
fn sample(circuit: Circuit) -> Result<Quorum, Box<dyn Error>> {
    let domain = Domain::new(&[0; 32], "sample");
    let (feed, at) = (Field::from(1u64), Millis::new(1)?);
    let observation = Observation::new(feed, at, Millis::default(), 1)?;
    let secrets: Vec<_> = (0..circuit.slots())
        .map(|_| SecretKey::generate())
        .collect();
    let providers = secrets.iter().map(|secret| Provider {
        name: String::new(),
        public_key: secret.public_key(),
    });
    let set = ProviderSet::new(circuit.slots() as u64, providers.collect())?;
    let attestations: Vec<_> = secrets
        .iter()
        .map(|secret| Attestation::sign(secret, domain, observation))
        .collect();
    let kind = FeedKind::Event;
    Ok(match circuit.aggregation() {
        Aggregation::Agreement => Quorum::new(&set, domain, kind, feed, at, &attestations, None)?,
        Aggregation::Median => {
            Quorum::median(&set, domain, kind, feed, at, &attestations, circuit.slots())?
        }
    })
}

fn read_zkey(path: &Path) -> Result<(Zkey, [u8; 32]), Box<dyn Error>> {
    let bytes = read(path)?;
    let zkey = Zkey::read(&bytes).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok((zkey, Sha256::digest(&bytes).into()))
}

/// A verifying key's account.
struct KeyAccount {
    key: oracle::VerifyingKey,
    /// Whether owner and address are known, and those that they should be.
    is_placed: bool,
}

impl KeyAccount {
    /// What of it is no part of the ceremony.
    fn told(&self) -> Value {
        let standing = &self.key.standing;
        json!({
            "circuit_id": self.key.circuit_id,
            "key_version": self.key.key_version,
            "feed_kind": kind_of(&self.key).map(|kind| kind.to_string()),
            "active_from": standing.active_from,
            "suspended": standing.suspended != 0,
            "retired": standing.retired != 0,
            "owner_and_address": match self.is_placed {
                true => "checked",
                false => "not checked: bytes alone do not say whose account they are, give what \
                          `solana account ADDRESS --output json` prints",
            },
        })
    }
}

/// What proofs under the key are about.
fn kind_of(key: &oracle::VerifyingKey) -> Option<FeedKind> {
    const EVENT: u8 = oracle::FeedKind::Event as u8;
    const TICK: u8 = oracle::FeedKind::Tick as u8;
    match key.feed_kind {
        EVENT => Some(FeedKind::Event),
        TICK => Some(FeedKind::Tick),
        _ => None,
    }
}

/// An account from its bytes, or from what the `solana` command prints: then it has to be the oracle's,
/// at the address of the circuit and version that it names.
fn read_account(path: &Path) -> Result<KeyAccount, Box<dyn Error>> {
    let bytes = read(path)?;
    let printed = serde_json::from_slice::<Value>(&bytes).ok();
    let of_key = |bytes: &[u8]| {
        decode::<oracle::VerifyingKey>(&oracle::ID, bytes).map_err(|_| KeyError::NotAKeyAccount {
            path: path.to_owned(),
        })
    };
    let Some(printed) = printed else {
        return Ok(KeyAccount {
            key: of_key(&bytes)?,
            is_placed: false,
        });
    };
    let text = |what: &'static str, value: &Value| {
        let text = value.as_str().map(ToOwned::to_owned);
        text.ok_or_else(|| KeyError::NotPrinted {
            path: path.to_owned(),
            what,
        })
    };
    let account = &printed["account"];
    let data = text("account.data", &account["data"][0])?;
    require(
        "owner",
        text("account.owner", &account["owner"])?,
        &oracle::ID,
    )?;
    let key = of_key(&BASE64_STANDARD.decode(data)?)?;
    let address = verifying_key(key.circuit_id, key.key_version);
    require("address", text("pubkey", &printed["pubkey"])?, &address)?;
    Ok(KeyAccount {
        key,
        is_placed: true,
    })
}

fn require(what: &'static str, found: String, expected: &Pubkey) -> Result<(), KeyError> {
    let expected = expected.to_string();
    match found == expected {
        true => Ok(()),
        false => Err(KeyError::OtherAccount {
            what,
            found,
            expected,
        }),
    }
}

fn read(path: &Path) -> Result<Vec<u8>, FileError> {
    fs::read(path).map_err(FileError::io(path))
}

#[cfg(test)]
mod tests {
    use anchor_lang::Discriminator;
    use circuits::{iden3::ZkeyError, small, KeysError};

    use super::*;
    use crate::commands::transcript::OtherCeremony;

    /// Of a key that is the transcript's all else is checked: this one is of a smaller circuit.
    #[test]
    fn key_is_imported_with_its_own_transcript_only() {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let arguments = CeremonyArguments {
            circuit: Circuit::Quorum3,
            zkey: directory.path().join("final.zkey"),
            transcript: directory.path().join("transcript.json"),
        };
        fs::write(&arguments.zkey, small::ZKEY).expect("writable");
        let (zkey, zkey_hash) = read_zkey(&arguments.zkey).expect("a key");
        let checked = |circuit: Circuit, zkey_hash: &[u8; 32]| {
            let powers_of_tau = PowersOfTau {
                source: String::new(),
                sha256: String::new(),
            };
            let hash = r1cs_hash(&circuit.r1cs());
            let rule = String::new();
            let made = Transcript::new(circuit, &hash, &zkey, zkey_hash, powers_of_tau, rule);
            let text = serde_json::to_vec(&made).expect("serializes");
            fs::write(&arguments.transcript, text).expect("writable");
            arguments.check().err().expect("it is refused")
        };
        for (circuit, zkey_hash, what) in [
            (Circuit::Quorum6, &zkey_hash, "circuit"),
            (Circuit::Median3, &zkey_hash, "circuit"),
            (Circuit::Quorum3, &[0; 32], "zkey_sha256"),
        ] {
            let refused = checked(circuit, zkey_hash);
            let refused = refused.downcast::<OtherCeremony>().expect("another");
            let said = format!("the transcript has {what} ");
            assert!(refused.to_string().starts_with(&said), "{refused}");
        }
        let refused = checked(Circuit::Quorum3, &zkey_hash).downcast();
        assert!(matches!(
            refused.map(|error| *error),
            Ok(KeysError::Zkey(ZkeyError::OtherSize { .. }))
        ));
    }

    /// As the `solana` command prints the account of circuit and version 0.
    fn printed(bytes: &[u8]) -> Value {
        json!({
            "pubkey": verifying_key(0, 0).to_string(),
            "account": {
                "lamports": 1,
                "data": [BASE64_STANDARD.encode(bytes), "base64"],
                "owner": oracle::ID.to_string(),
            },
        })
    }

    fn account(key: &oracle::VerifyingKey) -> Vec<u8> {
        let mut bytes = oracle::VerifyingKey::DISCRIMINATOR.to_vec();
        bytes.extend_from_slice(bytemuck::bytes_of(key));
        bytes
    }

    #[test]
    fn transcript_that_says_something_twice_or_more_is_refused() {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let arguments = CeremonyArguments {
            circuit: Circuit::Quorum3,
            zkey: directory.path().join("final.zkey"),
            transcript: directory.path().join("transcript.json"),
        };
        let text = include_str!("../../tests/corpus/transcript.json").trim_end();
        let (start, inner) = text
            .split_once("\"powers_of_tau\": {")
            .expect("a transcript");
        let rest = text.strip_prefix('{').expect("an object");
        for (text, expected) in [
            (
                format!("{{ \"circuit\": \"quorum-6\",{rest}"),
                "duplicate field `circuit`",
            ),
            (
                format!("{start}\"powers_of_tau\": {{ \"source\": \"\",{inner}"),
                "duplicate field `source`",
            ),
            (format!("{text} {{}}"), "trailing characters"),
            (format!("{{ \"more\": 1,{rest}"), "unknown field `more`"),
        ] {
            fs::write(&arguments.transcript, text).expect("writable");
            let refused = arguments.check().err().expect("it is refused").to_string();
            assert!(refused.contains(expected), "{refused}");
        }
    }

    #[test]
    fn account_of_another_owner_or_address_is_refused() {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let path = directory.path().join("account.json");
        let bytes = account(&bytemuck::Zeroable::zeroed());
        let read = |contents: &Value| {
            fs::write(&path, contents.to_string()).expect("writable");
            read_account(&path).map(|account| account.is_placed)
        };
        assert!(read(&printed(&bytes)).expect("the oracle's"));
        let other = Pubkey::new_unique().to_string();
        type Change = fn(&mut Value, Value);
        let changes: [(&str, Change); 3] = [
            ("owner", |json, other| json["account"]["owner"] = other),
            ("address", |json, other| json["pubkey"] = other),
            ("address", |json, _| {
                json["pubkey"] = json!(verifying_key(0, 1).to_string())
            }),
        ];
        for (what, change) in changes {
            let mut json = printed(&bytes);
            change(&mut json, json!(other));
            let refused = read(&json).expect_err("another's").to_string();
            let said = format!("the account has {what} ");
            assert!(refused.starts_with(&said), "{refused}");
        }
        for (what, json) in [
            ("account.owner", json!({ "account": { "data": [""] } })),
            ("account.data", json!({ "account": {} })),
        ] {
            let refused = read(&json).expect_err("half an account").to_string();
            assert!(refused.ends_with(&format!("it has no {what}")), "{refused}");
        }
    }

    #[test]
    fn account_in_bytes_is_not_said_to_be_the_oracles() {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let path = directory.path().join("account");
        let mut key: oracle::VerifyingKey = bytemuck::Zeroable::zeroed();
        (key.feed_kind, key.key_version) = (1, 2);
        (key.standing.active_from, key.standing.retired) = (3, 1);
        fs::write(&path, account(&key)).expect("writable");
        let told = read_account(&path).expect("an account").told();
        let checked = told["owner_and_address"].as_str().expect("a text");
        assert!(checked.starts_with("not checked: "), "{checked}");
        assert_eq!(told["feed_kind"], "tick");
        assert_eq!(told["key_version"], 2);
        assert_eq!(told["active_from"], 3);
        assert_eq!(
            (&told["suspended"], &told["retired"]),
            (&json!(false), &json!(true))
        );
    }

    #[test]
    fn account_of_another_length_is_refused() {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let path = directory.path().join("account");
        let whole = 8 + size_of::<oracle::VerifyingKey>();
        for len in [0, 7, 8, whole - 1, whole, whole + 1] {
            let mut bytes = oracle::VerifyingKey::DISCRIMINATOR.to_vec();
            bytes.resize(len, 0);
            for contents in [bytes.clone(), printed(&bytes).to_string().into_bytes()] {
                fs::write(&path, contents).expect("writable");
                assert_eq!(read_account(&path).is_ok(), len == whole, "{len}");
            }
        }
    }
}
