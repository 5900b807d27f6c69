//! `strobe demo`: a match replayed on an embedded chain.

use std::{error::Error, fs, path::PathBuf};

use clap::{Args, ValueEnum};
use harness::ProgramKind;
use indicatif::{ProgressBar, ProgressStyle};

use super::arguments::KeysArguments;
use crate::{
    demo::{self, DemoError, Settings, HONEST},
    feed::Match,
    quiet::Quiet,
};

#[derive(Args)]
pub struct Demo {
    /// The match feed, in the openfootball format or in ours [default: the final of 2022].
    #[arg(long, value_name = "FILE")]
    feed: Option<PathBuf>,
    /// Which match of the feed: words of its teams, date or round.
    #[arg(long = "match", value_name = "TEXT")]
    wanted: Option<String>,
    /// Number of bettors.
    #[arg(long, value_name = "N", default_value_t = 6, value_parser = clap::value_parser!(u8).range(1..=64))]
    bettors: u8,
    /// Seed of the bettors' decisions.
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Also writes the result as JSON.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// How the chain runs the programs [default: as bytecode if that has been built].
    #[arg(long, value_enum)]
    programs: Option<Programs>,
    /// How many of the five providers tell the truth; three must. With two, markets are void.
    #[arg(long, value_name = "N", default_value_t = HONEST, value_parser = clap::value_parser!(u8).range(0..=i64::from(HONEST)))]
    honest: u8,
    #[command(flatten)]
    keys: KeysArguments,
}

#[derive(Clone, Copy, ValueEnum)]
enum Programs {
    /// Compiled for this machine.
    Native,
    /// The built bytecode.
    Sbf,
}

impl Demo {
    /// # Errors
    /// Of the feed, the keys, the chain and the file to write.
    pub fn run(self) -> Result<(), Box<dyn Error>> {
        let game =
            Match::load(self.feed.as_deref(), self.wanted.as_deref()).map_err(DemoError::from)?;
        let programs = match self.programs {
            Some(Programs::Native) => ProgramKind::Native,
            Some(Programs::Sbf) => ProgramKind::Sbf,
            None => ProgramKind::from_env()?,
        };
        let settings = Settings {
            programs,
            bettors: self.bettors.into(),
            seed: self.seed,
            honest: self.honest,
        };
        let progress = ProgressBar::new(0).with_style(ProgressStyle::with_template(
            "{elapsed:>4} {bar:40} minute {pos}/{len} {msg}",
        )?);
        let report = {
            let _quiet = (programs == ProgramKind::Native)
                .then(Quiet::start)
                .transpose()?;
            demo::run(&game, &settings, &self.keys.store()?, &progress)?
        };
        progress.finish_and_clear();
        print!("{report}");
        if let Some(path) = self.json {
            let text = serde_json::to_string_pretty(&report).map_err(DemoError::from)? + "\n";
            fs::write(&path, text).map_err(|cause| DemoError::Write { path, cause })?;
        }
        Ok(())
    }
}
