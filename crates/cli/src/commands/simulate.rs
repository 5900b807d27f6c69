//! `strobe simulate`: what attackers and price paths take from those who lend, what slices of orders cost,
//! and what moving a price gains.

use std::{fs, io, path::PathBuf};

use clap::{Args, Subcommand};
use demo::feed::{FeedError, Match, Window};
use serde::Serialize;
use simulation::{
    arbitrage::DELAYS,
    matches::Goals,
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
    Leverage(LoanPaths),
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

/// What prices do on which loans are given.
#[derive(Args)]
pub struct LoanPaths {
    #[command(flatten)]
    paths: Paths,
    /// Football matches in a format of openfootball, or one in ours, for markets on who wins, whose prices jump at
    /// goals, instead of random matches. Play up to the 90th minute counts. A match that cannot be read is
    /// refused.
    #[arg(long, value_name = "FILE")]
    matches: Option<PathBuf>,
    /// How many slots after a price was moved arbitrageurs trade it back, each time; once for each figure. What
    /// is taken if nobody does is always said beside.
    #[arg(long, value_name = "D", default_values_t = DELAYS, value_parser = clap::value_parser!(u64).range(..=1_000_000))]
    answer_slots: Vec<u64>,
}

/// A simulation refused.
#[derive(Debug, Error)]
pub enum SimulateError {
    #[error("--closes: {}: {error}", path.display())]
    Read { path: PathBuf, error: io::Error },
    #[error("--closes: {0}")]
    Closes(SimulationError),
    #[error("--matches: {0}")]
    Matches(#[from] FeedError),
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
            matches: None,
            answer_slots: DELAYS.to_vec(),
        })
    }
}

impl LoanPaths {
    fn settings(self) -> Result<Settings, SimulateError> {
        let mut settings = self.paths.settings()?;
        settings.answer_slots = self.answer_slots;
        if let Some(path) = self.matches {
            let read = Match::load_all(&path)?
                .into_iter()
                .collect::<Result<Vec<_>, _>>()?;
            settings.matches = Some(read.iter().map(goals).collect());
        }
        Ok(settings)
    }
}

/// Those up to the 90th minute.
fn goals(of: &Match) -> Goals {
    const PLAY: Window = Window { from: 0, to: 90 };
    let mut goals = Goals::default();
    for goal in of.goals_in(PLAY) {
        if let Ok(minute) = usize::try_from(goal.at.minute) {
            goals.0[goal.team.index()].push(minute);
        }
    }
    goals
}
