//! Which markets a match day gets, and what their results are.

use client::instructions::markets::{Curve, RuleTerms};

use crate::{
    feed::{tally, Match, Window, HALF_TIME},
    stage::TOKEN,
};

/// Most goals of a score that is an outcome of its own in "which score?": 28 scores, and four outcomes
/// for the rest.
const MOST_GOALS: u32 = 6;
/// Bins of the minute of the first goal, eight minutes each.
const MINUTE_BINS: u8 = 16;
const LAST_MINUTE: i64 = 128;
/// Bins of the sum of the minutes of all goals, ten minutes each.
const SUM_BINS: u8 = 64;
const LAST_SUM: i64 = 640;
/// Goals for which the long side of "how many goals?" pays all.
const LONG_PAYS_ALL: i64 = 10;
/// Goals for the upper side of "more than 2.5 goals?".
const OVER: i64 = 3;
const CAPACITY: i64 = 88_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Binary,
    Categorical,
    Scalar,
}

impl Kind {
    pub fn name(self) -> &'static str {
        match self {
            Self::Binary => "binary",
            Self::Categorical => "categorical",
            Self::Scalar => "scalar",
        }
    }
}

/// When a market locks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lock {
    KickOff,
    /// After so many minutes of play.
    Minute(u32),
}

/// How the result comes to the chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// By a proof of its own, about a report that comes after so many minutes of play.
    Own { known_at: u32 },
    /// As one of many in a root that is signed after the match.
    Root,
    /// So that the primary providers agree on a mistake, which the arbiters have to put right.
    Mistaken { known_at: u32 },
    /// Not at all.
    Nowhere,
}

/// What a market is about and how it trades.
#[derive(Clone, Debug)]
pub struct Question {
    pub id: u64,
    pub kind: Kind,
    pub text: String,
    pub outcomes: Vec<String>,
    pub rule: RuleTerms,
    pub curve: Curve,
    pub offers_switch: bool,
    /// `b`, `L` or `k`, base units.
    pub depth: u64,
    /// Opening prices as parts of their sum; none for equal ones.
    pub weights: Vec<u32>,
    pub lock: Lock,
    pub source: Source,
    /// What happened, and what a liar or a mistaken provider says instead.
    pub truth: i64,
    pub lie: i64,
}

impl Question {
    /// The outcome that the score of the moment speaks for, where it does.
    pub fn leaning(&self, [first, second]: [u32; 2]) -> Option<u8> {
        match (self.kind, &self.rule) {
            (Kind::Binary, RuleTerms::Categorical) => Some(u8::from(first != second)),
            // Two goals already, so "over" it is for whoever follows the score.
            (Kind::Binary, RuleTerms::Threshold { .. }) => Some(u8::from(first + second > 1)),
            _ => None,
        }
    }
}

/// The markets of a match.
pub fn questions(game: &Match) -> Vec<Question> {
    let mut all = vec![
        level_at_the_end(game),
        over_in_time(game),
        decision(game),
        exact_score(game),
        first_goal(game),
        sum_of_minutes(game),
        number_of_goals(game),
        first_scorer(game),
        attendance(),
    ];
    for (id, question) in (1..).zip(&mut all) {
        question.id = id;
    }
    all
}

/// In play to the whistle; turns into a pm-AMM on the way.
fn level_at_the_end(game: &Match) -> Question {
    let [first, second] = game.score();
    let truth = i64::from(first != second);
    Question {
        kind: Kind::Binary,
        offers_switch: true,
        weights: vec![30, 70],
        lock: Lock::Minute(game.minutes),
        source: Source::Own {
            known_at: game.minutes,
        },
        truth,
        lie: 1 - truth,
        ..question("Level at the final whistle?", &["yes", "no"], 600)
    }
}

