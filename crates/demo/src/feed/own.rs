//! The format `strobe-match/1`.

use serde_json::Value;

use super::{
    fields::Fields,
    report::{Report, Reported, Scores},
    selection::Description,
    FieldError, MatchError, Team, LENGTHS,
};

pub const FORMAT: &str = "strobe-match/1";

const FIELDS: [&str; 8] = [
    "format",
    "competition",
    "date",
    "team1",
    "team2",
    "minutes",
    "score",
    "goals",
];
const GOAL_FIELDS: [&str; 6] = ["minute", "offset", "team", "player", "penalty", "own_goal"];

/// What the match is called.
///
/// # Errors
/// [`FieldError`].
pub fn description(feed: &Value) -> Result<Description, FieldError> {
    let fields = Fields::of(feed, "")?;
    Ok(Description {
        number: 1,
        teams: [fields.text("team1")?, fields.text("team2")?],
        codes: [String::new(), String::new()],
        round: fields.text("competition")?,
        date: fields.text("date")?,
        details: Vec::new(),
    })
}

/// # Errors
/// [`MatchError::Field`].
pub fn report(feed: &Value) -> Result<Report, MatchError> {
    let fields = Fields::of(feed, "")?;
    fields.require_only(&FIELDS)?;
    let [usual, extra] = LENGTHS;
    let length = fields.required("minutes", "90 or 120")?;
    let length = match length.as_u64() {
        Some(minutes) if minutes == u64::from(usual) => usual,
        Some(minutes) if minutes == u64::from(extra) => extra,
        _ => return Err(out_of_range("minutes".into(), length, "90 or 120").into()),
    };
    fields.required("score", "the goals of both teams, as [2, 1]")?;
    let score = fields.score("score")?;
    fields.required("goals", "a list")?;
    Ok(Report {
        scores: Scores {
            half: None,
            full: score.filter(|_| length == usual),
            extra: score.filter(|_| length == extra),
        },
        goals: fields
            .objects("goals")?
            .iter()
            .map(|goal| read_goal(goal, length))
            .collect::<Result<_, _>>()?,
        is_listed_in_order: true,
    })
}

fn read_goal(goal: &Fields, length: u32) -> Result<Reported, FieldError> {
    goal.require_only(&GOAL_FIELDS)?;
    let mark = goal.minute()?;
    if !(1..=length).contains(&mark.minute) {
        let expected = "1 to the minutes of the match; stoppage time is the offset";
        return Err(out_of_range(mark.field, mark.minute, expected));
    }
    let team = goal.required("team", "1 or 2")?;
    Ok(Reported {
        team: match team.as_u64() {
            Some(1) => Team::First,
            Some(2) => Team::Second,
            _ => return Err(out_of_range(goal.path("team"), team, "1 or 2")),
        },
        scorer: super::scorer(
            &goal.text("player")?,
            goal.flag("penalty")?,
            goal.flag("own_goal")?,
        ),
        score_after: None,
        mark,
    })
}

fn out_of_range(field: String, found: impl ToString, expected: &'static str) -> FieldError {
    let found = found.to_string();
    FieldError {
        field,
        found,
        expected,
    }
}
