//! Proofs and verifying keys in Strobe's own files.

use std::{
    error::Error,
    path::{Path, PathBuf},
};

use attestation::{decimal_field, Domain, FeedKind, Field, Millis, Statement, Value};
use circuits::{Circuit, KeyStore};
use groth16::{Proof, VerifyingKey};
use prover::{Provenance, Prover};
use serde::{de::DeserializeOwned, Deserialize, Serialize};
use thiserror::Error;

use super::files::{deserialize, read_json};

/// Name of the proof in its directory.
pub const PROOF_FILE: &str = "strobe-proof.json";
/// Name of the verifying key beside it.
pub const KEY_FILE: &str = "strobe-verifying-key.json";

/// A proof and what it is about; numbers are decimal strings, bytes hexadecimal.
#[derive(Serialize, Deserialize)]
pub struct ProofFile {
    #[serde(with = "circuit_id")]
    pub circuit: Circuit,
    /// SHA-256 of the verifying key.
    pub verifying_key_hash: String,
    pub statement: StatementParts,
    #[serde(with = "decimal_field")]
    pub public_input: Field,
    /// `−A ‖ B ‖ C`, big-endian, as the oracle program takes it.
    #[serde(with = "hex::serde")]
    pub proof: Proof,
}

/// A statement in JSON.
#[derive(Serialize, Deserialize)]
pub struct StatementParts {
    #[serde(with = "decimal_field")]
    pub domain: Field,
    #[serde(with = "decimal_field")]
    pub root: Field,
    pub threshold: u8,
    pub kind: FeedKind,
    #[serde(with = "decimal_field")]
    pub feed_id: Field,
    pub at: Millis,
    pub value: Value,
}

/// A verifying key; bytes are hexadecimal.
#[derive(Serialize, Deserialize)]
pub struct KeyFile {
    #[serde(with = "circuit_id")]
    pub circuit: Circuit,
    /// Made by one party, who could have kept the trapdoor.
    pub development: bool,
    pub hash: String,
    /// `alpha ‖ beta ‖ gamma ‖ delta ‖ IC`, as the oracle program takes it.
    #[serde(with = "hex::serde")]
    pub key: Vec<u8>,
}

/// Why a file does not hold what it says.
#[derive(Debug, Error)]
pub enum ProofFileError {
    #[error("public input of the proof file is not the hash of its statement")]
    PublicInputMismatch,
    #[error("proof file is for the verifying key {expected}, the one given is {found}")]
    OtherVerifyingKey { expected: String, found: String },
    #[error("proof file says it is of {said}, but its verifying key is of {found}")]
    OtherCircuit { said: Circuit, found: Circuit },
    #[error("{path} says that its key has the hash {said}, but it has {found}", path = path.display())]
    OtherHash {
        path: PathBuf,
        said: String,
        found: String,
    },
    #[error(
        "{path} says that its key is of {said}, but the keys' directory has it as one of {found}",
        path = path.display()
    )]
    OtherCircuitOfKey {
        path: PathBuf,
        said: Circuit,
        found: Circuit,
    },
    #[error(
        "{path} says that its key is {}for development, but the keys' directory has it as one that \
         is{}",
        if *.said { "" } else { "not " },
        if *.said { " not" } else { "" },
        path = path.display()
    )]
    OtherDevelopment { path: PathBuf, said: bool },
    #[error("{path} is {found}, expected {expected}", path = path.display())]
    OtherFile {
        path: PathBuf,
        found: &'static str,
        expected: &'static str,
    },
}

impl ProofFile {
    pub fn new(prover: &Prover, made: &Provenance) -> Self {
        let statement = &made.statement;
        Self {
            circuit: prover.circuit(),
            verifying_key_hash: hex::encode(prover.verifying_key().hash()),
            statement: StatementParts {
                domain: statement.domain.0,
                root: statement.root,
                threshold: statement.threshold,
                kind: statement.kind,
                feed_id: statement.feed_id,
                at: statement.time,
                value: statement.value,
            },
            public_input: statement.hash(),
            proof: made.proof,
        }
    }

    /// # Errors
    /// [`ProofFileError::OtherFile`] if it is another known kind of file, else [`FileError`].
    pub fn read(path: &Path) -> Result<Self, Box<dyn Error>> {
        read(
            path,
            "a proof",
            "strobe-proof.json as `strobe prove` writes it",
        )
    }

