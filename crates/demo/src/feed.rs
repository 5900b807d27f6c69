//! Match feeds: what happened in a football match, minute by minute. The formats are described in
//! `examples/feeds/README.md`.

mod openfootball;
mod own;

use std::{
    fmt, fs,
    path::{Path, PathBuf},
};

use serde_json::Value;
use thiserror::Error;

/// The final of the 2022 World Cup.
const DEFAULT: &str = include_str!("../../../examples/feeds/argentina-france-2022.json");

/// Minutes of a match without and with extra time.
const LENGTHS: [u32; 2] = [90, 120];
/// Last minute of the first half.
pub const HALF_TIME: u32 = 45;
/// Most matches that an error lists.
const LISTED: usize = 12;

/// Why a feed cannot be replayed.
#[derive(Debug, Error)]
pub enum FeedError {
    #[error("feed {path} cannot be read: {cause}")]
    Read {
        path: PathBuf,
        cause: std::io::Error,
    },
    #[error("feed is no JSON: {0}")]
    NotJson(serde_json::Error),
    #[error(
        "unknown feed format: expected the format \"{}\" or an openfootball file with its list \
         \"matches\"",
        own::FORMAT
    )]
    UnknownFormat,
    #[error("feed of format {format} is malformed: {cause}")]
    Malformed {
        format: &'static str,
        cause: serde_json::Error,
    },
    #[error("feed has no matches")]
    NoMatches,
    #[error("no match fits {wanted:?}; the feed has {}", list(.candidates))]
    NoSuchMatch {
        wanted: String,
        candidates: Vec<String>,
    },
    #[error("{} matches fit, choose one with --match: {}", .candidates.len(), list(.candidates))]
    SeveralMatches { candidates: Vec<String> },
    #[error("feed has no events: {0} has no goals, nor the final score 0-0")]
    NoEvents(String),
    #[error("{name}: the goals add up to {}-{}, but the score is {}-{}", goals[0], goals[1], score[0], score[1])]
    ScoreMismatch {
        name: String,
        goals: [u32; 2],
        score: [u32; 2],
    },
    #[error("{name}: a goal in minute {minute}, expected 1 to {minutes}")]
    MinuteOutOfRange {
        name: String,
        minute: u32,
        minutes: u32,
    },
    #[error("{name}: {minutes} minutes of play, expected 90 or 120")]
    LengthOutOfRange { name: String, minutes: u32 },
    #[error("{name}: a goal of team {team}, expected 1 or 2")]
    UnknownTeam { name: String, team: u32 },
    #[error("a team of the match has no name")]
    NamelessTeam,
}

fn list(candidates: &[String]) -> String {
    let mut text = candidates[..candidates.len().min(LISTED)].join("; ");
    if candidates.len() > LISTED {
        text = format!("{text}; and {} more", candidates.len() - LISTED);
    }
    text
}

/// One of the two teams.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Team {
    First,
    Second,
}

impl Team {
    pub fn index(self) -> usize {
        match self {
            Self::First => 0,
            Self::Second => 1,
        }
    }
}

/// When a goal fell. Ordered by minute, then by stoppage time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Minute {
    /// Minute of play as it is reported, from 1. It alone decides in which window the goal is.
    pub minute: u32,
    /// Minutes of stoppage time after it.
    pub offset: u32,
}

impl fmt::Display for Minute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.minute)?;
        if self.offset > 0 {
            write!(f, "+{}", self.offset)?;
        }
        Ok(())
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Goal {
    pub at: Minute,
    /// The team that it counts for.
    pub team: Team,
    /// Name and remarks, for display; may be empty.
    pub scorer: String,
}

/// Minutes of play: the goals with `from < minute ≤ to`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    pub from: u32,
    pub to: u32,
}

impl Window {
    pub fn contains(&self, at: Minute) -> bool {
        self.from < at.minute && at.minute <= self.to
    }
}

/// A match that is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Match {
    /// Competition and date, for display; may be empty.
    pub occasion: String,
    pub teams: [String; 2],
    /// Length of play, 90 or 120.
    pub minutes: u32,
    /// In order of time.
    goals: Vec<Goal>,
}

/// A match as a feed tells it, not checked yet.
struct Report {
    occasion: String,
    /// What `--match` searches beside the teams.
    details: String,
    teams: [String; 2],
    minutes: u32,
    score: Option<[u32; 2]>,
    goals: Vec<Goal>,
}

impl Match {
    /// Reads the match from a feed, the default one without `path`. `wanted` picks one of several by
    /// the words of its description.
    ///
    /// # Errors
    /// One variant of [`FeedError`] a cause.
    pub fn load(path: Option<&Path>, wanted: Option<&str>) -> Result<Self, FeedError> {
        match path {
            None => Self::parse(DEFAULT, wanted),
            Some(path) => {
                let text = fs::read_to_string(path).map_err(|cause| FeedError::Read {
                    path: path.to_path_buf(),
                    cause,
                })?;
                Self::parse(&text, wanted)
            }
        }
    }

