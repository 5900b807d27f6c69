//! The format `strobe-match/1`.

use serde::Deserialize;
use serde_json::Value;

use super::{FeedError, Goal, Minute, Report, Team};

pub const FORMAT: &str = "strobe-match/1";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Feed {
    #[serde(rename = "format")]
    _format: String,
    #[serde(default)]
    competition: String,
    #[serde(default)]
    date: String,
    team1: String,
    team2: String,
    minutes: u32,
    score: [u32; 2],
    goals: Vec<Scored>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Scored {
    minute: u32,
    #[serde(default)]
    offset: u32,
    team: u32,
    #[serde(default)]
    player: String,
    #[serde(default)]
    penalty: bool,
    #[serde(default)]
    own_goal: bool,
}

pub fn read(feed: Value) -> Result<Report, FeedError> {
    let feed: Feed = serde_json::from_value(feed).map_err(|cause| FeedError::Malformed {
        format: FORMAT,
        cause,
    })?;
    let name = format!("{} - {}", feed.team1, feed.team2);
    let goals = feed
        .goals
        .into_iter()
        .map(|goal| {
            Ok(Goal {
                at: Minute {
                    minute: goal.minute,
                    offset: goal.offset,
                },
                team: match goal.team {
                    1 => Team::First,
                    2 => Team::Second,
                    team => {
                        return Err(FeedError::UnknownTeam {
                            name: name.clone(),
                            team,
                        })
                    }
                },
                scorer: super::scorer(&goal.player, goal.penalty, goal.own_goal),
            })
        })
        .collect::<Result<_, _>>()?;
    Ok(Report {
        occasion: super::joined([&feed.competition, &feed.date]),
        details: String::new(),
        teams: [feed.team1, feed.team2],
        minutes: feed.minutes,
        score: Some(feed.score),
        goals,
    })
}
