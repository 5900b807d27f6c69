//! `strobe keys`: the keys of those who run a deployment.

mod holders;
mod repository;
mod roles;

use std::{
    error::Error,
    path::{Path, PathBuf},
};

use anchor_lang::prelude::Pubkey;
use clap::{Args, Subcommand};
use serde_json::Value;
use solana_keypair::Keypair;
use thiserror::Error;

use self::{
    holders::{Holder, HolderFault},
    repository::RepositoryError,
    roles::{Role, Roles},
};
use super::{arguments::NetworkName, files::read_json};

#[derive(Subcommand)]
pub enum Keys {
    /// Looks for what is wrong with the keys of a deployment: roles that are missing, files that others
    /// may read, one key in two roles, keys in a repository.
    Check(Check),
}

#[derive(Args)]
pub struct Check {
    /// The file of roles, as keys.example/roles.json; key files are named relative to it.
    #[arg(long = "roles", value_name = "FILE", default_value = "keys/roles.json")]
    file: PathBuf,
    /// Cluster that the keys are for. On mainnet a governing role is a program's address, which many
    /// sign for, and its key is not on the machine that deploys.
    #[arg(long, value_enum, default_value_t = NetworkName::Localnet)]
    network: NetworkName,
}

/// What is wrong with the keys.
#[derive(Debug, Error)]
enum Fault {
    #[error("{role}: missing, expected {expected}", expected = role.expected())]
    Missing { role: Role },
    #[error("{role}: {fault}")]
    Holder { role: Role, fault: HolderFault },
    #[error("{role} and {other} are one key, {address}: whoever steals one has both")]
    Reused {
        role: Role,
        other: Role,
        address: String,
    },
    #[error("{role} is {address}, one key of one signer, where mainnet wants a multisig")]
    SingleSigner { role: Role, address: String },
    #[error("{role}: the key file is on this machine, where mainnet wants its address only")]
    OnThisMachine { role: Role },
    #[error(
        "{path} holds a private key and is in a repository: move it out of there or have git ignore it",
        path = path.display()
    )]
    InRepository { path: PathBuf },
    #[error(transparent)]
    Repository(RepositoryError),
}

/// All that is wrong, told one after the other.
#[derive(Debug, Error)]
#[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
struct Faults(Vec<Fault>);

impl Keys {
    pub fn run(self) -> Result<Value, Box<dyn Error>> {
        let Self::Check(check) = self;
        check.run()
    }
}

/// Roles with a Solana address, as the file says them that every command reads.
pub struct SolanaRoles(Vec<(Role, Holder)>);

impl SolanaRoles {
    /// # Errors
    /// What is wrong with the file, the first role that is missing or the first key that is none.
    pub fn read(file: &Path) -> Result<Self, Box<dyn Error>> {
        let roles: Roles = read_json(file)?;
        let missing = roles.missing().find(|role| !role.signs_observations());
        if let Some(role) = missing {
            return Err(Fault::Missing { role }.into());
        }
        let entries = roles.entries();
        let entries = entries.filter(|(role, _)| !role.signs_observations());
        let read = |(role, entry)| match Holder::read(folder_of(file), &entry) {
            Ok(holder) => Ok((role, holder)),
            Err(fault) => Err(Fault::Holder { role, fault }),
        };
        Ok(Self(entries.map(read).collect::<Result<_, _>>()?))
    }

    /// Every role by its name.
    pub fn named(&self) -> impl Iterator<Item = (String, Pubkey)> + '_ {
        let solana =
            |(role, holder): &(Role, Holder)| Some((role.to_string(), holder.solana_address()?));
        self.0.iter().filter_map(solana)
    }

    /// The default address if there is no such role.
    pub fn address(&self, name: &str) -> Pubkey {
        let mut named = self.named();
        let found = named.find(|(role, _)| role == name);
        found.map_or_else(Pubkey::default, |(_, address)| address)
    }

    /// The key of a role, if it is on this machine.
    pub fn key(&self, name: &str) -> Option<Keypair> {
        let mut holders = self.0.iter();
        let (_, holder) = holders.find(|(role, _)| role.to_string() == name)?;
        holder.keypair()
    }
}

/// Where the key files are that a file of roles names.
fn folder_of(file: &Path) -> &Path {
    match file.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    }
}

impl Check {
    fn run(self) -> Result<Value, Box<dyn Error>> {
        let roles: Roles = read_json(&self.file)?;
        let folder = folder_of(&self.file);
        let mut faults: Vec<_> = roles
            .missing()
            .map(|role| Fault::Missing { role })
            .collect();
        let mut holders = Vec::new();
        for (role, entry) in roles.entries() {
            match Holder::read(folder, &entry) {
                Ok(holder) => holders.push((role, holder)),
                Err(fault) => faults.push(Fault::Holder { role, fault }),
            }
        }
        faults.extend(reused(&holders));
        if self.network == NetworkName::Mainnet {
            faults.extend(holders.iter().filter_map(unfit_for_mainnet));
        }
        for place in [folder, Path::new(".")] {
            match repository::keys_in(place) {
                Ok(paths) => {
                    faults.extend(paths.into_iter().map(|path| Fault::InRepository { path }))
                }
                Err(error) => faults.push(Fault::Repository(error)),
            }
        }
        dedup(&mut faults);
        if faults.is_empty() {
            Ok(summary(&holders))
        } else {
            Err(Faults(faults).into())
        }
    }
}

/// Each pair of roles that one key, or one secret in two forms, stands in.
fn reused(holders: &[(Role, Holder)]) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (place, (role, holder)) in holders.iter().enumerate() {
        let earlier = holders[..place].iter();
        let same = earlier.filter(|(_, other)| holder.is_key_of(other));
        faults.extend(same.map(|(other, _)| Fault::Reused {
            role: *role,
            other: *other,
            address: holder.address(),
        }));
    }
    faults
}

fn unfit_for_mainnet((role, holder): &(Role, Holder)) -> Option<Fault> {
    if role.governs() && holder.is_single_signer() {
        let address = holder.address();
        return Some(Fault::SingleSigner {
            role: *role,
            address,
        });
    }
    (!role.may_be_here() && holder.is_here()).then_some(Fault::OnThisMachine { role: *role })
}

/// The folder of the roles and the present one may be in the same repository.
fn dedup(faults: &mut Vec<Fault>) {
    let mut told = std::collections::HashSet::new();
    faults.retain(|fault| told.insert(fault.to_string()));
}

fn summary(holders: &[(Role, Holder)]) -> Value {
    let roles = holders.iter().map(|(role, holder)| {
        serde_json::json!({
            "role": role.to_string(),
            "address": holder.address(),
            "key_on_this_machine": holder.is_here(),
        })
    });
    serde_json::json!({ "roles": roles.collect::<Vec<_>>() })
}
