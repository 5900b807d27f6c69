//! `strobe migrate`: brings a deployment to the state that numbered files declare.

use std::{
    error::Error,
    fs,
    path::{Path, PathBuf},
};

use anchor_lang::solana_program::instruction::Instruction;
use base64::{engine::general_purpose::STANDARD, Engine};
use clap::{Args, Subcommand};
use client::transport::{Cluster, Rpc, RpcSettings};
use demo::printable::printable;
use migrations::{apply, status, Addresses, Journal, Keys, Parties, Plan, Report, Standing};
use oracle::Network;
use serde_json::{json, Value};
use solana_keypair::Keypair;
use solana_signer::Signer;
use thiserror::Error;

use super::keys::SolanaRoles;

#[derive(Subcommand)]
pub enum Migrate {
    /// Says which steps are missing on a cluster and what is in their way. What the admin has to do whose
    /// key is elsewhere is said as an instruction for its multisig.
    Plan(Arguments),
    /// Does every step that can be done, each once. Start it again after an interruption.
    Apply(Arguments),
    /// Says how every step stands, and by which transaction it was done.
    Status(Arguments),
}

#[derive(Args)]
pub struct Arguments {
    /// localnet, devnet, mainnet or the address of an RPC node.
    #[arg(long, value_name = "CLUSTER", default_value = "localnet")]
    cluster: Cluster,
    /// The file of roles, as keys.example/roles.json.
    #[arg(long, value_name = "FILE", default_value = "keys/roles.json")]
    roles: PathBuf,
    /// Folder of the migrations [default: migrations/NETWORK].
    #[arg(long, value_name = "DIR")]
    migrations: Option<PathBuf>,
    /// Where is written down what was sent [default: migrations/journal/NETWORK-HASH.jsonl, of the
    /// cluster's genesis hash].
    #[arg(long, value_name = "FILE")]
    journal: Option<PathBuf>,
}

#[derive(Debug, Error)]
enum MigrateError {
    #[error("{url} is a node of {found}, but --cluster is {expected}; name the node's own cluster", found = found.tag())]
    OtherCluster {
        url: String,
        found: Network,
        expected: Cluster,
    },
    #[error("{folder} is a plan for {planned}, but the cluster is {found}, by its genesis hash {genesis_hash}", folder = folder.display(), planned = planned.tag(), found = found.tag())]
    OtherNetwork {
        folder: PathBuf,
        planned: Network,
        found: Network,
        genesis_hash: String,
    },
    #[error("the deployer's key is not on this machine: name its file in {roles}", roles = roles.display())]
    NoDeployer { roles: PathBuf },
    #[error("{path}: {cause}", path = path.display())]
    Journal {
        path: PathBuf,
        cause: std::io::Error,
    },
}

/// A plan, its chain and its journal.
struct Work {
    plan: Plan,
    chain: Rpc,
    genesis_hash: String,
    journal: Journal,
    journal_path: PathBuf,
    roles: SolanaRoles,
}

impl Migrate {
    pub fn run(self) -> Result<Value, Box<dyn Error>> {
        match self {
            Self::Plan(arguments) => {
                let mut work = Work::open(&arguments)?;
                let mut reports = work.status()?;
                reports.retain(|report| !matches!(report.standing, Standing::Done { .. }));
                Ok(work.answer(&reports))
            }
            Self::Status(arguments) => {
                let mut work = Work::open(&arguments)?;
                let reports = work.status()?;
                Ok(work.answer(&reports))
            }
            Self::Apply(arguments) => {
                let mut work = Work::open(&arguments)?;
                let deployer = work.deployer(&arguments)?;
                let admin = work.roles.key("admin");
                let keys = Keys {
                    deployer: &deployer,
                    admin: admin.as_ref().map(|key| key as &dyn Signer),
                };
                let parties = work.parties();
                let (plan, journal) = (&work.plan, &mut work.journal);
                let reports = apply(plan, &mut work.chain, journal, &parties, &keys)?;
                Ok(work.answer(&reports))
            }
        }
    }
}

