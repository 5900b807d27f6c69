use std::path::PathBuf;

use thiserror::Error;

use super::{own, Minute, MOST_STOPPAGE};

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
    #[error("feed is not good JSON: {0}")]
    NotJson(serde_json::Error),
    #[error(
        "unknown feed format: expected the format \"{}\", or an openfootball file with its list \
         \"matches\" or \"rounds\"",
        own::FORMAT
    )]
    UnknownFormat,
    #[error("feed is malformed: {0}")]
    Malformed(FieldError),
    #[error("feed has no matches")]
    NoMatches,
    #[error("no match fits {wanted:?}; the feed has {}", list(.candidates))]
    NoSuchMatch {
        wanted: String,
        candidates: Vec<String>,
    },
    #[error(
        "no match fits {wanted:?}: the order of the teams counts, and the feed has {}",
        list(.candidates)
    )]
    OtherOrder {
        wanted: String,
        candidates: Vec<String>,
    },
    #[error(
        "{} matches fit, choose one with --match, by more of its words or by its number: {}",
        .candidates.len(),
        list(.candidates)
    )]
    SeveralMatches { candidates: Vec<String> },
    #[error("{name}: {cause}")]
    Match { name: String, cause: MatchError },
}

/// Why the chosen match cannot be replayed.
#[derive(Debug, PartialEq, Eq, Error)]
pub enum MatchError {
    #[error(transparent)]
    Field(#[from] FieldError),
    #[error("the match has no final score: nothing says that it was played")]
    NoFinalScore,
    #[error(
        "the status of the match is {status:?}, which is not known to mean that it was played to \
         its end"
    )]
    NotFinished { status: String },
    #[error("the feed has no goals of the match, but its score is {}-{}", score[0], score[1])]
    NoGoals { score: [u32; 2] },
    #[error("the goals add up to {}-{}, but the score is {}-{}", goals[0], goals[1], score[0], score[1])]
    ScoreMismatch { goals: [u32; 2], score: [u32; 2] },
    #[error(
        "{field} is {at}, but there is no score after extra time (et): either it is stoppage time \
         of the 90 minutes, or the score leaves extra time out; say which with \
         --above-90 stoppage or --above-90 extra-time"
    )]
    AmbiguousMinute { field: String, at: Minute },
    #[error("{field} is {at}, which is in extra time and not in stoppage time of the 90 minutes")]
    NotStoppage { field: String, at: Minute },
    #[error("{field} is {at}, expected stoppage time only after minutes 45, 90, 105 and 120")]
    StoppageWithinHalf { field: String, at: Minute },
    #[error(
        "{field} is {at}, expected minutes 1 to 120, with at most {MOST_STOPPAGE} of stoppage time"
    )]
    MinuteOutOfRange { field: String, at: Minute },
    #[error(
        "both teams score in minute {at}, and the feed does not say who first: give each of these \
         goals the score that it made (score1, score2)"
    )]
    SameMinute { at: Minute },
}

/// A field that is not what it must be.
#[derive(Debug, PartialEq, Eq, Error)]
#[error("{field} is {found}, expected {expected}")]
pub struct FieldError {
    pub field: String,
    pub found: String,
    pub expected: &'static str,
}

fn list(candidates: &[String]) -> String {
    let mut text = candidates[..candidates.len().min(LISTED)].join("; ");
    if candidates.len() > LISTED {
        text = format!("{text}; and {} more", candidates.len() - LISTED);
    }
    text
}
