//! `strobe attest`: what a provider does.

use std::{
    error::Error,
    path::{Path, PathBuf},
};

use attestation::{
    decimal_field, format_field, Attestation, Domain, Field, Millis, Observation, PublicKey,
    SecretKey, SignatureError,
};
use clap::{error::ErrorKind, Args, Subcommand};
use result_tree::{FeedResult, ResultTree};
use serde::{Deserialize, Serialize};
use serde_json::{json, Value};
use thiserror::Error;

use super::{
    arguments::{field, millis, DomainArguments, KindName, TimeArguments, TimeRefused},
    files::{deserialize, read_json, read_secret_json, write_secret_json, FileError},
};

#[derive(Subcommand)]
pub enum Attest {
    /// Prints the domain of a deployment.
    Domain(DomainArguments),
    /// Makes a provider's key and writes it to a new file, readable by its owner only.
    Keygen(Keygen),
    /// Signs an observation of an event or a tick.
    Sign(Sign),
    /// Makes a tree of many results: the root to sign, and the path of each result.
    Root(RootOf),
    /// Verifies the signatures of attestations.
    Verify(Verify),
}

#[derive(Args)]
pub struct Keygen {
    /// File to write the key to.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

#[derive(Args)]
pub struct Sign {
    /// File with the provider's key.
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// Feed, a field element.
    #[arg(long, visible_alias = "feed-id", value_parser = field)]
    feed: Field,
    /// When the value was observed, unix milliseconds.
    #[arg(long, value_parser = millis)]
    observed_at: Millis,
    /// Whether the feed says one thing once or goes on, like a price. A tick signed as an event would let
    /// a prover choose among all ticks of the feed.
    #[arg(long, value_enum)]
    kind: KindName,
    /// Of a tick: when the provider's previous observation of the feed was; of its first one, since
    /// when it watches. It keeps a prover from choosing among ticks, so it must be true.
    #[arg(long, value_parser = millis)]
    #[arg(required_if_eq_any([("kind", "tick"), ("kind", "price")]))]
    prev_at: Option<Millis>,
    /// What was observed: an integer, or root: and the hash of a tree of results.
    #[arg(long, allow_negative_numbers = true)]
    value: attestation::Value,
    #[command(flatten)]
    times: TimeArguments,
    #[command(flatten)]
    domain: DomainArguments,
}

#[derive(Args)]
pub struct RootOf {
    /// Array of results, {feed_id, at, value}, in the order of the tree; standard input by default.
    #[arg(value_name = "FILE", default_value = "-")]
    results: PathBuf,
    #[command(flatten)]
    times: TimeArguments,
    #[command(flatten)]
    domain: DomainArguments,
}

#[derive(Args)]
pub struct Verify {
    /// An attestation or an array of them; standard input by default.
    #[arg(value_name = "FILE", default_value = "-")]
    attestations: PathBuf,
    #[command(flatten)]
    times: TimeArguments,
    #[command(flatten)]
    domain: DomainArguments,
}

/// A provider's key file.
#[derive(Serialize, Deserialize)]
pub struct KeyFile {
    /// 32 bytes, hexadecimal.
    #[serde(with = "hex::serde")]
    pub secret_key: [u8; 32],
    pub public_key: PublicKey,
}

/// A result in JSON; numbers are decimal strings, time and value may be numbers.
#[derive(Deserialize)]
struct ResultParts {
    #[serde(with = "decimal_field")]
    feed_id: Field,
    at: Millis,
    value: attestation::Value,
}

impl ResultParts {
    fn result(&self, times: &TimeArguments) -> Result<FeedResult, Box<dyn Error>> {
        if self.at == Millis::default() {
            return Err("at is 0, expected a time after it: the chain takes no other".into());
        }
        times.check("at", self.at)?;
        let value = self.value.number();
        Ok(FeedResult {
            feed_id: Domain(self.feed_id).to_bytes(),
            time: self.at.get(),
            value: value.ok_or("value is a root, expected a number")?,
        })
    }
}

#[derive(Debug, Error)]
enum AttestError {
    #[error("{path} holds a secret key and another one's public key", path = path.display())]
    KeysDoNotMatch { path: PathBuf },
    #[error("attestation {place}: {source}")]
    Signature {
        place: usize,
        source: SignatureError,
    },
    #[error("attestation {place}: {source}")]
    Time { place: usize, source: TimeRefused },
    #[error("there are no attestations in {path}", path = path.display())]
    NoAttestations { path: PathBuf },
}

impl Attest {
    pub fn run(self) -> Result<Value, Box<dyn Error>> {
        match self {
            Self::Domain(domain) => Ok(json!({ "domain": format_field(&domain.domain().0) })),
            Self::Keygen(keygen) => keygen.run(),
            Self::Sign(sign) => sign.run(),
            Self::Root(root) => root.run(),
            Self::Verify(verify) => verify.run(),
        }
    }
}

impl Keygen {
    fn run(self) -> Result<Value, Box<dyn Error>> {
        let secret = SecretKey::generate();
        let public_key = secret.public_key();
        write_secret_json(
            &self.out,
            &KeyFile {
                secret_key: *secret.expose(),
                public_key,
            },
        )?;
        Ok(json!({ "public_key": public_key, "file": self.out }))
    }
}

impl Sign {
    fn run(self) -> Result<Value, Box<dyn Error>> {
        let file: KeyFile = read_secret_json(&self.key)?;
        let secret = SecretKey::from_bytes(file.secret_key);
        if secret.public_key() != file.public_key {
            return Err(AttestError::KeysDoNotMatch { path: self.key }.into());
        }
        let prev_at = self.prev_at()?;
        let observation = Observation::new(self.feed, self.observed_at, prev_at, self.value)?;
        self.times.check_observation(&observation)?;
        let attestation = Attestation::sign(&secret, self.domain.domain(), observation);
        Ok(serde_json::to_value(attestation)?)
    }

