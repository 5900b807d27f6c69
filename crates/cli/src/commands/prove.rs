//! `strobe prove`: attestations in, proof out.

use std::{error::Error, path::PathBuf};

use attestation::{Attestation, Field, Millis, ProviderSet, Quorum};
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
    /// The value to prove; by default the one that reaches the threshold.
    #[arg(long, allow_negative_numbers = true)]
    value: Option<attestation::Value>,
    /// quorum-3, quorum-6 or quorum-13; by default the smallest with room for the threshold.
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

impl Prove {
    pub fn run(self) -> Result<Value, Box<dyn Error>> {
        let set: ProviderSet = read_json(&self.providers)?;
        let attestations = read_attestations(&self.attestations)?;
        let feed = self.feed(&attestations)?;
        let domain = self.domain.domain();
        let quorum = Quorum::new(&set, domain, feed, self.at, &attestations, self.value)?;
        let circuit = match self.circuit {
            Some(circuit) => circuit,
            None => Circuit::for_threshold(set.threshold())?,
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
