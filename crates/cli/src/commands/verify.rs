//! `strobe verify`: a proof in Strobe's own file.

use std::{error::Error, path::PathBuf};

use attestation::{Domain, Field, Millis, ProviderSet};
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
    /// File of a verifying key you trust; by default the one in the keys' directory.
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

impl Verify {
    pub fn run(self) -> Result<Value, Box<dyn Error>> {
        let path = if self.proof.is_dir() {
            self.proof.join(PROOF_FILE)
        } else {
            self.proof.clone()
        };
        let file: ProofFile = read_json(&path)?;
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

        let (key, is_development) = self.verifying_key(file.circuit.parse()?)?;
        file.require_key(&key)?;
        groth16::verify(&key, &file.proof, &statement.public_input())?;
        Ok(json!({
            "valid": true,
            "circuit": file.circuit,
            "development_keys": is_development,
            "statement": file.statement,
            "public_input": file.public_input,
        }))
    }

    /// The key to verify with, and whether it is for development only.
    fn verifying_key(&self, circuit: Circuit) -> Result<(VerifyingKey, bool), Box<dyn Error>> {
        if let Some(path) = &self.verifying_key {
            let file: KeyFile = read_json(path)?;
            let key = VerifyingKey::from_bytes(&file.key)?;
            key.check()?;
            return Ok((key, file.development));
        }
        let keys = self
            .keys
            .store()?
            .load(circuit)?
            .ok_or(MismatchError::NoKey { circuit })?;
        Ok((keys.verifying_key, keys.is_dev))
    }
}
