//! `strobe prove`: attestations in, proof out.

use std::{error::Error, path::PathBuf};

use attestation::{Aggregation, Attestation, Field, Millis, ProviderSet, Quorum};
use circuits::Circuit;
use clap::Args;
use prover::{proof_json, public_json, verification_key_json, Prover};
use serde_json::{json, Value};
use thiserror::Error;

use super::{
    arguments::{field, millis, DomainArguments, KeysArguments},
    attest::read_attestations,
    files::{create_directory, read_json, write_json},
    proof_file::{KeyFile, ProofFile, KEY_FILE, PROOF_FILE},
};

#[derive(Args)]
pub struct Prove {
    /// The provider set.
    #[arg(long, value_name = "FILE")]
    providers: PathBuf,
    /// Attestations of the set's members.
    #[arg(long, value_name = "FILE")]
    attestations: PathBuf,
    /// T: the proof is about the feed's tick at this time, unix milliseconds.
    #[arg(long, value_name = "T", value_parser = millis)]
    at: Millis,
    /// The feed; by default the one the attestations are about.
    #[arg(long, visible_alias = "feed-id", value_parser = field)]
    feed: Option<Field>,
    /// The value to prove; by default the one that reaches the threshold. Of a median, the value it
    /// must have.
    #[arg(long, allow_negative_numbers = true)]
    value: Option<attestation::Value>,
    /// quorum-3, quorum-6 or quorum-13, by default the smallest with room for the threshold; or
    /// median-3, median-6 or median-13, for the median of values that may differ.
    #[arg(long)]
    circuit: Option<Circuit>,
    /// Directory to write the proof to.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Also write verification_key.json, proof.json and public.json for snarkjs.
    #[arg(long)]
    snarkjs: bool,
    #[command(flatten)]
    domain: DomainArguments,
    #[command(flatten)]
    keys: KeysArguments,
}

#[derive(Debug, Error)]
#[error("there are no attestations in {path}", path = path.display())]
struct NoAttestations {
    path: PathBuf,
}

#[derive(Debug, Error)]
#[error("the median of the attestations is {found}, expected {expected}")]
struct OtherMedian {
    found: attestation::Value,
    expected: attestation::Value,
}

impl Prove {
    pub fn run(self) -> Result<Value, Box<dyn Error>> {
        let set: ProviderSet = read_json(&self.providers)?;
        let attestations = read_attestations(&self.attestations)?;
        let feed = self.feed(&attestations)?;
        let domain = self.domain.domain();
        let circuit = match self.circuit {
            Some(circuit) => circuit,
            None => Circuit::for_threshold(set.threshold())?,
        };
        let quorum = match circuit.aggregation() {
            Aggregation::Agreement => {
                Quorum::new(&set, domain, feed, self.at, &attestations, self.value)?
            }
            Aggregation::Median => {
                let most = circuit.slots();
                let median = Quorum::median(&set, domain, feed, self.at, &attestations, most)?;
                let found = median.statement().value;
                if let Some(expected) = self.value.filter(|value| *value != found) {
                    return Err(OtherMedian { found, expected }.into());
                }
                median
            }
        };
        let prover = Prover::new(self.keys.store()?.load_or_generate(circuit)?);
        let made = prover.prove(&quorum)?;

        create_directory(&self.out)?;
        let mut files = vec![PROOF_FILE, KEY_FILE];
        let proof = ProofFile::new(&prover, &made);
        write_json(&self.out.join(PROOF_FILE), &proof)?;
        write_json(&self.out.join(KEY_FILE), &KeyFile::new(&prover))?;
        if self.snarkjs {
            for (file, contents) in [
                (
                    "verification_key.json",
                    verification_key_json(prover.verifying_key()),
                ),
                ("proof.json", proof_json(&made.proof)),
                ("public.json", public_json(&made.public_input)),
            ] {
                write_json(&self.out.join(file), &contents)?;
                files.push(file);
            }
        }
        Ok(json!({
            "circuit": proof.circuit,
            "development_keys": prover.is_dev(),
            "statement": proof.statement,
            "public_input": proof.public_input,
            "prove_ms": made.timings.total().as_secs_f64() * 1_000.0,
            "out": self.out,
            "files": files,
        }))
    }

    fn feed(&self, attestations: &[Attestation]) -> Result<Field, NoAttestations> {
        self.feed
            .or_else(|| {
                attestations
                    .first()
                    .map(|first| first.observation.feed_id())
            })
            .ok_or_else(|| NoAttestations {
                path: self.attestations.clone(),
            })
    }
}
