//! What should be on the chain, as numbered files say it.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

use anchor_lang::prelude::Pubkey;
use oracle::Network;
use serde::{de, Deserialize, Deserializer};
use sha2::{Digest, Sha256};
use thiserror::Error;

use crate::{
    policy::{objections, Objection},
    step::{Declared, Step},
};

/// Addresses by the names that a plan may use for them.
pub type Addresses = BTreeMap<String, Pubkey>;

/// Numbered migrations of one network, in their order.
#[derive(Debug)]
pub struct Plan {
    pub network: Network,
    pub migrations: Vec<Migration>,
}

/// One file of a plan.
#[derive(Debug)]
pub struct Migration {
    /// Number and name, as `001-governance`.
    pub name: String,
    pub steps: Vec<Step>,
}

/// Why files are no plan.
#[derive(Debug, Error)]
pub enum PlanError {
    #[error("{path}: {cause}", path = path.display())]
    Io { path: PathBuf, cause: io::Error },
    #[error("{path}: {place}{cause}", path = path.display())]
    Json {
        path: PathBuf,
        /// The field at fault and a colon; empty if it is the whole.
        place: String,
        cause: serde_json::Error,
    },
    #[error("{folder} has no migrations, expected 001-NAME.json", folder = folder.display())]
    Empty { folder: PathBuf },
    #[error("{path} is no migration in its place, expected {expected:03}-NAME.json", path = path.display())]
    Number { path: PathBuf, expected: usize },
    #[error("{path} is for {found}, the others are for {expected}", path = path.display(), found = found.tag(), expected = expected.tag())]
    Network {
        path: PathBuf,
        found: Network,
        expected: Network,
    },
    #[error("{path}, step {step}: {name:?} is neither an address nor the name of a role", path = path.display())]
    Address {
        path: PathBuf,
        step: usize,
        name: String,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File<S> {
    #[serde(deserialize_with = "network")]
    network: Network,
    steps: Vec<S>,
}

fn network<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Network, D::Error> {
    let name = String::deserialize(deserializer)?;
    [Network::Localnet, Network::Devnet, Network::Mainnet]
        .into_iter()
        .find(|network| network.tag() == name)
        .ok_or_else(|| de::Error::unknown_variant(&name, &["localnet", "devnet", "mainnet"]))
}

impl Plan {
    /// Reads every `.json` file of a folder; names of addresses are looked up in `addresses`.
    ///
    /// # Errors
    /// Each variant of [`PlanError`].
    pub fn read(folder: &Path, addresses: &Addresses) -> Result<Self, PlanError> {
        let mut migrations = Vec::new();
        let mut first = None;
        for path in files(folder)? {
            let expected = migrations.len() + 1;
            let name = path.file_stem().unwrap_or_default().to_string_lossy();
            if !name.starts_with(&format!("{expected:03}-")) {
                return Err(PlanError::Number { path, expected });
            }
            let name = name.into_owned();
            let (found, steps) = read_file(&path, &name, addresses)?;
            let expected = *first.get_or_insert(found);
            if found != expected {
                return Err(PlanError::Network {
                    path,
                    found,
                    expected,
                });
            }
            migrations.push(Migration { name, steps });
        }
        let network = first.ok_or_else(|| PlanError::Empty {
            folder: folder.to_owned(),
        })?;
        Ok(Self {
            network,
            migrations,
        })
    }

    pub fn steps(&self) -> impl Iterator<Item = &Step> {
        self.migrations
            .iter()
            .flat_map(|migration| &migration.steps)
    }

    /// What the plan's network refuses of it; nothing but on mainnet.
    pub fn objections(&self) -> Vec<Objection> {
        match self.network {
            Network::Mainnet => self.steps().flat_map(objections).collect(),
            Network::Localnet | Network::Devnet => Vec::new(),
        }
    }
}

fn files(folder: &Path) -> Result<Vec<PathBuf>, PlanError> {
    let error = |cause| PlanError::Io {
        path: folder.to_owned(),
        cause,
    };
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).map_err(error)? {
        let path = entry.map_err(error)?.path();
        if path
            .extension()
            .is_some_and(|extension| extension == "json")
        {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

fn read_file(
    path: &Path,
    name: &str,
    addresses: &Addresses,
) -> Result<(Network, Vec<Step>), PlanError> {
    let text = fs::read_to_string(path).map_err(|cause| PlanError::Io {
        path: path.to_owned(),
        cause,
    })?;
    // From the text, since a value has only the last of what is said twice.
    let file: File<Declared> = parse(path, &text)?;
    let values: File<serde_json::Value> = parse(path, &text)?;
    let mut steps = Vec::new();
    for ((declared, value), step) in file.steps.into_iter().zip(values.steps).zip(1..) {
        // Before names are looked up: the same declaration is the same step whoever has the roles.
        let digest = Sha256::digest(value.to_string()).into();
        let kind = declared
            .resolve(addresses)
            .map_err(|name| PlanError::Address {
                path: path.to_owned(),
                step,
                name,
            })?;
        steps.push(Step {
            name: format!("{name}/{step}"),
            digest,
            network: file.network,
            kind,
        });
    }
    Ok((file.network, steps))
}

fn parse<T: de::DeserializeOwned>(path: &Path, text: &str) -> Result<T, PlanError> {
    let error = |place, cause| PlanError::Json {
        path: path.to_owned(),
        place,
        cause,
    };
    let mut reader = serde_json::Deserializer::from_str(text);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|fault| {
        let place = match fault.path().to_string().as_str() {
            "." | "?" => String::new(),
            field => format!("{field}: "),
        };
        error(place, fault.into_inner())
    })?;
    reader.end().map_err(|cause| error(String::new(), cause))?;
    Ok(value)
}
