//! `strobe demo`: a match, the day of one, chains through one, or a day of a price, on an embedded chain; or
//! some of a match on a cluster.

mod cluster;

use std::{error::Error, fmt::Display, fs, path::PathBuf};

use circuits::KeyStore;
use clap::{Args, Subcommand, ValueEnum};
use demo::{
    chains,
    feed::{Above90, Match, Reading},
    flash, leverage, markets, prices, DemoError, HONEST,
};
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;
use testbed::ProgramKind;

use super::arguments::KeysArguments;
use crate::quiet::Quiet;

#[derive(Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Demo {
    #[command(subcommand)]
    other: Option<Other>,
    #[command(flatten)]
    flash: FlashDemo,
}

#[derive(Subcommand)]
enum Other {
    /// Plays the day of the match with a standard market of each kind.
    Markets(MarketsDemo),
    /// Plays a day of BTC/USD with traders who borrow from a pool.
    Leverage(LeverageDemo),
    /// Plays a match with chains of bets through it, and a question traded once for each end of it.
    Chains(ChainsDemo),
    /// Plays a day of a real price with markets on whether it rises, an hour after the other.
    Prices(PricesDemo),
}

#[derive(Args)]
struct FlashDemo {
    #[command(flatten)]
    game: Replayed,
    /// Number of bettors.
    #[arg(long, value_name = "N", default_value_t = 6, value_parser = clap::value_parser!(u8).range(1..=64))]
    bettors: u8,
    /// How many of the five providers tell the truth; three must. With two, markets are void.
    #[arg(long, value_name = "N", default_value_t = HONEST, value_parser = clap::value_parser!(u8).range(0..=i64::from(HONEST)))]
    honest: u8,
    #[command(flatten)]
    on_cluster: cluster::OnCluster,
    #[command(flatten)]
    play: Play,
}

#[derive(Args)]
struct ChainsDemo {
    #[command(flatten)]
    game: Replayed,
    #[command(flatten)]
    play: Play,
}

/// Which match is played.
#[derive(Args)]
struct Replayed {
    /// The match feed, in a format of openfootball or in ours [default: the final of 2022].
    #[arg(long, value_name = "FILE")]
    feed: Option<PathBuf>,
    /// Which match of the feed: words of its teams in their order, date, round, group or ground; or
    /// its number in the feed, as "#3". Accents may be left out.
    #[arg(long = "match", value_name = "TEXT")]
    wanted: Option<String>,
    /// What a minute above 90 is in a match without a score after extra time, which is refused
    /// otherwise.
    #[arg(long = "above-90", value_name = "WHAT", value_enum)]
    above_90: Option<MinutesAbove90>,
}

#[derive(Args)]
struct MarketsDemo {
    /// Number of traders.
    #[arg(long, value_name = "N", default_value_t = 7, value_parser = clap::value_parser!(u8).range(1..=64))]
    traders: u8,
    #[command(flatten)]
    play: Play,
}

#[derive(Args)]
struct LeverageDemo {
    #[command(flatten)]
    play: Play,
}

#[derive(Args)]
struct PricesDemo {
    /// Number of markets.
    #[arg(long, value_name = "N", default_value_t = 12, value_parser = clap::value_parser!(u16).range(1..=i64::from(prices::MOST_MARKETS)))]
    markets: u16,
    #[command(flatten)]
    play: Play,
}

/// How a demo is played.
#[derive(Args)]
struct Play {
    /// Seed of everybody's decisions.
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Also writes the result as JSON.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// How the chain runs the programs [default: as bytecode if that has been built].
    #[arg(long, value_enum)]
    programs: Option<Programs>,
    #[command(flatten)]
    keys: KeysArguments,
}

#[derive(Clone, Copy, ValueEnum)]
enum MinutesAbove90 {
    /// 94 is 90+4.
    Stoppage,
    /// 94 is the fourth minute of extra time, and the final score counts it.
    ExtraTime,
}

