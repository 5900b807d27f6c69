//! What became of a transaction.

use std::fmt;

use anchor_lang::prelude::Pubkey;
use client::{errors::NamedError, events::EmittedEvent};
use solana_program_test::BanksClientError;
use solana_signer::SignerError;
use thiserror::Error;

/// What a transaction did.
#[derive(Clone, PartialEq, Eq)]
pub struct Receipt {
    /// Of the whole transaction; `None` natively, where nothing is metered.
    pub compute_units: Option<u64>,
    pub logs: Vec<String>,
    pub return_data: Option<Vec<u8>>,
    /// Empty natively, where programs have no log to emit to.
    pub events: Vec<EmittedEvent>,
}

/// Why a transaction did nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct Refusal {
    pub error: NamedError,
    pub logs: Vec<String>,
}

/// Why a transaction did not succeed.
#[derive(Debug, Error)]
pub enum SendError {
    #[error("{0}")]
    Refused(Box<Refusal>),
    #[error("the transaction cannot be signed: {0}")]
    Sign(#[from] SignerError),
    #[error("the embedded chain does not answer: {0}")]
    Banks(#[from] BanksClientError),
}

impl SendError {
    /// The programs' refusal, if that is what it was.
    pub fn refusal(&self) -> Option<&Refusal> {
        match self {
            Self::Refused(refusal) => Some(refusal),
            _ => None,
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}

// A failing test shows an unwrapped result by `Debug`: there the log has to be readable.
impl fmt::Debug for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.error)?;
        write_logs(&self.logs, f)
    }
}

impl fmt::Debug for Receipt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.compute_units {
            Some(units) => write!(f, "success with {units} compute units")?,
            None => write!(f, "success")?,
        }
        write_logs(&self.logs, f)
    }
}

fn write_logs(logs: &[String], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    logs.iter().try_for_each(|line| write!(f, "\n    {line}"))
}

impl Receipt {
    /// The events of type `T` that the program emitted.
    pub fn events_of<T>(&self, program: &Pubkey) -> Vec<T>
    where
        T: anchor_lang::Discriminator + anchor_lang::AnchorDeserialize,
    {
        self.events
            .iter()
            .filter(|event| event.program == *program)
            .filter_map(EmittedEvent::read)
            .collect()
    }
}
