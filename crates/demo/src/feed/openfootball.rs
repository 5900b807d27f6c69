//! The formats of openfootball: a list `matches`, with scores as `score: {ft, et, ht}` or as a list,
//! and minutes as numbers or texts; and the older one with `rounds`, where a match has `score1` and
//! `score2`.

use serde_json::Value;

use super::{
    fields::Fields,
    report::{Report, Reported, Scores},
    selection::Description,
    FieldError, MatchError, Team,
};

/// A match of the file, not read yet.
pub struct Entry<'a> {
    value: &'a Value,
    round: Option<&'a Value>,
}

/// The matches of a feed.
///
/// # Errors
/// [`FieldError`] if a list of matches is none.
pub fn entries(feed: &Value) -> Result<Vec<Entry<'_>>, FieldError> {
    let fields = Fields::of(feed, "")?;
    let entry = |value| Entry { value, round: None };
    let mut entries: Vec<_> = fields.list("matches")?.iter().map(entry).collect();
    for round in fields.objects("rounds")? {
        let matches = round.list("matches")?.iter();
        entries.extend(matches.map(|value| Entry {
            value,
            round: round.get("name"),
        }));
    }
    Ok(entries)
}

impl Entry<'_> {
    /// What the match is called, as far as that can be read.
    pub fn description(&self, number: usize) -> Description {
        let text = |name: &str| -> String {
            let fields = Fields::of(self.value, "").ok();
            let found = fields.and_then(|fields| fields.get(name));
            found.map_or_else(String::new, name_of)
        };
        let round = text("round");
        let round = match self.round {
            Some(name) if round.is_empty() => name_of(name),
            _ => round,
        };
        Description {
            number,
            teams: [text("team1"), text("team2")],
            codes: [self.code("team1"), self.code("team2")],
            round,
            date: text("date"),
            details: ["group", "stage", "ground", "stadium", "city"]
                .map(text)
                .to_vec(),
        }
    }

    fn code(&self, team: &str) -> String {
        let code = self.value.get(team).and_then(|team| team.get("code"));
        code.map_or_else(String::new, name_of)
    }

    /// # Errors
    /// [`MatchError::Field`], [`MatchError::NotFinished`].
    pub fn report(&self) -> Result<Report, MatchError> {
        let fields = Fields::of(self.value, "")?;
        let scores = scores(&fields)?;
        require_finished(&fields, &scores)?;
        Ok(Report {
            scores,
            goals: [
                goals(&fields, "goals1", Team::First)?,
                goals(&fields, "goals2", Team::Second)?,
            ]
            .concat(),
            is_listed_in_order: false,
        })
    }
}

/// A text, or the `name` of an object; whatever else it is has no name.
fn name_of(value: &Value) -> String {
    let value = value.get("name").unwrap_or(value);
    let name = value.as_str().map(str::trim).unwrap_or_default();
    crate::printable::printable(name)
}

/// A status other than these may mean that the match was not played, or not to its end.
fn require_finished(fields: &Fields, scores: &Scores) -> Result<(), MatchError> {
    let status = fields.text("status")?;
    let is_finished = match status.to_lowercase().replace(['-', '_'], " ").as_str() {
        "" | "finished" | "full time" | "ft" | "played" | "complete" | "completed" | "ended" => {
            true
        }
        // Then there must be a score that counts extra time.
        "aet" | "after extra time" => scores.extra.is_some(),
        _ => false,
    };
    if is_finished {
        Ok(())
    } else {
        Err(MatchError::NotFinished { status })
    }
}

/// From `score`, or from the fields of the older format.
fn scores(fields: &Fields) -> Result<Scores, FieldError> {
    let older = Scores {
        half: fields.score_of_two(["score1i", "score2i"])?,
        full: fields.score_of_two(["score1", "score2"])?,
        extra: fields.score_of_two(["score1et", "score2et"])?,
    };
    let newer = match fields.get("score") {
        None => return Ok(older),
        Some(Value::Array(_)) => Scores {
            full: fields.score("score")?,
            ..Scores::default()
        },
        Some(value) => {
            let score = Fields::of(value, "score")?;
            Scores {
                half: score.score("ht")?,
                full: score.score("ft")?,
                extra: score.score("et")?,
            }
        }
    };
    if older != Scores::default() && older != newer {
        return Err(FieldError {
            field: "score".into(),
            found: "another than score1 and score2 say".into(),
            expected: "one of them, or the same in both",
        });
    }
    Ok(newer)
}

fn goals(fields: &Fields, name: &str, team: Team) -> Result<Vec<Reported>, FieldError> {
    let read = |goal: Fields| {
        Ok(Reported {
            mark: goal.minute()?,
            team,
            scorer: super::scorer(
                &goal.text("name")?,
                goal.flag("penalty")?,
                goal.flag("owngoal")?,
            ),
            score_after: goal.score_of_two(["score1", "score2"])?,
        })
    };
    fields.objects(name)?.into_iter().map(read).collect()
}
