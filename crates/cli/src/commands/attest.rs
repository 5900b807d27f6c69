//! `strobe attest`: what a provider does.

mod key_file;
mod sign;

use std::{
    error::Error,
    path::{Path, PathBuf},
};

use attestation::{
    decimal_field, format_field, Attestation, Domain, Field, Millis, SignatureError,
};
use clap::{Args, Subcommand};
use result_tree::{FeedResult, ResultTree};
use serde::Deserialize;
use serde_json::{json, Value};
use thiserror::Error;

pub use self::key_file::{KeyFile, KeyFileError};
use self::sign::{Keygen, MedianFeed, Sign, SignMedian};
use super::{
    arguments::{DomainArguments, TimeArguments, TimeRefused},
    files::{deserialize, read_json, FileError},
};

#[derive(Subcommand)]
pub enum Attest {
    /// Prints the domain of a deployment.
    Domain(DomainArguments),
    /// Makes a provider's key and writes it to a new file, encrypted and readable by its owner only, and
    /// begins the record of what it signs.
    Keygen(Keygen),
    /// Signs an observation of an event or a tick, unless it contradicts what the key signed before.
    Sign(Sign),
    /// Signs the median of a window of prices, for markets on a price.
    SignMedian(SignMedian),
    /// Prints the feed of medians of a price.
    MedianFeed(MedianFeed),
    /// Makes a tree of many results: the root to sign, and the path of each result.
    Root(RootOf),
    /// Verifies the signatures of attestations.
    Verify(Verify),
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
            Self::SignMedian(sign) => sign.run(),
            Self::MedianFeed(feed) => Ok(feed.run()),
            Self::Root(root) => root.run(),
            Self::Verify(verify) => verify.run(),
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
