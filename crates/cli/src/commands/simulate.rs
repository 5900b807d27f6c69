//! `strobe simulate`: what attackers and price paths take from those who lend.

use std::{fs, io, path::PathBuf};

use clap::{Args, Subcommand};
use simulation::{paths::closes, Report, Settings, SimulationError};
use thiserror::Error;

#[derive(Subcommand)]
pub enum Simulate {
    /// Loans against shares: attackers with unlimited money and paths of prices, against rules with and
    /// without each protection. Takes are in depths of the market; no trade pays a fee.
    Leverage(LeverageSimulation),
}

#[derive(Args)]
pub struct LeverageSimulation {
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
    pub fn run(self) -> Result<Report, SimulateError> {
        match self {
            Self::Leverage(simulation) => simulation.run(),
        }
    }
}

impl LeverageSimulation {
    fn run(self) -> Result<Report, SimulateError> {
        let closes = match self.closes {
            Some(path) => {
                let text = fs::read_to_string(&path)
                    .map_err(|error| SimulateError::Read { path, error })?;
                Some(closes(&text).map_err(SimulateError::Closes)?)
            }
            None => None,
        };
        let settings = Settings {
            seed: self.seed,
            paths: self.paths.into(),
            closes,
        };
        simulation::run(&settings).map_err(|error| match error {
            SimulationError::TooFewCloses { .. } => SimulateError::Closes(error),
            error => error.into(),
        })
    }
}