impl From<MinutesAbove90> for Above90 {
    fn from(minutes: MinutesAbove90) -> Self {
        match minutes {
            MinutesAbove90::Stoppage => Self::Stoppage,
            MinutesAbove90::ExtraTime => Self::ExtraTime,
        }
    }
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
        match self.other {
            None => self.flash.run(),
            Some(Other::Markets(demo)) => demo.run(),
            Some(Other::Leverage(demo)) => demo.run(),
            Some(Other::Chains(demo)) => demo.run(),
            Some(Other::Prices(demo)) => demo.run(),
        }
    }
}

impl Replayed {
    /// The match, with a warning for what its feed says twice and differently.
    fn load(&self) -> Result<Match, DemoError> {
        let reading = Reading {
            wanted: self.wanted.as_deref(),
            above_90: self.above_90.map(Above90::from),
        };
        let game = Match::load(self.feed.as_deref(), reading)?;
        for contradiction in game.contradictions() {
            eprintln!("warning: {}: {contradiction}", game.title());
        }
        Ok(game)
    }
}

impl ChainsDemo {
    fn run(self) -> Result<(), Box<dyn Error>> {
        let game = self.game.load()?;
        let settings = chains::Settings {
            programs: self.play.programs()?,
            seed: self.play.seed,
        };
        self.play
            .run(settings.programs, "minute", |keys, progress| {
                chains::run(&game, &settings, keys, progress)
            })
    }
}

impl FlashDemo {
    fn run(self) -> Result<(), Box<dyn Error>> {
        let game = self.game.load()?;
        if self.on_cluster.is_wanted() {
            return self.on_cluster.run(&game, self.play.json.as_deref());
        }
        let settings = flash::Settings {
            programs: self.play.programs()?,
            bettors: self.bettors.into(),
            seed: self.play.seed,
            honest: self.honest,
        };
        self.play
            .run(settings.programs, "minute", |keys, progress| {
                flash::run(&game, &settings, keys, progress)
            })
    }
}

impl MarketsDemo {
    fn run(self) -> Result<(), Box<dyn Error>> {
        let game = Match::load(None, Reading::default()).map_err(DemoError::from)?;
        let settings = markets::Settings {
            programs: self.play.programs()?,
            traders: self.traders.into(),
            seed: self.play.seed,
        };
        self.play.run(settings.programs, "hour", |keys, progress| {
            markets::run(&game, &settings, keys, progress)
        })
    }
}

impl LeverageDemo {
    fn run(self) -> Result<(), Box<dyn Error>> {
        let settings = leverage::Settings {
            programs: self.play.programs()?,
            seed: self.play.seed,
        };
        // Nothing is proven in it.
        self.play.run(settings.programs, "step", |_, progress| {
            leverage::run(&settings, progress)
        })
    }
}

impl PricesDemo {
    fn run(self) -> Result<(), Box<dyn Error>> {
        let settings = prices::Settings {
            programs: self.play.programs()?,
            seed: self.play.seed,
            markets: self.markets,
        };
        self.play
            .run(settings.programs, "market", |keys, progress| {
                prices::run(&settings, keys, progress)
            })
    }
}

impl Play {
    fn programs(&self) -> Result<ProgramKind, Box<dyn Error>> {
        Ok(match self.programs {
            Some(Programs::Native) => ProgramKind::Native,
            Some(Programs::Sbf) => ProgramKind::Sbf,
            None => ProgramKind::from_env()?,
        })
    }

    /// Plays a demo, of which `unit` is what its progress is counted in, and tells what it showed.
    fn run<R: Display + Serialize>(
        self,
        programs: ProgramKind,
        unit: &str,
        demo: impl FnOnce(&KeyStore, &ProgressBar) -> Result<R, DemoError>,
    ) -> Result<(), Box<dyn Error>> {
        let template = format!("{{elapsed:>4}} {{bar:40}} {unit} {{pos}}/{{len}} {{msg}}");
        let progress = ProgressBar::new(0).with_style(ProgressStyle::with_template(&template)?);
        let report = {
            let _quiet = (programs == ProgramKind::Native)
                .then(Quiet::start)
                .transpose()?;
            demo(&self.keys.store()?, &progress)?
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
