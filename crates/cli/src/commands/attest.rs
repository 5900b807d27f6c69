//! `strobe attest`: what a provider does.

use std::{error::Error, path::PathBuf};

use attestation::{
    format_field, parse_field, Attestation, Domain, Field, Millis, Observation, PublicKey,
    SecretKey, SignatureError,
};
use clap::{Args, Subcommand};
use result_tree::{FeedResult, ResultTree};
use serde::{Deserialize, Serialize};
use serde_json::{json, Value};
use thiserror::Error;

use super::{
    arguments::{field, millis, DomainArguments},
    files::{read_json, read_secret_json, write_secret_json},
};

#[derive(Subcommand)]
pub enum Attest {
    /// Prints the domain of a deployment.
    Domain(DomainArguments),
    /// Makes a provider's key and writes it to a new file, readable by its owner only.
    Keygen(Keygen),
    /// Signs an observation.
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
    /// When the provider's previous observation of the feed was, 0 for the first.
    #[arg(long, value_parser = millis, default_value = "0")]
    prev_at: Millis,
    /// What was observed: an integer, or root: and the hash of a tree of results.
    #[arg(long, allow_negative_numbers = true)]
    value: attestation::Value,
    #[command(flatten)]
    domain: DomainArguments,
}

#[derive(Args)]
pub struct RootOf {
    /// Array of results, {feed_id, at, value}, in the order of the tree; standard input by default.
    #[arg(value_name = "FILE", default_value = "-")]
    results: PathBuf,
    #[command(flatten)]
    domain: DomainArguments,
}

#[derive(Args)]
pub struct Verify {
    /// An attestation or an array of them; standard input by default.
    #[arg(value_name = "FILE", default_value = "-")]
    attestations: PathBuf,
    #[command(flatten)]
    domain: DomainArguments,
}

/// A provider's key file.
#[derive(Serialize, Deserialize)]
struct KeyFile {
    /// 32 bytes, hexadecimal.
    #[serde(with = "hex::serde")]
    secret_key: [u8; 32],
    public_key: PublicKey,
}

/// A result in JSON; numbers are decimal strings, or numbers where they are small.
#[derive(Deserialize)]
struct ResultParts {
    feed_id: String,
    at: NumberOrText,
    value: attestation::Value,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum NumberOrText {
    Number(u64),
    Text(String),
}

impl ResultParts {
    fn result(&self) -> Result<FeedResult, Box<dyn Error>> {
        let feed = parse_field::<Field>(&self.feed_id)?;
        let time = match &self.at {
            NumberOrText::Number(millis) => *millis,
            NumberOrText::Text(text) => text.parse()?,
        };
        let value = self.value.number();
        Ok(FeedResult {
            feed_id: Domain(feed).to_bytes(),
            time: Millis::new(time)?.get(),
            value: value.ok_or("a result is a number, not a root")?,
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
        let observation = Observation::new(self.feed, self.observed_at, self.prev_at, self.value)?;
        let attestation = Attestation::sign(&secret, self.domain.domain(), observation);
        Ok(serde_json::to_value(attestation)?)
    }
}

impl RootOf {
    fn run(self) -> Result<Value, Box<dyn Error>> {
        let parts: Vec<ResultParts> = read_json(&self.results)?;
        let results = parts
            .iter()
            .enumerate()
            .map(|(place, parts)| {
                let result = parts.result();
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
        let attestations = read_attestations(&self.attestations)?;
        for (place, attestation) in attestations.iter().enumerate() {
            attestation
                .verify(self.domain.domain())
                .map_err(|source| AttestError::Signature { place, source })?;
        }
        Ok(json!({ "valid": attestations.len() }))
    }
}

/// One attestation or an array of them.
///
/// # Errors
/// What is wrong with the file.
pub fn read_attestations(path: &std::path::Path) -> Result<Vec<Attestation>, Box<dyn Error>> {
    // Not an untagged enum, whose errors do not say what is wrong with which attestation.
    let values = match read_json(path)? {
        Value::Array(values) => values,
        value => vec![value],
    };
    values
        .into_iter()
        .enumerate()
        .map(|(place, value)| {
            serde_json::from_value(value).map_err(|error| {
                format!(
                    "{path}: attestation {place}: {error}",
                    path = path.display()
                )
                .into()
            })
        })
        .collect()
}
