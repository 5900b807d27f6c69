//! Match feeds: what happened in a football match, minute by minute. The formats are described in
//! `examples/feeds/README.md`.
//!
//! Bets are settled by what is read here, so nothing is guessed: what a feed leaves open is refused,
//! with a hint how to say it.

mod error;
mod fields;
mod json;
mod openfootball;
mod own;
mod report;
mod selection;

use std::{fmt, fs, path::Path};

use serde_json::Value;

pub use error::{FeedError, FieldError, MatchError};
use report::Report;
pub use report::MOST_STOPPAGE;
use selection::Description;

/// The final of the 2022 World Cup.
const DEFAULT: &str = include_str!("../../../examples/feeds/argentina-france-2022.json");

/// Minutes of a match without and with extra time.
const LENGTHS: [u32; 2] = [90, 120];
/// Last minute of the first half.
pub const HALF_TIME: u32 = 45;

/// What the user says about the feed.
#[derive(Clone, Copy, Debug, Default)]
pub struct Reading<'a> {
    /// Which of several matches: words of its description, or its number as `#3`.
    pub wanted: Option<&'a str>,
    /// What minutes above 90 are in a match without a score after extra time. Without it such a
    /// match is refused.
    pub above_90: Option<Above90>,
}

/// What a minute above 90 is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Above90 {
    /// 94 is 90+4.
    Stoppage,
    /// 94 is the fourth minute of extra time, and the final score counts it.
    ExtraTime,
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
    contradictions: Vec<String>,
}

/// A minute as it stands in a feed.
#[derive(Clone)]
struct Mark {
    /// The field that it stands in.
    field: String,
    minute: u32,
    offset: u32,
}

impl Match {
    /// Reads the match from a feed, the default one without `path`.
    ///
    /// # Errors
    /// One variant of [`FeedError`] a cause.
    pub fn load(path: Option<&Path>, reading: Reading) -> Result<Self, FeedError> {
        match path {
            None => Self::parse(DEFAULT, reading),
            Some(path) => Self::parse(&read(path)?, reading),
        }
    }

    /// Reads all matches of a feed, each by itself.
    ///
    /// # Errors
    /// Those that are no match's own; each match has its [`FeedError::Match`].
    pub fn load_all(path: &Path) -> Result<Vec<Result<Self, FeedError>>, FeedError> {
        let feed = feed_of(&read(path)?)?;
        let listed = listed(&feed)?;
        if listed.is_empty() {
            return Err(FeedError::NoMatches);
        }
        let listed = listed.into_iter();
        Ok(listed
            .map(|listed| Self::checked(listed, Reading::default()))
            .collect())
    }

    /// Reads every match by itself, so that one odd match hides no other.
    fn parse(text: &str, reading: Reading) -> Result<Self, FeedError> {
        let feed = feed_of(text)?;
        let (mut described, mut reports): (Vec<_>, Vec<_>) = listed(&feed)?.into_iter().unzip();
        let place = selection::choose(&described, reading.wanted)?;
        let chosen = (described.swap_remove(place), reports.swap_remove(place));
        Self::checked(chosen, reading)
    }

    fn checked((described, report): Listed, reading: Reading) -> Result<Self, FeedError> {
        let name = described.name();
        let checked = report
            .and_then(|report| described.require_teams().map(|()| report))
            .and_then(|report| report.check(reading.above_90))
            .map_err(|cause| FeedError::Match { name, cause })?;
        Ok(Self {
            occasion: described.occasion(),
            teams: described.teams,
            minutes: checked.minutes,
            goals: checked.goals,
            contradictions: checked.contradictions,
        })
    }

    /// What the feed says beside its goals and its goals do not, one sentence each.
    pub fn contradictions(&self) -> &[String] {
        &self.contradictions
    }

    /// Teams, score and occasion.
    pub fn title(&self) -> String {
        let [first, second] = &self.teams;
        let [goals, against] = self.score();
        let title = format!("{first} - {second} {goals}-{against}");
        match self.occasion.as_str() {
            "" => title,
            occasion => format!("{title} ({occasion})"),
        }
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

/// What a match is called, and what is said of it, not checked yet.
type Listed = (Description, Result<Report, MatchError>);

fn read(path: &Path) -> Result<String, FeedError> {
    fs::read_to_string(path).map_err(|cause| FeedError::Read {
        path: path.to_path_buf(),
        cause,
    })
}

fn feed_of(text: &str) -> Result<Value, FeedError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    json::parse(text).map_err(FeedError::NotJson)
}

/// The matches of a feed in either format.
fn listed(feed: &Value) -> Result<Vec<Listed>, FeedError> {
    if feed.get("format").and_then(Value::as_str) == Some(own::FORMAT) {
        let described = own::description(feed).map_err(FeedError::Malformed)?;
        Ok(vec![(described, own::report(feed))])
    } else if feed.get("matches").is_some() || feed.get("rounds").is_some() {
        let entries = openfootball::entries(feed).map_err(FeedError::Malformed)?;
        let numbered = (1..).zip(&entries);
        Ok(numbered
            .map(|(number, entry)| (entry.description(number), entry.report()))
            .collect())
    } else {
        Err(FeedError::UnknownFormat)
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

#[cfg(test)]
mod tests;
