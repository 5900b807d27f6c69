//! `strobe attest`: what a provider does.

use std::{error::Error, path::PathBuf};

use attestation::{
    format_field, Attestation, Field, Millis, Observation, PublicKey, SecretKey, SignatureError,
};
use clap::{Args, Subcommand};
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
