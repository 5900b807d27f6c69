//! `strobe verify`: a proof in Strobe's own file.

use std::{error::Error, path::PathBuf};

use attestation::{format_field, FeedKind, Field, Millis, ProviderSet, Statement};
use circuits::Circuit;
use clap::Args;
use groth16::VerifyingKey;
use serde_json::{json, Value};
use thiserror::Error;

use super::{
    arguments::{field, millis, KeysArguments, KindName},
    files::read_json,
    proof_file::{KeyFile, ProofFile, PROOF_FILE},
};

#[derive(Args)]
pub struct Verify {
    /// The proof's file, or the directory `strobe prove` wrote it to.
    #[arg(value_name = "FILE")]
    proof: PathBuf,
    /// File of a verifying key you trust; by default the one in the keys' directory. If the key is in
    /// that directory too, the two must agree about its circuit and whether it is for development;
    /// if not, the result has that as what the key's file says.
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
    /// Require the proof to be about a feed of this kind.
    #[arg(long, value_enum)]
    kind: Option<KindName>,
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
    #[error("the proof is about {what} {found}, required is {required}")]
    Other {
        what: &'static str,
        found: String,
        required: String,
    },
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
        self.require(&statement, set.as_ref())?;

        let trusted = self.trusted_key(file.circuit)?;
        file.require_key(&trusted.key, trusted.circuit)?;
        groth16::verify(&trusted.key, &file.proof, &statement.public_input())?;
        let mut verified = json!({
            "valid": true,
            "statement": file.statement,
            "public_input": format_field(&file.public_input),
        });
        let about_key = json!({
            "circuit": trusted.circuit.id(),
            "development_keys": trusted.is_development,
        });
        if trusted.is_known {
            merge(&mut verified, about_key);
        } else {
            verified["key_file_says"] = about_key;
        }
        Ok(verified)
    }

    /// # Errors
    /// [`MismatchError::Other`] if the proof is about something else than the arguments say.
    fn require(&self, found: &Statement, set: Option<&ProviderSet>) -> Result<(), MismatchError> {
        let of_set = |root, threshold| format!("of root {root} and threshold {threshold}");
        let required = set.map(|set| of_set(set.root(), set.threshold()));
        let found_set = of_set(found.root, found.threshold);
        compare("the provider set", &found_set, required.as_ref())?;
        compare("domain", &found.domain.0, self.domain.as_ref())?;
        compare("feed", &found.feed_id, self.feed.as_ref())?;
        let kind = self.kind.map(FeedKind::from);
        compare("a feed of kind", &found.kind, kind.as_ref())?;
        compare("the tick at", &found.time, self.at.as_ref())?;
        compare("value", &found.value, self.value.as_ref())
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
            is_development: keys.is_dev(),
            is_known: true,
        })
    }
}

fn compare<T: PartialEq + ToString>(
    what: &'static str,
    found: &T,
    required: Option<&T>,
) -> Result<(), MismatchError> {
    match required {
        Some(required) if required != found => Err(MismatchError::Other {
            what,
            found: found.to_string(),
            required: required.to_string(),
        }),
        _ => Ok(()),
    }
}

/// Adds the fields of one object to another.
fn merge(into: &mut Value, from: Value) {
    if let (Value::Object(into), Value::Object(from)) = (into, from) {
        into.extend(from);
    }
}
