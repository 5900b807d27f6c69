//! Proofs and verifying keys in Strobe's own files.

use attestation::{
    format_field, parse_field, DecimalError, Domain, Field, Millis, ObservationError, Statement,
    ValueError,
};
use groth16::{Proof, VerifyingKey};
use prover::{Provenance, Prover};
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Name of the proof in its directory.
pub const PROOF_FILE: &str = "strobe-proof.json";
/// Name of the verifying key beside it.
pub const KEY_FILE: &str = "strobe-verifying-key.json";

/// A proof and what it is about; numbers are decimal strings, bytes hexadecimal.
#[derive(Serialize, Deserialize)]
pub struct ProofFile {
    pub circuit: String,
    /// SHA-256 of the verifying key.
    pub verifying_key_hash: String,
    pub statement: StatementParts,
    pub public_input: String,
    /// `−A ‖ B ‖ C`, big-endian, as the oracle program takes it.
    #[serde(with = "hex::serde")]
    pub proof: Proof,
}

/// A statement in JSON.
#[derive(Serialize, Deserialize)]
pub struct StatementParts {
    pub domain: String,
    pub root: String,
    pub threshold: u8,
    pub feed_id: String,
    pub at: String,
    pub value: String,
}

/// A verifying key; bytes are hexadecimal.
#[derive(Serialize, Deserialize)]
pub struct KeyFile {
    pub circuit: String,
    /// Made by one party, who could have kept the trapdoor.
    pub development: bool,
    pub hash: String,
    /// `alpha ‖ beta ‖ gamma ‖ delta ‖ IC`, as the oracle program takes it.
    #[serde(with = "hex::serde")]
    pub key: Vec<u8>,
}

/// Why a proof file is none.
#[derive(Debug, Error)]
pub enum ProofFileError {
    #[error("{name} of the proof file: {source}")]
    Decimal {
        name: &'static str,
        source: DecimalError,
    },
    #[error("{name} of the proof file is not an integer of its range")]
    NotAnInteger { name: &'static str },
    #[error("value of the proof file: {0}")]
    Value(#[from] ValueError),
    #[error("time of the proof file: {0}")]
    Time(#[from] ObservationError),
    #[error("public input of the proof file is not the hash of its statement")]
    OtherPublicInput,
    #[error("proof file is for the verifying key {expected}, the one given is {found}")]
    OtherVerifyingKey { expected: String, found: String },
}

impl ProofFile {
    pub fn new(prover: &Prover, made: &Provenance) -> Self {
        let statement = &made.statement;
        Self {
            circuit: prover.circuit().to_string(),
            verifying_key_hash: hex::encode(prover.verifying_key().hash()),
            statement: StatementParts {
                domain: format_field(&statement.domain.0),
                root: format_field(&statement.root),
                threshold: statement.threshold,
                feed_id: format_field(&statement.feed_id),
                at: statement.time.get().to_string(),
                value: statement.value.to_string(),
            },
            public_input: format_field(&statement.hash()),
            proof: made.proof,
        }
    }

    /// The statement, whose hash is the public input.
    ///
    /// # Errors
    /// One variant of [`ProofFileError`] a cause.
    pub fn statement(&self) -> Result<Statement, ProofFileError> {
        let parts = &self.statement;
        let integer = |name| move |_| ProofFileError::NotAnInteger { name };
        let statement = Statement {
            domain: Domain(field("domain", &parts.domain)?),
            root: field("root", &parts.root)?,
            threshold: parts.threshold,
            feed_id: field("feed_id", &parts.feed_id)?,
            time: Millis::new(parts.at.parse().map_err(integer("at"))?)?,
            value: parts.value.parse()?,
        };
        if field("public_input", &self.public_input)? != statement.hash() {
            return Err(ProofFileError::OtherPublicInput);
        }
        Ok(statement)
    }

    /// # Errors
    /// [`ProofFileError::OtherVerifyingKey`].
    pub fn require_key(&self, key: &VerifyingKey) -> Result<(), ProofFileError> {
        let found = hex::encode(key.hash());
        if found != self.verifying_key_hash {
            let expected = self.verifying_key_hash.clone();
            return Err(ProofFileError::OtherVerifyingKey { expected, found });
        }
        Ok(())
    }
}

impl KeyFile {
    pub fn new(prover: &Prover) -> Self {
        let key = prover.verifying_key();
        Self {
            circuit: prover.circuit().to_string(),
            development: prover.is_dev(),
            hash: hex::encode(key.hash()),
            key: key.as_bytes().to_vec(),
        }
    }
}

fn field(name: &'static str, text: &str) -> Result<Field, ProofFileError> {
    parse_field(text).map_err(|source| ProofFileError::Decimal { name, source })
}
