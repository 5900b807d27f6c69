//! The `worldcup.json` format of openfootball.

use serde::Deserialize;
use serde_json::Value;

use super::{FeedError, Goal, Minute, Report, Team, LENGTHS};

#[derive(Deserialize)]
struct Feed {
    matches: Vec<Played>,
}

#[derive(Deserialize)]
struct Played {
    #[serde(default)]
    round: String,
    #[serde(default)]
    date: String,
    #[serde(default)]
    group: String,
    #[serde(default)]
    ground: String,
    team1: String,
    team2: String,
    #[serde(default)]
    score: Score,
    #[serde(default)]
    goals1: Vec<Scored>,
    #[serde(default)]
    goals2: Vec<Scored>,
}

/// After 90 minutes and after extra time; a penalty shoot-out is not part of the play.
#[derive(Default, Deserialize)]
struct Score {
    ft: Option<[u32; 2]>,
    et: Option<[u32; 2]>,
}

#[derive(Deserialize)]
struct Scored {
    #[serde(default)]
    name: String,
    minute: u32,
    #[serde(default)]
    offset: u32,
    #[serde(default)]
    penalty: bool,
    #[serde(default)]
    owngoal: bool,
}

pub fn read(feed: Value) -> Result<Vec<Report>, FeedError> {
    let feed: Feed = serde_json::from_value(feed).map_err(|cause| FeedError::Malformed {
        format: "openfootball",
        cause,
    })?;
    Ok(feed.matches.into_iter().map(report).collect())
}

fn report(played: Played) -> Report {
    let goals: Vec<Goal> = [(Team::First, played.goals1), (Team::Second, played.goals2)]
        .into_iter()
        .flat_map(|(team, goals)| goals.into_iter().map(move |goal| (team, goal)))
        .map(|(team, goal)| Goal {
            at: Minute {
                minute: goal.minute,
                offset: goal.offset,
            },
            team,
            scorer: super::scorer(&goal.name, goal.penalty, goal.owngoal),
        })
        .collect();
    let [usual, extra] = LENGTHS;
    let is_extra = played.score.et.is_some() || goals.iter().any(|goal| goal.at.minute > usual);
    Report {
        occasion: super::joined([&played.round, &played.date]),
        details: super::joined([&played.group, &played.ground]),
        teams: [played.team1, played.team2],
        minutes: if is_extra { extra } else { usual },
        score: played.score.et.or(played.score.ft),
        goals,
    }
}
