//! `strobe verify-deployment`: what runs on a cluster, and who may change it.

use std::path::{Path, PathBuf};

use anchor_lang::{
    prelude::Pubkey,
    solana_program::bpf_loader_upgradeable::{self, UpgradeableLoaderState},
};
use clap::Args;
use client::{addresses, transport::Transport};
use oracle::OracleConfig;
use serde_json::{json, Value};
use sha2::{Digest, Sha256};
use testbed::{Program, PROGRAMS};

use super::{session::Session, Answer, Run};

#[derive(Args)]
pub struct VerifyDeployment {
    /// Folder with the bytecode that should be on the cluster, as `scripts/build-programs cluster`
    /// builds it.
    #[arg(long, value_name = "DIR", default_value = "target/deploy")]
    bytecode: PathBuf,
    /// Whoever may upgrade the programs has to be this one; `none` for nobody.
    #[arg(long, value_name = "ADDRESS")]
    upgrade_authority: Option<String>,
}

impl Run for VerifyDeployment {
    fn run(self, session: &mut Session) -> Answer {
        let mut programs = Vec::new();
        let mut wrong = Vec::new();
        for Program { name, id, .. } in PROGRAMS {
            let (found, faults) = self.verify(session, name, &id)?;
            let verdict = if faults.is_empty() {
                "verified"
            } else {
                "DIFFERS"
            };
            session.say(&format!("{name} {id}: {verdict}"));
            wrong.extend(faults);
            programs.push(found);
        }
        let config: Option<OracleConfig> = session.find(&addresses::oracle::config())?;
        let now = session.now()?;
        let governance = config.map(|config| {
            if config.network != session.network {
                wrong.push(format!(
                    "the oracle says that it is on {:?}, but the cluster is {:?}",
                    config.network, session.network
                ));
            }
            json!({
                "network": format!("{:?}", config.network),
                "admin": config.admin.to_string(),
                "guardian": config.guardian_at(now).to_string(),
                "timelock_seconds": config.timelock_seconds,
                "retention_seconds": config.retention_seconds,
            })
        });
        if !wrong.is_empty() {
            return Err(wrong.join("; ").into());
        }
        Ok(json!({
            "verified": true,
            "cluster": session.cluster.to_string(),
            "programs": programs,
            "governance": governance,
        }))
    }
}

impl VerifyDeployment {
    fn verify(
        &self,
        session: &mut Session,
        name: &str,
        id: &Pubkey,
    ) -> Result<(Value, Vec<String>), Box<dyn std::error::Error>> {
        let expected = read(&self.bytecode.join(name).with_extension("so"))?;
        let Some(account) = session.chain.account(id)? else {
            return Err(format!("there is no {name} at {id} on {}", session.cluster).into());
        };
        if account.owner != bpf_loader_upgradeable::ID {
            return Err(format!(
                "{name} {id} is owned by {}, expected the upgradeable loader",
                account.owner
            )
            .into());
        }
        let data_address = addresses::program_data(id);
        let data = session.chain.account(&data_address)?;
        let data = data.ok_or_else(|| format!("{name} {id} was closed"))?.data;
        let header = UpgradeableLoaderState::size_of_programdata_metadata();
        let (header, bytecode) = data
            .split_at_checked(header)
            .ok_or_else(|| format!("{data_address} is no program's data"))?;
        let UpgradeableLoaderState::ProgramData {
            upgrade_authority_address,
            slot,
        } = bincode::deserialize(header)?
        else {
            return Err(format!("{data_address} is no program's data").into());
        };

        let mut faults = Vec::new();
        // The loader may leave room for a longer program, filled with zeros.
        let (deployed, rest) = bytecode.split_at(bytecode.len().min(expected.len()));
        if deployed != expected || rest.iter().any(|byte| *byte != 0) {
            faults.push(format!(
                "{name} {id} is not {}",
                self.bytecode.join(name).with_extension("so").display()
            ));
        }
        let authority = upgrade_authority_address.map_or("none".to_string(), |key| key.to_string());
        if let Some(wanted) = self
            .upgrade_authority
            .as_ref()
            .filter(|wanted| **wanted != authority)
        {
            faults.push(format!(
                "{name} {id} can be upgraded by {authority}, expected {wanted}"
            ));
        }
        let found = json!({
            "name": name,
            "program": id.to_string(),
            "sha256": hex::encode(Sha256::digest(&expected)),
            "deployed_in_slot": slot,
            "upgrade_authority": authority,
        });
        Ok((found, faults))
    }
}

fn read(path: &Path) -> Result<Vec<u8>, String> {
    std::fs::read(path).map_err(|cause| {
        format!(
            "{} cannot be read ({cause}): build it with scripts/build-programs cluster",
            path.display()
        )
    })
}