    fn parse(text: &str, wanted: Option<&str>) -> Result<Self, FeedError> {
        let feed: Value = serde_json::from_str(text).map_err(FeedError::NotJson)?;
        let reports = if feed.get("format").and_then(Value::as_str) == Some(own::FORMAT) {
            vec![own::read(feed)?]
        } else if feed.get("matches").is_some_and(Value::is_array) {
            openfootball::read(feed)?
        } else {
            return Err(FeedError::UnknownFormat);
        };
        choose(reports, wanted)?.check()
    }

    /// Teams, score and occasion.
    pub fn title(&self) -> String {
        let [first, second] = &self.teams;
        let [goals, against] = self.score();
        format!("{first} - {second} {goals}-{against} ({})", self.occasion)
    }

    /// All goals in order of time.
    pub fn goals(&self) -> &[Goal] {
        &self.goals
    }

    /// The goals in a window, in order of time.
    pub fn goals_in(&self, window: Window) -> impl Iterator<Item = &Goal> {
        self.goals
            .iter()
            .filter(move |goal| window.contains(goal.at))
    }

    /// Goals of each team.
    pub fn score(&self) -> [u32; 2] {
        tally(&self.goals)
    }
}

/// Goals of each team.
pub fn tally(goals: &[Goal]) -> [u32; 2] {
    let mut score = [0; 2];
    for goal in goals {
        score[goal.team.index()] += 1;
    }
    score
}

impl Report {
    fn name(&self) -> String {
        let teams = self.teams.join(" - ");
        if self.occasion.is_empty() {
            teams
        } else {
            format!("{teams} ({})", self.occasion)
        }
    }

    /// Whether every word of `wanted` is one of this match's, or begins one if `is_prefix`.
    fn fits(&self, wanted: &str, is_prefix: bool) -> bool {
        let own = format!("{} {} {}", self.name(), self.occasion, self.details);
        let own = words(&own);
        words(wanted).iter().all(|word| {
            own.iter()
                .any(|other| other == word || (is_prefix && other.starts_with(word.as_str())))
        })
    }

    fn check(mut self) -> Result<Match, FeedError> {
        let name = self.name();
        if self.teams.iter().any(|team| team.trim().is_empty()) {
            return Err(FeedError::NamelessTeam);
        }
        if self.goals.is_empty() && self.score != Some([0, 0]) {
            return Err(FeedError::NoEvents(name));
        }
        let minutes = self.minutes;
        if !LENGTHS.contains(&minutes) {
            return Err(FeedError::LengthOutOfRange { name, minutes });
        }
        let outside = |goal: &&Goal| !(1..=minutes).contains(&goal.at.minute);
        if let Some(goal) = self.goals.iter().find(outside) {
            let minute = goal.at.minute;
            return Err(FeedError::MinuteOutOfRange {
                name,
                minute,
                minutes,
            });
        }
        let goals = tally(&self.goals);
        if let Some(score) = self.score.filter(|score| *score != goals) {
            return Err(FeedError::ScoreMismatch { name, goals, score });
        }
        self.goals.sort_by_key(|goal| goal.at);
        Ok(Match {
            occasion: self.occasion,
            teams: self.teams,
            minutes,
            goals: self.goals,
        })
    }
}

/// The texts that are not empty, by commas.
fn joined<const N: usize>(texts: [&str; N]) -> String {
    let given: Vec<_> = texts.into_iter().filter(|text| !text.is_empty()).collect();
    given.join(", ")
}

/// A scorer's name with remarks.
fn scorer(name: &str, is_penalty: bool, is_own_goal: bool) -> String {
    let penalty = if is_penalty { "penalty" } else { "" };
    let own_goal = if is_own_goal { "own goal" } else { "" };
    joined([name, penalty, own_goal])
}

fn words(text: &str) -> Vec<String> {
    text.to_lowercase()
        .split(|character: char| !character.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

/// The one match that fits. Whole words count before beginnings of words, so that "final" is not a
/// quarter-final as long as there is a final.
fn choose(reports: Vec<Report>, wanted: Option<&str>) -> Result<Report, FeedError> {
    if reports.is_empty() {
        return Err(FeedError::NoMatches);
    }
    let wanted = wanted.unwrap_or_default();
    let names = |reports: &[&Report]| reports.iter().map(|report| report.name()).collect();
    let fitting = |is_prefix| -> Vec<&Report> {
        let fits = |report: &&Report| report.fits(wanted, is_prefix);
        reports.iter().filter(fits).collect()
    };
    let mut found = fitting(false);
    if found.is_empty() {
        found = fitting(true);
    }
    let chosen = match found[..] {
        [] => {
            return Err(FeedError::NoSuchMatch {
                wanted: wanted.to_owned(),
                candidates: names(&reports.iter().collect::<Vec<_>>()),
            })
        }
        [only] => reports.iter().position(|report| std::ptr::eq(report, only)),
        [..] => {
            return Err(FeedError::SeveralMatches {
                candidates: names(&found),
            })
        }
    };
    chosen
        .and_then(|place| reports.into_iter().nth(place))
        .ok_or(FeedError::NoMatches)
}

#[cfg(test)]
mod tests;
