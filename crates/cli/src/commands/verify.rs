//! `strobe verify`: a proof in Strobe's own file.

use std::{error::Error, path::PathBuf};

use attestation::{format_field, Domain, Field, Millis, ProviderSet};
use circuits::Circuit;
use clap::Args;
use groth16::VerifyingKey;
use serde_json::{json, Value};
use thiserror::Error;

use super::{
    arguments::{field, millis, KeysArguments},
    files::read_json,
    proof_file::{KeyFile, ProofFile, PROOF_FILE},
};

#[derive(Args)]
pub struct Verify {
    /// The proof's file, or the directory `strobe prove` wrote it to.
    #[arg(value_name = "FILE")]
    proof: PathBuf,
    /// File of a verifying key you trust; by default the one in the keys' directory. If the key is in
    /// that directory too ("key_known"), what the file says of its circuit and of development must
    /// agree; if not, it is the file's word.
    #[arg(long, value_name = "FILE")]
    verifying_key: Option<PathBuf>,
    /// Require the proof to be about this provider set.
    #[arg(long, value_name = "FILE")]
    providers: Option<PathBuf>,
    /// Require the proof to be about this domain.
    #[arg(long, value_parser = field)]
    domain: Option<Field>,
    /// Require the proof to be about this feed.
    #[arg(long, visible_alias = "feed-id", value_parser = field)]
    feed: Option<Field>,
    /// Require the proof to be about the tick at this time, unix milliseconds.
    #[arg(long, value_name = "T", value_parser = millis)]
    at: Option<Millis>,
    /// Require the proof to be about this value.
    #[arg(long, allow_negative_numbers = true)]
    value: Option<attestation::Value>,
    #[command(flatten)]
    keys: KeysArguments,
}

#[derive(Debug, Error)]
enum MismatchError {
    #[error("the proof is about another {0} than the one required")]
    Other(&'static str),
    #[error("there is no key for {circuit}: name a verifying key with --verifying-key")]
    NoKey { circuit: Circuit },
}

/// The key to verify with.
struct TrustedKey {
    key: VerifyingKey,
    circuit: Circuit,
    /// Made by one party, who could have kept the trapdoor.
    is_development: bool,
    /// Whether the keys' directory has it. If not, circuit and development are the word of its file.
    is_known: bool,
}

impl Verify {
    pub fn run(self) -> Result<Value, Box<dyn Error>> {
        let path = if self.proof.is_dir() {
            self.proof.join(PROOF_FILE)
        } else {
            self.proof.clone()
        };
        let file = ProofFile::read(&path)?;
        let statement = file.statement()?;

        let set: Option<ProviderSet> = self.providers.as_deref().map(read_json).transpose()?;
        let expectations = [
            (
                "provider set",
                set.is_none_or(|set| {
                    set.root() == statement.root && set.threshold() == statement.threshold
                }),
            ),
            (
                "domain",
                self.domain
                    .is_none_or(|domain| Domain(domain) == statement.domain),
            ),
            (
                "feed",
                self.feed.is_none_or(|feed| feed == statement.feed_id),
            ),
            ("time", self.at.is_none_or(|at| at == statement.time)),
            (
                "value",
                self.value.is_none_or(|value| value == statement.value),
            ),
        ];
        if let Some((what, _)) = expectations.into_iter().find(|(_, is_met)| !is_met) {
            return Err(MismatchError::Other(what).into());
        }

        let trusted = self.trusted_key(file.circuit)?;
        file.require_key(&trusted.key, trusted.circuit)?;
        groth16::verify(&trusted.key, &file.proof, &statement.public_input())?;
        Ok(json!({
            "valid": true,
            "circuit": trusted.circuit.id(),
            "development_keys": trusted.is_development,
            "key_known": trusted.is_known,
            "statement": file.statement,
            "public_input": format_field(&file.public_input),
        }))
    }

    /// # Errors
    /// If there is no key, or its file does not hold what it says.
    fn trusted_key(&self, circuit: Circuit) -> Result<TrustedKey, Box<dyn Error>> {
        let store = self.keys.store()?;
        if let Some(path) = &self.verifying_key {
            let file = KeyFile::read(path)?;
            let (key, is_known) = file.key(path, &store)?;
            return Ok(TrustedKey {
                key,
                circuit: file.circuit,
                is_development: file.development,
                is_known,
            });
        }
        let keys = store
            .load(circuit)?
            .ok_or(MismatchError::NoKey { circuit })?;
        Ok(TrustedKey {
            key: keys.verifying_key,
            circuit,
            is_development: keys.is_dev,
            is_known: true,
        })
    }
}