/// In play for a day at most, so that `Auto` takes a pm-AMM whose depth falls.
fn over_in_time(game: &Match) -> Question {
    const FULL_TIME: u32 = 2 * HALF_TIME;
    let goals = goals_in(game, FULL_TIME);
    Question {
        kind: Kind::Binary,
        rule: RuleTerms::Threshold {
            strikes: vec![OVER],
        },
        curve: Curve::Auto,
        lock: Lock::Minute(FULL_TIME),
        source: Source::Own {
            known_at: FULL_TIME,
        },
        truth: goals,
        lie: if goals < OVER { OVER } else { 0 },
        ..question(
            "More than 2.5 goals in 90 minutes?",
            &["under", "over"],
            800,
        )
    }
}

fn decision(game: &Match) -> Question {
    let [first, second] = &game.teams;
    let outcomes = [
        format!("{first} in 90"),
        format!("{second} in 90"),
        format!("{first} in extra time"),
        format!("{second} in extra time"),
        "level".into(),
    ];
    let in_time = tally(&goals_until(game, 2 * HALF_TIME));
    let truth = match (winner(in_time), winner(game.score())) {
        (Some(team), _) => team,
        (None, Some(team)) => 2 + team,
        (None, None) => 4,
    };
    Question {
        weights: vec![34, 32, 8, 8, 18],
        truth,
        lie: (truth + 1) % 5,
        outcomes: outcomes.to_vec(),
        ..question("How is it decided?", &[], 800)
    }
}

/// As many outcomes as an LMSR can have.
fn exact_score(game: &Match) -> Question {
    let scores: Vec<[u32; 2]> = (0..=MOST_GOALS)
        .flat_map(|goals| (0..=goals).map(move |first| [first, goals - first]))
        .collect();
    let mut outcomes: Vec<_> = scores
        .iter()
        .map(|[first, second]| format!("{first}-{second}"))
        .collect();
    let [first, second] = &game.teams;
    let others = [
        format!("{first}, more goals"),
        format!("{second}, more goals"),
        "level, more goals".into(),
        "abandoned".into(),
    ];
    outcomes.extend(others);
    let score = game.score();
    let listed = scores.iter().position(|one| *one == score);
    let truth = index(listed.unwrap_or_else(|| {
        let other = winner(score).map_or(2, |team| usize::from(team == 1));
        scores.len() + other
    }));
    Question {
        truth,
        lie: (truth + 1) % index(outcomes.len()),
        outcomes,
        ..question("Which score, after extra time if any?", &[], 400)
    }
}

fn first_goal(game: &Match) -> Question {
    let minute = game
        .goals()
        .first()
        .map_or(LAST_MINUTE, |goal| i64::from(goal.at.minute));
    Question {
        lie: (minute + LAST_MINUTE / 2) % LAST_MINUTE,
        truth: minute,
        ..bins("Minute of the first goal?", LAST_MINUTE, MINUTE_BINS, 1_000)
    }
}

/// As many bins as there can be.
fn sum_of_minutes(game: &Match) -> Question {
    let minutes = game.goals().iter().map(|goal| i64::from(goal.at.minute));
    let sum = minutes.sum();
    Question {
        lie: (sum + LAST_SUM / 2) % LAST_SUM,
        truth: sum,
        ..bins(
            "Sum of the minutes of all goals?",
            LAST_SUM,
            SUM_BINS,
            1_500,
        )
    }
}

fn number_of_goals(game: &Match) -> Question {
    let goals = goals_in(game, game.minutes);
    Question {
        kind: Kind::Scalar,
        rule: RuleTerms::Linear {
            low: 0,
            high: LONG_PAYS_ALL,
        },
        curve: Curve::PmAmm { micro_tau: false },
        weights: vec![28, 72],
        truth: goals,
        lie: goals + 1,
        ..question("How many goals, a tenth for each?", &["long", "short"], 800)
    }
}

