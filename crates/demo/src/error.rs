use std::path::PathBuf;

use attestation::{ObservationError, QuorumError, TicksError, WindowError};
use circuits::{CircuitError, KeysError};
use client::NamedError;
use math::ChainError as ChainOddsError;
use prover::ProverError;
use testbed::{ChainError, SendError, WorldError};
use thiserror::Error;

use crate::feed::FeedError;

/// Why a demo stopped.
#[derive(Debug, Error)]
pub enum DemoError {
    #[error(transparent)]
    Feed(#[from] FeedError),
    #[error("the embedded chain cannot be set up: {0}")]
    World(#[from] WorldError),
    #[error(transparent)]
    Chain(#[from] ChainError),
    #[error("{step}: {cause}")]
    Step { step: String, cause: Box<SendError> },
    #[error("{step}: {error}")]
    Refused { step: String, error: NamedError },
    #[error("the odds of a chain: {0}")]
    Odds(#[from] ChainOddsError),
    #[error("the prices of the example cannot be read, or a market on them not be traded")]
    Closes,
    #[error("proving keys: {0}")]
    Keys(#[from] KeysError),
    #[error(transparent)]
    Circuit(#[from] CircuitError),
    #[error("proving the outcome of {subject}: {cause}")]
    Prove { subject: String, cause: ProverError },
    #[error("the prices: {0}")]
    Prices(#[from] TicksError),
    #[error("the prices: {0}")]
    Window(#[from] WindowError),
    #[error(transparent)]
    Chance(#[from] simulation::SimulationError),
    #[error("the providers make no quorum: {0}")]
    Quorum(#[from] QuorumError),
    #[error(transparent)]
    Observation(#[from] ObservationError),
    #[error("{path} cannot be written: {cause}")]
    Write {
        path: PathBuf,
        cause: std::io::Error,
    },
    #[error("the report cannot be written as JSON: {0}")]
    Json(#[from] serde_json::Error),
}
