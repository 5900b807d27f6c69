//! `strobe simulate`: what attackers and price paths take from those who lend, and what slices of orders
//! cost.

use std::{fs, io, path::PathBuf};

use clap::{Args, Subcommand};
use serde::Serialize;
use simulation::{
    orders::{slippage, Slippage},
    paths::{brownian, closes, up_or_down},
    Report, Settings, SimulationError,
};
use thiserror::Error;

#[derive(Subcommand)]
pub enum Simulate {
    /// Loans against shares: attackers with unlimited money and paths of prices, against rules with and
    /// without each protection. Takes are in depths of the market; no trade pays a fee.
    Leverage(Paths),
    /// Purchases at once against the same in slices over an hour, on markets of a day: what a share costs
    /// above the price of the path, in hundredths. Between slices others bring the price back.
    Orders(Paths),
}

/// What prices do.
#[derive(Args)]
pub struct Paths {
    /// Where random paths start from; the same seed gives the same figures.
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Random paths of each length.
    #[arg(long, value_name = "N", default_value_t = 20, conflicts_with = "closes", value_parser = clap::value_parser!(u16).range(1..))]
    paths: u16,
    /// Closes of a price a minute apart, for markets on whether it rises instead of random paths: a
    /// heading, and lines of a time and a close.
    #[arg(long, value_name = "FILE")]
    closes: Option<PathBuf>,
}

/// A simulation refused.
#[derive(Debug, Error)]
pub enum SimulateError {
    #[error("--closes: {}: {error}", path.display())]
    Read { path: PathBuf, error: io::Error },
    #[error("--closes: {0}")]
    Closes(SimulationError),
    #[error(transparent)]
    Run(#[from] SimulationError),
}

impl Simulate {
    /// # Errors
    /// [`SimulateError`].
    pub fn run(self) -> Result<Simulated, SimulateError> {
        let simulated = match self {
            Self::Leverage(paths) => simulation::run(&paths.settings()?).map(Simulated::Leverage),
            Self::Orders(paths) => orders(&paths.settings()?).map(Simulated::Orders),
        };
        simulated.map_err(|error| match error {
            SimulationError::TooFewCloses { .. } => SimulateError::Closes(error),
            error => error.into(),
        })
    }
}

/// What came of it.
#[derive(Serialize)]
#[serde(untagged)]
pub enum Simulated {
    Leverage(Report),
    Orders(Vec<Slippage>),
}

fn orders(settings: &Settings) -> Result<Vec<Slippage>, SimulationError> {
    const DAY_MINUTES: usize = 24 * 60;
    let paths = match &settings.closes {
        Some(closes) => up_or_down(closes, DAY_MINUTES)?,
        None => brownian(settings.seed, DAY_MINUTES, settings.paths)?,
    };
    slippage(&paths)
}

impl Paths {
    fn settings(self) -> Result<Settings, SimulateError> {
        let closes = match self.closes {
            Some(path) => {
                let text = fs::read_to_string(&path)
                    .map_err(|error| SimulateError::Read { path, error })?;
                Some(closes(&text).map_err(SimulateError::Closes)?)
            }
            None => None,
        };
        Ok(Settings {
            seed: self.seed,
            paths: self.paths.into(),
            closes,
        })
    }
}
