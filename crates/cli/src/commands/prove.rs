//! `strobe prove`: attestations in, proof out.

use std::{error::Error, path::PathBuf};

use attestation::format_field;
use circuits::Circuit;
use clap::Args;
use prover::{proof_json, public_json, verification_key_json, Provenance, Prover};
use serde_json::{json, Value};

use super::{
    arguments::KeysArguments,
    files::{create_directory, write_json},
    proof_file::{KeyFile, ProofFile, KEY_FILE, PROOF_FILE},
    quorum::QuorumArguments,
};

#[derive(Args)]
pub struct Prove {
    #[command(flatten)]
    quorum: QuorumArguments,
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
    keys: KeysArguments,
}

impl Prove {
    pub fn run(self) -> Result<Value, Box<dyn Error>> {
        let (circuit, quorum, left_out) = self.quorum.find(self.circuit)?;
        let prover = Prover::new(self.keys.store()?.load_or_generate(circuit)?);
        let made = prover.prove(&quorum)?;

        let proof = ProofFile::new(&prover, &made);
        let files = self.write(&prover, &made, &proof)?;
        Ok(json!({
            "circuit": proof.circuit.id(),
            "development_keys": prover.is_dev(),
            "statement": proof.statement,
            "public_input": format_field(&proof.public_input),
            "left_out": left_out,
            "prove_ms": made.timings.total().as_secs_f64() * 1_000.0,
            "out": self.out,
            "files": files,
        }))
    }

    /// Writes the proof and its key, and returns the names of the files.
    fn write(
        &self,
        prover: &Prover,
        made: &Provenance,
        proof: &ProofFile,
    ) -> Result<Vec<&'static str>, Box<dyn Error>> {
        create_directory(&self.out)?;
        let mut files = vec![PROOF_FILE, KEY_FILE];
        write_json(&self.out.join(PROOF_FILE), proof)?;
        write_json(&self.out.join(KEY_FILE), &KeyFile::new(prover))?;
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
        Ok(files)
    }
}
