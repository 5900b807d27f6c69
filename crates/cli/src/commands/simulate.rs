//! `strobe simulate`: what attackers and price paths take from those who lend, what slices of orders cost,
//! and what moving a price gains.

use std::{fs, io, path::PathBuf};

use clap::{Args, Subcommand};
use serde::Serialize;
use simulation::{
    orders::{slippage, Slippage},
    paths::{brownian, closes, random_closes, up_or_down},
    prices::{moved_samples, MovedSamples},
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
    /// Markets on whether a price rises, whose close is the last of 11 or 31 samples a minute apart, their
    /// average, a random one or their median: what moving the last samples gains who bought at one half,
    /// for each share, beside the fee and what holding the price costs at the cap of open interest.
    Prices(Paths),
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
            Self::Prices(paths) => prices(&paths.settings()?).map(Simulated::Prices),
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
    Prices(Vec<MovedSamples>),
}

fn prices(settings: &Settings) -> Result<Vec<MovedSamples>, SimulationError> {
    const MINUTES: usize = 1_440;
    match &settings.closes {
        Some(closes) => moved_samples(closes),
        None => moved_samples(&random_closes(settings.seed, MINUTES * settings.paths)),
    }
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
