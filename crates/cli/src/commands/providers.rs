//! `strobe providers`: sets of providers.

use std::{error::Error, path::PathBuf};

use attestation::{format_field, Provider, ProviderSet, PublicKey};
use clap::{Args, Subcommand};
use serde::Deserialize;
use serde_json::{json, Value};

use super::files::read_json;

#[derive(Subcommand)]
pub enum Providers {
    /// Prints the root of a provider set, which the oracle program stores.
    Root(Root),
    /// Puts a provider set together from its members' public keys, as the other commands read it.
    Assemble(Assemble),
}

/// The form of a provider set, for whoever writes one by hand.
const FORM: &str = r#"A provider set is JSON; a key is its two coordinates, decimal, and the order of the members counts:
  {"threshold": 3, "providers": [{"name": "alpha", "public_key": ["2118...", "1099..."]}, ...]}"#;

#[derive(Args)]
#[command(after_help = FORM)]
pub struct Assemble {
    /// How many members have to agree.
    #[arg(long)]
    threshold: u64,
    /// Files with a `public_key` each, as `strobe attest keygen` prints and writes them; a member is
    /// named like its file. A secret in the file is not looked at.
    #[arg(required = true, value_name = "FILE")]
    members: Vec<PathBuf>,
}

/// What `strobe attest keygen` prints.
#[derive(Deserialize)]
struct Member {
    public_key: PublicKey,
}

impl Assemble {
    fn set(self) -> Result<ProviderSet, Box<dyn Error>> {
        let mut members = Vec::with_capacity(self.members.len());
        for path in &self.members {
            let Member { public_key } = read_json(path)?;
            let name = path.file_stem().unwrap_or_default();
            members.push(Provider {
                name: name.to_string_lossy().into_owned(),
                public_key,
            });
        }
        Ok(ProviderSet::new(self.threshold, members)?)
    }
}

#[derive(Args)]
#[command(after_help = FORM)]
pub struct Root {
    /// The provider set; standard input by default.
    #[arg(value_name = "FILE", default_value = "-")]
    set: PathBuf,
    /// The same, named as in `strobe prove`.
    #[arg(long = "providers", value_name = "FILE", conflicts_with = "set")]
    named: Option<PathBuf>,
}

impl Providers {
    pub fn run(self) -> Result<Value, Box<dyn Error>> {
        let Root { set, named } = match self {
            Self::Root(root) => root,
            Self::Assemble(assemble) => return Ok(serde_json::to_value(assemble.set()?)?),
        };
        let set: ProviderSet = read_json(&named.unwrap_or(set))?;
        Ok(json!({
            "root": format_field(&set.root()),
            "threshold": set.threshold(),
            "size": set.providers().len(),
        }))
    }
}