    /// An event has no observation before it, a tick has one.
    fn prev_at(&self) -> Result<Millis, clap::Error> {
        let zero = Millis::default();
        let wrong = |kind, message| Err(clap::Error::raw(kind, format!("{message}\n")));
        match (self.kind, self.prev_at) {
            (KindName::Event, None) => Ok(zero),
            (KindName::Event, Some(_)) => wrong(
                ErrorKind::ArgumentConflict,
                "--prev-at is of ticks: an event has no observation before it",
            ),
            (KindName::Tick, Some(prev_at)) if prev_at > zero => Ok(prev_at),
            (KindName::Tick, _) => wrong(
                ErrorKind::ValueValidation,
                "--prev-at of a tick is a time after 0: of the first tick, since when the provider \
                 watches the feed",
            ),
        }
    }
}

impl RootOf {
    fn run(self) -> Result<Value, Box<dyn Error>> {
        let parts: Vec<ResultParts> = read_json(&self.results)?;
        let results = parts
            .iter()
            .enumerate()
            .map(|(place, parts)| {
                let result = parts.result(&self.times);
                result.map_err(|error| format!("result {place}: {error}").into())
            })
            .collect::<Result<Vec<_>, Box<dyn Error>>>()?;
        let tree = ResultTree::new(&self.domain.domain().to_bytes(), &results)?;
        let paths = (0..tree.leaves()).filter_map(|index| tree.path(index));
        Ok(json!({
            "value": attestation::Value::from(tree.root()),
            "leaves": tree.leaves(),
            "top": hex::encode(tree.top()),
            "paths": paths.map(hex::encode).collect::<Vec<_>>(),
        }))
    }
}

impl Verify {
    fn run(self) -> Result<Value, Box<dyn Error>> {
        let path = &self.attestations;
        let attestations = read_attestations(path)?;
        let attestations = attestations.into_iter().collect::<Result<Vec<_>, _>>()?;
        if attestations.is_empty() {
            return Err(AttestError::NoAttestations { path: path.clone() }.into());
        }
        for (place, attestation) in attestations.iter().enumerate() {
            let is_plausible = self.times.check_observation(&attestation.observation);
            is_plausible.map_err(|source| AttestError::Time { place, source })?;
            attestation
                .verify(self.domain.domain())
                .map_err(|source| AttestError::Signature { place, source })?;
        }
        Ok(json!({ "valid": attestations.len() }))
    }
}

/// The attestations of a file, which holds one or an array of them, each read by itself.
///
/// # Errors
/// What is wrong with the file.
pub fn read_attestations(path: &Path) -> Result<Vec<Result<Attestation, FileError>>, FileError> {
    // Not an untagged enum, whose errors do not say what is wrong with which attestation.
    let values = match read_json(path)? {
        Value::Array(values) => values,
        value => vec![value],
    };
    let read =
        |(place, value): (usize, Value)| deserialize(path, &format!("attestation {place}"), value);
    Ok(values.into_iter().enumerate().map(read).collect())
}
