//! A match as a feed tells it, and what has to be true of it before it can be replayed.

use super::{tally, Above90, Goal, Mark, MatchError, Minute, Team, HALF_TIME, LENGTHS};

/// Most minutes of stoppage time that are taken for such.
pub const MOST_STOPPAGE: u32 = 45;
/// Minutes that end a half, after which there may be stoppage time.
const ENDS: [u32; 4] = [45, 90, 105, 120];

pub struct Report {
    pub scores: Scores,
    pub goals: Vec<Reported>,
    /// Whether goals of one minute are listed in the order they fell in.
    pub is_listed_in_order: bool,
}

/// What the feed says about the score. A penalty shoot-out is not part of the play.
#[derive(Default, PartialEq, Eq)]
pub struct Scores {
    /// At half-time.
    pub half: Option<[u32; 2]>,
    /// After 90 minutes.
    pub full: Option<[u32; 2]>,
    /// After extra time.
    pub extra: Option<[u32; 2]>,
}

#[derive(Clone)]
pub struct Reported {
    pub mark: Mark,
    pub team: Team,
    pub scorer: String,
    /// The score that this goal made, if the feed says so.
    pub score_after: Option<[u32; 2]>,
}

/// A report that was found good.
pub struct Checked {
    /// Length of play, 90 or 120.
    pub minutes: u32,
    /// In order of time.
    pub goals: Vec<Goal>,
    /// What else the feed says and its goals do not, one sentence each.
    pub contradictions: Vec<String>,
}

impl Report {
    /// # Errors
    /// One variant of [`MatchError`] a cause.
    pub fn check(self, above_90: Option<Above90>) -> Result<Checked, MatchError> {
        let score = self.scores.extra.or(self.scores.full);
        let score = score.ok_or(MatchError::NoFinalScore)?;
        if self.goals.is_empty() && score != [0, 0] {
            return Err(MatchError::NoGoals { score });
        }
        let [usual, extra] = LENGTHS;
        let has_extra = self.scores.extra.is_some();
        let timed = |goal| placed(&goal, has_extra, above_90).map(|at| (at, goal));
        let goals = self.goals.into_iter().map(timed);
        let mut goals = goals.collect::<Result<Vec<_>, _>>()?;
        goals.sort_by_key(|(at, _)| *at);
        if !self.is_listed_in_order {
            order_within_minutes(&mut goals)?;
        }
        let (scores_after, goals): (Vec<_>, Vec<_>) = goals.into_iter().map(split).unzip();
        let found = tally(&goals);
        if found != score {
            return Err(MatchError::ScoreMismatch {
                goals: found,
                score,
            });
        }
        let is_long = has_extra || goals.iter().any(|goal| goal.at.minute > usual);
        let mut contradictions = Vec::new();
        contradictions.extend(contradiction(
            &goals,
            "half-time",
            HALF_TIME,
            self.scores.half,
        ));
        if has_extra {
            contradictions.extend(contradiction(&goals, "90 minutes", usual, self.scores.full));
        }
        contradictions.extend(score_after_goals(&goals, &scores_after));
        Ok(Checked {
            minutes: if is_long { extra } else { usual },
            goals,
            contradictions,
        })
    }
}

fn split((at, reported): (Minute, Reported)) -> (Option<[u32; 2]>, Goal) {
    let Reported {
        team,
        scorer,
        score_after,
        ..
    } = reported;
    (score_after, Goal { at, team, scorer })
}

/// When a goal fell. Above 90 a minute is one of extra time if there was extra time.
fn placed(
    goal: &Reported,
    has_extra: bool,
    above_90: Option<Above90>,
) -> Result<Minute, MatchError> {
    let [usual, extra] = LENGTHS;
    let Mark {
        ref field,
        minute,
        offset,
    } = goal.mark;
    let field = field.clone();
    let at = Minute { minute, offset };
    if minute == 0 || minute > extra + MOST_STOPPAGE || offset > MOST_STOPPAGE {
        return Err(MatchError::MinuteOutOfRange { field, at });
    }
    if offset > 0 && !ENDS.contains(&minute) {
        return Err(MatchError::StoppageWithinHalf { field, at });
    }
    if minute <= usual {
        return Ok(at);
    }
    let meaning = if has_extra {
        Some(Above90::ExtraTime)
    } else {
        above_90
    };
    match meaning {
        None => Err(MatchError::AmbiguousMinute { field, at }),
        Some(Above90::ExtraTime) => Ok(beyond(extra, at)),
        Some(Above90::Stoppage) if offset > 0 => Err(MatchError::NotStoppage { field, at }),
        Some(Above90::Stoppage) if minute - usual > MOST_STOPPAGE => {
            Err(MatchError::MinuteOutOfRange { field, at })
        }
        Some(Above90::Stoppage) => Ok(beyond(usual, at)),
    }
}

/// Minutes beyond `end` as its stoppage time.
fn beyond(end: u32, at: Minute) -> Minute {
    match at.minute.checked_sub(end) {
        None | Some(0) => at,
        Some(offset) => Minute {
            minute: end,
            offset,
        },
    }
}

/// Orders goals of both teams in one minute by the scores that they made, which must then be the
/// scores.
fn order_within_minutes(goals: &mut [(Minute, Reported)]) -> Result<(), MatchError> {
    let mut score = [0; 2];
    for minute in goals.chunk_by_mut(|(at, _), (other, _)| at == other) {
        let [.., (at, last)] = minute else { continue };
        let (at, team) = (*at, last.team);
        let is_shared = minute.iter().any(|(_, goal)| goal.team != team);
        if is_shared {
            // By each team's goals, neither of which falls.
            minute.sort_by_key(|(_, goal)| goal.score_after);
        }
        for (_, goal) in minute {
            score[goal.team.index()] += 1;
            if is_shared && goal.score_after != Some(score) {
                return Err(MatchError::SameMinute { at });
            }
        }
    }
    Ok(())
}

fn contradiction(
    goals: &[Goal],
    when: &str,
    minute: u32,
    said: Option<[u32; 2]>,
) -> Option<String> {
    let until: Vec<_> = goals
        .iter()
        .filter(|goal| goal.at.minute <= minute)
        .cloned()
        .collect();
    let [first, second] = tally(&until);
    let said = said.filter(|said| *said != [first, second])?;
    Some(format!(
        "the feed contradicts itself: it gives the score at {when} as {}-{}, but its goals until \
         minute {minute} make {first}-{second}; the goals decide",
        said[0], said[1]
    ))
}

fn score_after_goals(goals: &[Goal], scores_after: &[Option<[u32; 2]>]) -> Option<String> {
    let (count, said) = (1..).zip(scores_after).find_map(|(count, said)| {
        let said = (*said)?;
        (tally(goals.get(..count)?) != said).then_some((count, said))
    })?;
    let until = goals.get(..count)?;
    let ([first, second], at) = (tally(until), until.last()?.at);
    Some(format!(
        "the feed contradicts itself: it gives the score after the goal of minute {at} as {}-{}, \
         but its goals make {first}-{second}; the goals decide",
        said[0], said[1]
    ))
}