fn first_scorer(game: &Match) -> Question {
    let first = game.goals().first();
    let truth = first.map_or(2, |goal| index(goal.team.index()));
    let [one, other] = &game.teams;
    Question {
        weights: vec![47, 45, 8],
        source: Source::Mistaken {
            known_at: first.map_or(game.minutes, |goal| goal.at.minute),
        },
        truth,
        lie: (truth + 1) % 2,
        outcomes: vec![one.clone(), other.clone(), "nobody".into()],
        ..question("Who scores first?", &[], 600)
    }
}

/// Nobody reports it.
fn attendance() -> Question {
    Question {
        kind: Kind::Binary,
        rule: RuleTerms::Threshold {
            strikes: vec![CAPACITY],
        },
        weights: vec![35, 65],
        source: Source::Nowhere,
        ..question("88,000 in the stadium?", &["fewer", "yes"], 400)
    }
}

/// A categorical LMSR that locks at kick-off, at equal prices, with its result in the root.
fn question(text: &str, outcomes: &[&str], tokens: u64) -> Question {
    Question {
        id: 0,
        kind: Kind::Categorical,
        text: text.to_owned(),
        outcomes: outcomes.iter().map(|name| (*name).to_owned()).collect(),
        rule: RuleTerms::Categorical,
        curve: Curve::Lmsr,
        offers_switch: false,
        depth: tokens * TOKEN,
        weights: Vec::new(),
        lock: Lock::KickOff,
        source: Source::Root,
        truth: 0,
        lie: 0,
    }
}

/// A scalar from 0 in equal bins, for which `Auto` takes an L2 curve.
fn bins(text: &str, high: i64, count: u8, tokens: u64) -> Question {
    let width = high / i64::from(count);
    let outcomes = (0..i64::from(count)).map(|bin| {
        let from = bin * width;
        format!("{from} to {}", from + width - 1)
    });
    Question {
        kind: Kind::Scalar,
        rule: RuleTerms::Scalar { low: 0, high },
        curve: Curve::L2,
        outcomes: outcomes.collect(),
        ..question(text, &[], tokens)
    }
}

fn goals_until(game: &Match, minute: u32) -> Vec<crate::feed::Goal> {
    let window = Window {
        from: 0,
        to: minute,
    };
    game.goals_in(window).cloned().collect()
}

fn goals_in(game: &Match, minute: u32) -> i64 {
    index(goals_until(game, minute).len())
}

/// 0 or 1; nothing for a draw.
fn winner([first, second]: [u32; 2]) -> Option<i64> {
    (first != second).then(|| i64::from(second > first))
}

fn index(place: usize) -> i64 {
    i64::try_from(place).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feed::Reading;

    /// The final of 2022, by hand: 3-3, level after 90 minutes at 2-2, goals in minutes 23, 36, 80,
    /// 81, 108 and 118, the first one by Argentina.
    #[test]
    fn results_are_those_of_the_match() {
        let game = Match::load(None, Reading::default()).expect("the default feed");
        let all = questions(&game);
        let truths: Vec<_> = all.iter().map(|one| one.truth).collect();
        assert_eq!(truths[..3], [0, 4, 4]);
        assert_eq!(
            all[3].outcomes[usize::try_from(truths[3]).expect("an outcome")],
            "3-3"
        );
        assert_eq!(truths[4..8], [23, 446, 6, 0]);
        assert_eq!([all[3].outcomes.len(), all[5].outcomes.len()], [32, 64]);
    }

    #[test]
    fn lies_are_other_results_of_the_rule() {
        let game = Match::load(None, Reading::default()).expect("the default feed");
        for question in questions(&game) {
            if question.source == Source::Nowhere {
                continue;
            }
            let outcomes = index(question.outcomes.len());
            assert_ne!(question.truth, question.lie, "{}", question.text);
            if matches!(question.rule, RuleTerms::Categorical) {
                assert!((0..outcomes).contains(&question.truth), "{}", question.text);
                assert!((0..outcomes).contains(&question.lie), "{}", question.text);
            }
        }
    }
}