    /// The statement, whose hash is the public input.
    ///
    /// # Errors
    /// [`ProofFileError::PublicInputMismatch`].
    pub fn statement(&self) -> Result<Statement, ProofFileError> {
        let parts = &self.statement;
        let statement = Statement {
            domain: Domain(parts.domain),
            root: parts.root,
            threshold: parts.threshold,
            kind: parts.kind,
            feed_id: parts.feed_id,
            time: parts.at,
            value: parts.value,
        };
        if self.public_input != statement.hash() {
            return Err(ProofFileError::PublicInputMismatch);
        }
        Ok(statement)
    }

    /// # Errors
    /// [`ProofFileError::OtherVerifyingKey`], [`ProofFileError::OtherCircuit`].
    pub fn require_key(&self, key: &VerifyingKey, circuit: Circuit) -> Result<(), ProofFileError> {
        let found = hex::encode(key.hash());
        if found != self.verifying_key_hash {
            let expected = self.verifying_key_hash.clone();
            return Err(ProofFileError::OtherVerifyingKey { expected, found });
        }
        if circuit != self.circuit {
            return Err(ProofFileError::OtherCircuit {
                said: self.circuit,
                found: circuit,
            });
        }
        Ok(())
    }
}

impl KeyFile {
    pub fn new(prover: &Prover) -> Self {
        let key = prover.verifying_key();
        Self {
            circuit: prover.circuit(),
            development: prover.is_dev(),
            hash: hex::encode(key.hash()),
            key: key.as_bytes().to_vec(),
        }
    }

    /// # Errors
    /// [`ProofFileError::OtherFile`] if it is another known kind of file, else [`FileError`].
    pub fn read(path: &Path) -> Result<Self, Box<dyn Error>> {
        let expected = "strobe-verifying-key.json as `strobe prove` writes it";
        read(path, "a verifying key", expected)
    }

    /// The key, and whether the keys' directory has it too. Its hash, and then what that directory has
    /// about it, must be what the file says.
    ///
    /// # Errors
    /// One variant of [`ProofFileError`] a cause, or what is wrong with the key.
    pub fn key(
        &self,
        path: &Path,
        store: &KeyStore,
    ) -> Result<(VerifyingKey, bool), Box<dyn Error>> {
        let path = path.to_owned();
        let key = VerifyingKey::from_bytes(&self.key)?;
        key.check()?;
        let found = hex::encode(key.hash());
        if found != self.hash {
            let said = self.hash.clone();
            return Err(ProofFileError::OtherHash { path, said, found }.into());
        }
        let known = store.describe(&key.hash())?;
        if let Some((found, is_dev)) = known {
            let said = self.circuit;
            if found != said {
                return Err(ProofFileError::OtherCircuitOfKey { path, said, found }.into());
            }
            let said = self.development;
            if is_dev != said {
                return Err(ProofFileError::OtherDevelopment { path, said }.into());
            }
        }
        Ok((key, known.is_some()))
    }
}

/// Reads a file, or says what else it is.
fn read<T: DeserializeOwned>(
    path: &Path,
    kind: &str,
    expected: &'static str,
) -> Result<T, Box<dyn Error>> {
    let value: serde_json::Value = read_json(path)?;
    let has = |field: &str| value.get(field).is_some();
    let found = if has("pi_a") {
        Some("snarkjs's proof.json, which does not say what it proves")
    } else if has("vk_alpha_1") {
        Some("snarkjs's verification_key.json")
    } else if value
        .as_array()
        .is_some_and(|list| list.iter().all(|one| one.is_string()))
    {
        Some("a list of numbers, like snarkjs's public.json")
    } else if has("statement") && kind != "a proof" {
        Some("a proof of `strobe prove`")
    } else if has("development") && kind != "a verifying key" {
        Some("a verifying key of `strobe prove`")
    } else if has("signature") {
        Some("an attestation")
    } else {
        None
    };
    if let Some(found) = found {
        let path = path.to_owned();
        return Err(ProofFileError::OtherFile {
            path,
            found,
            expected,
        }
        .into());
    }
    Ok(deserialize(path, "", value)?)
}

/// A circuit by its name in JSON.
mod circuit_id {
    use circuits::Circuit;
    use serde::{de::Error, Deserialize, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(circuit: &Circuit, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(circuit.id())
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Circuit, D::Error> {
        String::deserialize(from)?.parse().map_err(D::Error::custom)
    }
}