impl Work {
    fn open(arguments: &Arguments) -> Result<Self, Box<dyn Error>> {
        let roles = SolanaRoles::read(&arguments.roles)?;
        let cluster = &arguments.cluster;
        let chain = Rpc::new(cluster, RpcSettings::default());
        let (network, genesis_hash) = (chain.network()?, chain.genesis_hash()?);
        if cluster.network().is_some_and(|named| named != network) {
            return Err(MigrateError::OtherCluster {
                url: cluster.rpc_url().to_owned(),
                found: network,
                expected: cluster.clone(),
            }
            .into());
        }
        let folder = match &arguments.migrations {
            Some(folder) => folder.clone(),
            None => Path::new("migrations").join(network.tag()),
        };
        let plan = Plan::read(&folder, &roles.addresses())?;
        if plan.network != network {
            return Err(MigrateError::OtherNetwork {
                folder,
                planned: plan.network,
                found: network,
                genesis_hash,
            }
            .into());
        }
        let journal_path = match &arguments.journal {
            Some(path) => path.clone(),
            None => default_journal(network, &genesis_hash)?,
        };
        let journal = Journal::open(&journal_path, &genesis_hash)?;
        Ok(Self {
            plan,
            chain,
            genesis_hash,
            journal,
            journal_path,
            roles,
        })
    }

    fn deployer(&self, arguments: &Arguments) -> Result<Keypair, MigrateError> {
        let roles = || arguments.roles.clone();
        let key = self.roles.key("deployer");
        key.ok_or_else(|| MigrateError::NoDeployer { roles: roles() })
    }

    /// Until the upgrade authority is handed over, the deployer is it.
    fn parties(&self) -> Parties {
        Parties {
            upgrade_authority: self.roles.address("deployer"),
            admin: self.roles.address("admin"),
        }
    }

    fn status(&mut self) -> Result<Vec<Report>, Box<dyn Error>> {
        let parties = self.parties();
        let admin_is_here = self.roles.key("admin").is_some();
        let (plan, journal) = (&self.plan, &mut self.journal);
        Ok(status(
            plan,
            &mut self.chain,
            journal,
            &parties,
            admin_is_here,
        )?)
    }

    fn answer(&self, reports: &[Report]) -> Value {
        for report in reports {
            let line = format!("{}: {}, {}", report.step, report.summary, said(report));
            eprintln!("{}", printable(&line));
        }
        json!({
            "network": self.plan.network.tag(),
            "genesis_hash": self.genesis_hash,
            "journal": self.journal_path,
            "steps": reports.iter().map(as_json).collect::<Vec<_>>(),
        })
    }
}

fn default_journal(network: Network, genesis_hash: &str) -> Result<PathBuf, MigrateError> {
    let folder = Path::new("migrations").join("journal");
    fs::create_dir_all(&folder).map_err(|cause| MigrateError::Journal {
        path: folder.clone(),
        cause,
    })?;
    let start: String = genesis_hash.chars().take(8).collect();
    Ok(folder.join(format!("{}-{start}.jsonl", network.tag())))
}

fn said(report: &Report) -> String {
    match &report.standing {
        Standing::Done {
            signature: Some(by),
        } => format!("done by {by}"),
        Standing::Done { signature: None } => "done".to_owned(),
        Standing::Ready => "can be done".to_owned(),
        Standing::ForAdmin { admin, .. } => format!("waits for a proposal to the multisig {admin}"),
        Standing::Waits { reason } => format!("waits: {reason}"),
        Standing::Ended { reason } => format!("done, but {reason}"),
    }
}

fn as_json(report: &Report) -> Value {
    let (standing, more) = match &report.standing {
        Standing::Done { signature } => ("done", json!({ "signature": signature })),
        Standing::Ready => ("ready", json!({})),
        Standing::ForAdmin { admin, instruction } => (
            "for_admin",
            json!({ "admin": admin.to_string(), "instruction": instruction_json(instruction) }),
        ),
        Standing::Waits { reason } => ("waits", json!({ "reason": reason })),
        Standing::Ended { reason } => ("ended", json!({ "reason": reason })),
    };
    let mut value = json!({
        "step": report.step,
        "summary": report.summary,
        "standing": standing,
    });
    if let (Value::Object(value), Value::Object(more)) = (&mut value, more) {
        value.extend(more);
    }
    value
}

fn instruction_json(instruction: &Instruction) -> Value {
    let accounts = instruction.accounts.iter().map(|meta| {
        json!({
            "address": meta.pubkey.to_string(),
            "is_signer": meta.is_signer,
            "is_writable": meta.is_writable,
        })
    });
    json!({
        "program": instruction.program_id.to_string(),
        "accounts": accounts.collect::<Vec<_>>(),
        "data_base64": STANDARD.encode(&instruction.data),
    })
}

impl SolanaRoles {
    fn addresses(&self) -> Addresses {
        self.named()
            .map(|(name, address)| (name.to_owned(), address))
            .collect()
    }
}
