//! Arguments that several commands share.

use std::path::PathBuf;

use anchor_lang::prelude::Pubkey;
use attestation::{parse_field, DecimalError, Domain, Field, Millis, ObservationError};
use circuits::KeyStore;
use clap::{Args, ValueEnum};
use thiserror::Error;

/// Which deployment signatures and proofs are for.
#[derive(Args)]
pub struct DomainArguments {
    /// The domain as a decimal number, instead of one derived from program and network.
    #[arg(long, value_parser = field, conflicts_with_all = ["program", "network"])]
    domain: Option<Field>,
    /// Address of the oracle program.
    #[arg(long, value_name = "ADDRESS", default_value_t = oracle::ID)]
    program: Pubkey,
    /// Cluster the program is on.
    #[arg(long, value_enum, default_value_t = NetworkName::Localnet)]
    network: NetworkName,
}

#[derive(Clone, Copy, ValueEnum)]
enum NetworkName {
    Localnet,
    Devnet,
    Mainnet,
}

impl DomainArguments {
    pub fn domain(&self) -> Domain {
        let network = match self.network {
            NetworkName::Localnet => oracle::Network::Localnet,
            NetworkName::Devnet => oracle::Network::Devnet,
            NetworkName::Mainnet => oracle::Network::Mainnet,
        };
        self.domain.map_or_else(
            || Domain::new(&self.program.to_bytes(), network.tag()),
            Domain,
        )
    }
}

/// Where proving keys are.
#[derive(Args)]
pub struct KeysArguments {
    /// Directory of the proving keys [default: $STROBE_KEYS, else strobe/keys in the user's data
    /// directory].
    #[arg(long, value_name = "DIR")]
    keys: Option<PathBuf>,
}

/// There is no directory for keys to be in.
#[derive(Debug, Error)]
#[error("the user has no data directory: name a directory with --keys or STROBE_KEYS")]
pub struct NoKeysDirectory;

impl KeysArguments {
    /// # Errors
    /// [`NoKeysDirectory`].
    pub fn store(&self) -> Result<KeyStore, NoKeysDirectory> {
        self.keys
            .clone()
            .or_else(|| std::env::var_os("STROBE_KEYS").map(PathBuf::from))
            .or_else(|| dirs::data_dir().map(|data| data.join("strobe").join("keys")))
            .map(KeyStore::new)
            .ok_or(NoKeysDirectory)
    }
}

/// Parses a field element.
///
/// # Errors
/// [`DecimalError`].
pub fn field(text: &str) -> Result<Field, DecimalError> {
    parse_field(text)
}

/// Why a text is no time.
#[derive(Debug, Error)]
pub enum TimeError {
    #[error("expected unix milliseconds: {0}")]
    NotAnInteger(#[from] std::num::ParseIntError),
    #[error(transparent)]
    OutOfRange(#[from] ObservationError),
}

/// Parses unix milliseconds.
///
/// # Errors
/// [`TimeError`].
pub fn millis(text: &str) -> Result<Millis, TimeError> {
    Ok(Millis::new(text.parse()?)?)
}
