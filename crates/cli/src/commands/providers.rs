//! `strobe providers`: sets of providers.

use std::{error::Error, path::PathBuf};

use attestation::{format_field, ProviderSet};
use clap::{Args, Subcommand};
use serde_json::{json, Value};

use super::files::read_json;

#[derive(Subcommand)]
pub enum Providers {
    /// Prints the root of a provider set, which the oracle program stores.
    Root(Root),
}

#[derive(Args)]
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
        let Self::Root(Root { set, named }) = self;
        let set: ProviderSet = read_json(&named.unwrap_or(set))?;
        Ok(json!({
            "root": format_field(&set.root()),
            "threshold": set.threshold(),
            "size": set.providers().len(),
        }))
    }
}
