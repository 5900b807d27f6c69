//! Attestations in, Groth16 proof out.
//!
//! Proving keeps all cores busy for a tenth of a second or more: on an async path, call
//! [`Prover::prove`] from `spawn_blocking`.
//!
//! # What a proof promises
//!
//! That k distinct members of a provider set signed a value for a feed and a time, see
//! [`circuits`]. Which members, and which of the set's other members signed something else, stays
//! hidden. Whether the value is true is the providers' word.

mod groth16_prover;
mod msm;
mod snarkjs;

use std::{
    fmt,
    time::{Duration, Instant},
};

use attestation::{Quorum, Statement};
use circuits::{Circuit, CircuitError, Keys, QuorumWitness};
use groth16::{Proof, VerifyError, VerifyingKey};
use thiserror::Error;

use groth16_prover::ProvingTables;
use msm::Layout;

pub use snarkjs::{proof_json, public_json, verification_key_json};

/// Why there is no proof.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ProverError {
    #[error(transparent)]
    Circuit(#[from] CircuitError),
    #[error("the proof just made does not verify: {0}")]
    SelfCheck(VerifyError),
}

/// A proof and what it is about.
#[derive(Clone, Debug)]
pub struct Provenance {
    /// `−A ‖ B ‖ C`, as the oracle takes it.
    pub proof: Proof,
    /// [`Statement::public_input`].
    pub public_input: [u8; 32],
    pub statement: Statement,
    pub timings: Timings,
}

/// How long the parts of proving took.
#[derive(Clone, Copy, Debug)]
pub struct Timings {
    /// Values of all variables.
    pub witness: Duration,
    /// Quotient polynomial and multi-scalar multiplications.
    pub proof: Duration,
    /// Verification of the own proof.
    pub self_check: Duration,
}

impl Timings {
    pub fn total(&self) -> Duration {
        self.witness + self.proof + self.self_check
    }
}

/// Proves the statement of one circuit, with its keys kept ready.
pub struct Prover {
    circuit: Circuit,
    transcript_hash: Option<[u8; 32]>,
    verifying_key: VerifyingKey,
    tables: ProvingTables,
}

impl fmt::Debug for Prover {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Prover")
            .field("circuit", &self.circuit)
            .finish_non_exhaustive()
    }
}

impl Prover {
    /// Ready at once. For a few proofs.
    pub fn new(keys: Keys) -> Self {
        Self::with_layout(keys, Layout::compact)
    }

    /// Spends seconds and about twenty times the size of the keys in memory, so that each proof
    /// takes less time. For services.
    pub fn new_extended(keys: Keys) -> Self {
        Self::with_layout(keys, Layout::extended)
    }

    fn with_layout(keys: Keys, layout: fn(usize) -> Layout) -> Self {
        let Keys {
            circuit,
            transcript_hash,
            r1cs,
            proving_key,
            verifying_key,
        } = keys;
        let tables = ProvingTables::new(r1cs, proving_key, layout);
        Self {
            circuit,
            transcript_hash,
            verifying_key,
            tables,
        }
    }

    pub fn circuit(&self) -> Circuit {
        self.circuit
    }

    /// Whether the keys are for development only.
    pub fn is_dev(&self) -> bool {
        self.transcript_hash.is_none()
    }

    /// SHA-256 of the transcript of the ceremony that made the keys, if one did.
    pub fn transcript_hash(&self) -> Option<[u8; 32]> {
        self.transcript_hash
    }

    pub fn verifying_key(&self) -> &VerifyingKey {
        &self.verifying_key
    }

    /// Proves that there is this quorum, and verifies the proof as the chain will.
    ///
    /// # Errors
    /// [`ProverError::Circuit`] if the circuit has no room for the threshold or proves the other
    /// statement,
    /// [`ProverError::SelfCheck`] if the proof does not verify, which says that the keys are bad.
    pub fn prove(&self, quorum: &Quorum) -> Result<Provenance, ProverError> {
        let start = Instant::now();
        let witness = QuorumWitness::new(quorum, self.circuit)?;
        let values = self.circuit.assign(&witness);
        let witness_done = Instant::now();

        let proof = self.tables.prove(&values);
        let proof_done = Instant::now();

        let public_input = quorum.statement().public_input();
        groth16::verify(&self.verifying_key, &proof, &public_input)
            .map_err(ProverError::SelfCheck)?;
        Ok(Provenance {
            proof,
            public_input,
            statement: *quorum.statement(),
            timings: Timings {
                witness: witness_done - start,
                proof: proof_done - witness_done,
                self_check: proof_done.elapsed(),
            },
        })
    }
}
