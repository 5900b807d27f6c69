//! Proofs of what providers signed, and the oracle's record of them. Anybody may make them.

use std::time::Duration;

use attestation::Quorum;
use circuits::{Circuit, KeyStore};
use client::instructions::oracle::{
    CloseObservation, CloseResultRoot, VerifyObservation, VerifyObservationArgs, VerifyResultRoot,
    VerifyResultRootArgs,
};
use indicatif::ProgressBar;
use oracle::FeedKind;
use prover::{Provenance, Prover};
use result_tree::ResultTree;
use solana_instruction::Instruction;
use solana_pubkey::Pubkey;
use solana_signer::Signer;
use testbed::{simulation::field, ProgramKind};

use super::{
    error::DemoError,
    providers::THRESHOLD,
    stage::{Stage, SECOND},
};

/// Makes proofs and knows what the oracle recorded for them.
pub struct Proofs {
    prover: Prover,
    observations: Vec<Pubkey>,
    roots: Vec<Pubkey>,
}

/// What was proven and where the oracle keeps it.
#[derive(Clone, Copy)]
pub struct Proven {
    pub address: Pubkey,
    pub prove_time: Duration,
    pub verify_cu: Option<u64>,
}

/// A chain whose oracle knows the prover's key.
///
/// # Errors
/// [`DemoError::Keys`], [`DemoError::Circuit`], and those of [`Stage::open`].
pub fn open(
    programs: ProgramKind,
    keys: &KeyStore,
    progress: &ProgressBar,
) -> Result<(Proofs, Stage), DemoError> {
    let circuit = Circuit::for_threshold(THRESHOLD)?;
    open_with(programs, keys, progress, circuit, FeedKind::Event)
}

/// As [`open`], for this circuit and this kind of feeds.
///
/// # Errors
/// Those.
pub fn open_with(
    programs: ProgramKind,
    keys: &KeyStore,
    progress: &ProgressBar,
    circuit: Circuit,
    kind: FeedKind,
) -> Result<(Proofs, Stage), DemoError> {
    progress.set_message("loading the proving keys, or making them once");
    let proofs = Proofs {
        prover: Prover::new(keys.load_or_generate(circuit)?),
        observations: Vec::new(),
        roots: Vec::new(),
    };
    progress.set_message("setting up the chain");
    let stage = Stage::open(programs, &proofs.prover, kind)?;
    Ok((proofs, stage))
}

impl Proofs {
    /// Proves that a quorum of a provider set signed `value`, and has it verified.
    ///
    /// # Errors
    /// [`DemoError::Prove`], [`DemoError::Step`].
    pub fn observe(
        &mut self,
        stage: &mut Stage,
        provider_set: Pubkey,
        quorum: &Quorum,
        value: i64,
        subject: &str,
    ) -> Result<Proven, DemoError> {
        let made = self.prove(quorum, subject)?;
        let verify = VerifyObservation {
            payer: stage.world.keeper.pubkey(),
            provider_set,
            verifying_key: stage.world.verifying_key,
            args: VerifyObservationArgs {
                feed_id: field(made.statement.feed_id),
                observe_at_ms: made.statement.time.get(),
                value,
                proof: made.proof,
            },
        };
        self.observations.push(verify.observation());
        send(
            stage,
            &made,
            verify.observation(),
            verify.instruction(),
            subject,
        )
    }

    /// Proves that a quorum of the primary provider set signed the root of `tree`, and has it
    /// verified.
    ///
    /// # Errors
    /// [`DemoError::Prove`], [`DemoError::Step`].
    pub fn publish(
        &mut self,
        stage: &mut Stage,
        quorum: &Quorum,
        tree: &ResultTree,
        subject: &str,
    ) -> Result<Proven, DemoError> {
        let made = self.prove(quorum, subject)?;
        let verify = VerifyResultRoot {
            payer: stage.world.keeper.pubkey(),
            provider_set: stage.world.provider_set,
            verifying_key: stage.world.verifying_key,
            args: VerifyResultRootArgs {
                feed_id: field(made.statement.feed_id),
                observe_at_ms: made.statement.time.get(),
                leaves: tree.leaves(),
                top: tree.top(),
                proof: made.proof,
            },
        };
        self.roots.push(verify.result_root());
        send(
            stage,
            &made,
            verify.result_root(),
            verify.instruction(),
            subject,
        )
    }

    fn prove(&self, quorum: &Quorum, subject: &str) -> Result<Provenance, DemoError> {
        self.prover.prove(quorum).map_err(|cause| DemoError::Prove {
            subject: subject.to_owned(),
            cause,
        })
    }

    /// Closes what was recorded, once the oracle need not keep it.
    ///
    /// # Errors
    /// [`DemoError::Step`].
    pub fn close_all(&mut self, stage: &mut Stage) -> Result<(), DemoError> {
        let retention = u64::try_from(stage.world.retention).unwrap_or_default();
        stage.go_to(stage.now() + retention * SECOND);
        let rent_payer = stage.world.keeper.pubkey();
        for observation in std::mem::take(&mut self.observations) {
            let close = CloseObservation {
                observation,
                rent_payer,
            };
            stage.must("closing an observation", &[close.instruction()], &[])?;
        }
        for result_root in std::mem::take(&mut self.roots) {
            let close = CloseResultRoot {
                result_root,
                rent_payer,
            };
            stage.must("closing a result root", &[close.instruction()], &[])?;
        }
        Ok(())
    }
}

fn send(
    stage: &mut Stage,
    made: &Provenance,
    address: Pubkey,
    instruction: Instruction,
    subject: &str,
) -> Result<Proven, DemoError> {
    let payer = stage.world.keeper.insecure_clone();
    let step = format!("verifying the proof for {subject}");
    let verified = stage.must(&step, &[instruction], &[&payer])?;
    Ok(Proven {
        address,
        prove_time: made.timings.total(),
        verify_cu: verified.compute_units,
    })
}
