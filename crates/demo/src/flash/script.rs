//! Which markets a match gets, and what their outcomes are.

use client::instructions::flash_bets::{FlashCurve, RuleTerms};

use crate::{
    feed::{Goal, Match, Minute, Team, Window, HALF_TIME},
    stage::TOKEN,
};

/// "Goal in the next five minutes?" is asked every ten minutes, from minute 5.
const GOAL_WINDOW: u32 = 5;
const GOAL_WINDOW_EVERY: usize = 10;
/// "Who scores next?" is asked anew every quarter of an hour.
const SCORER_WINDOW: u32 = 15;
/// Strikes of "goals by half-time": the last outcome is "3+".
const HALF_TIME_STRIKES: [i64; 3] = [1, 2, 3];

/// A question is over when its answer is known, so that all markets have a bet delay.
pub const BET_DELAY_MS: u32 = 4_000;
pub const EXECUTION_SECONDS: u32 = 20;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    GoalInWindow,
    NextScorer,
    GoalsByHalfTime,
}

impl Kind {
    pub fn name(self) -> &'static str {
        match self {
            Self::GoalInWindow => "goal-in-window",
            Self::NextScorer => "next-scorer",
            Self::GoalsByHalfTime => "goals-by-half-time",
        }
    }
}

/// What a market is about and how it trades.
#[derive(Clone, Debug)]
pub struct Question {
    pub id: u64,
    pub kind: Kind,
    pub window: Window,
    pub text: String,
    pub outcomes: Vec<String>,
    pub curve: FlashCurve,
    /// `b` or `L`, base units.
    pub depth: u64,
    /// Opening prices in percent, from how often it happens in football.
    pub prior: Vec<u64>,
    pub micro_tau: bool,
}

/// What a provider reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer {
    pub value: i64,
    /// The goal that decided the question early; without one it is open until the window's end.
    pub decided_at: Option<Minute>,
}

impl Question {
    /// What happened, as every honest provider sees it.
    pub fn answer(&self, game: &Match) -> Answer {
        let first = game.goals_in(self.window).next();
        let (value, decided_at) = match (self.kind, first) {
            (Kind::GoalInWindow, Some(goal)) => (0, Some(goal.at)),
            (Kind::GoalInWindow, None) => (1, None),
            (Kind::NextScorer, Some(goal)) => (i64::from(team_outcome(goal.team)), Some(goal.at)),
            (Kind::NextScorer, None) => (2, None),
            (Kind::GoalsByHalfTime, _) => {
                let goals = game.goals_in(self.window).count();
                (i64::try_from(goals).unwrap_or(i64::MAX), None)
            }
        };
        Answer { value, decided_at }
    }

    /// What a liar reports: another outcome than the true one.
    pub fn lie(&self, truth: i64) -> i64 {
        match self.kind {
            Kind::GoalInWindow => 1 - truth,
            Kind::NextScorer => (truth + 1) % 3,
            Kind::GoalsByHalfTime => {
                if truth == 0 {
                    1
                } else {
                    0
                }
            }
        }
    }

    pub fn rule(&self) -> RuleTerms {
        match self.kind {
            Kind::GoalInWindow | Kind::NextScorer => RuleTerms::Categorical,
            Kind::GoalsByHalfTime => RuleTerms::Threshold {
                strikes: HALF_TIME_STRIKES.to_vec(),
            },
        }
    }

    /// The outcome that a goal makes likelier.
    pub fn outcome_after(&self, goal: &Goal) -> u8 {
        match self.kind {
            Kind::GoalInWindow => 0,
            Kind::NextScorer => team_outcome(goal.team),
            // The last one, "3+".
            Kind::GoalsByHalfTime => 3,
        }
    }
}

fn team_outcome(team: Team) -> u8 {
    match team {
        Team::First => 0,
        Team::Second => 1,
    }
}

/// The markets of a match, numbered by their opening.
pub fn questions(game: &Match) -> Vec<Question> {
    let mut all = vec![goals_by_half_time()];
    let starts = (GOAL_WINDOW..game.minutes).step_by(GOAL_WINDOW_EVERY);
    for (number, from) in starts.enumerate() {
        let to = from + GOAL_WINDOW;
        if to <= game.minutes {
            all.push(goal_in_window(Window { from, to }, number));
        }
    }
    let mut from = 0;
    while from + SCORER_WINDOW <= game.minutes {
        let to = from + SCORER_WINDOW;
        all.push(next_scorer(game, Window { from, to }));
        from = to;
    }
    all.sort_by_key(|question| (question.window.from, question.window.to));
    for (id, question) in (1..).zip(&mut all) {
        question.id = id;
    }
    all
}

/// Both curves take turns, with and without falling depth.
fn goal_in_window(window: Window, number: usize) -> Question {
    Question {
        id: 0,
        kind: Kind::GoalInWindow,
        window,
        text: format!("Minute {}: goal in the next five minutes?", window.from),
        outcomes: vec!["yes".into(), "no".into()],
        curve: if number.is_multiple_of(2) {
            FlashCurve::PmAmm
        } else {
            FlashCurve::Lmsr
        },
        depth: 500 * TOKEN,
        prior: vec![15, 85],
        micro_tau: number % 4 < 2,
    }
}

fn next_scorer(game: &Match, window: Window) -> Question {
    let [first, second] = game.teams.clone();
    Question {
        id: 0,
        kind: Kind::NextScorer,
        window,
        text: format!(
            "Minute {}: who scores next, by minute {}?",
            window.from, window.to
        ),
        outcomes: vec![first, second, "none".into()],
        curve: FlashCurve::Lmsr,
        depth: 800 * TOKEN,
        prior: vec![18, 18, 64],
        micro_tau: true,
    }
}

fn goals_by_half_time() -> Question {
    Question {
        id: 0,
        kind: Kind::GoalsByHalfTime,
        window: Window {
            from: 0,
            to: HALF_TIME,
        },
        text: "Goals by half-time?".into(),
        outcomes: ["0", "1", "2", "3+"].map(str::to_owned).to_vec(),
        curve: FlashCurve::Lmsr,
        depth: 1_000 * TOKEN,
        prior: vec![27, 35, 23, 15],
        micro_tau: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feed::Reading;

    fn all() -> (Match, Vec<Question>) {
        let game = Match::load(None, Reading::default()).expect("the default feed");
        let all = questions(&game);
        (game, all)
    }

    /// As the program applies the rule of a market.
    fn outcome(question: &Question, value: i64) -> i64 {
        match question.rule() {
            RuleTerms::Threshold { strikes } => {
                let reached = strikes.iter().filter(|strike| **strike <= value);
                i64::try_from(reached.count()).expect("few strikes")
            }
            _ => value,
        }
    }

    #[test]
    fn lie_is_another_outcome_than_the_truth() {
        for question in all().1 {
            let outcomes = i64::try_from(question.outcomes.len()).expect("few outcomes");
            for truth in 0..outcomes {
                let lie = outcome(&question, question.lie(truth));
                assert_ne!(lie, outcome(&question, truth), "{}", question.text);
                assert!((0..outcomes).contains(&lie), "{}", question.text);
            }
        }
    }

    #[test]
    fn answer_is_decided_by_the_first_goal_of_the_window() {
        let (game, all) = all();
        let answer = |kind, from| {
            let is_it = |one: &&Question| one.kind == kind && one.window.from == from;
            let answer = all.iter().find(is_it).expect("a question").answer(&game);
            (answer.value, answer.decided_at.map(|at| at.minute))
        };
        assert_eq!(answer(Kind::GoalInWindow, 35), (0, Some(36)));
        assert_eq!(answer(Kind::GoalInWindow, 25), (1, None));
        assert_eq!(answer(Kind::GoalInWindow, 75), (0, Some(80)));
        assert_eq!(answer(Kind::NextScorer, 75), (1, Some(80)));
        assert_eq!(answer(Kind::NextScorer, 105), (0, Some(108)));
        assert_eq!(answer(Kind::NextScorer, 0), (2, None));
        assert_eq!(answer(Kind::GoalsByHalfTime, 0), (2, None));
    }

    #[test]
    fn questions_have_a_price_for_each_outcome() {
        for question in all().1 {
            assert_eq!(question.prior.len(), question.outcomes.len());
            assert_eq!(question.prior.iter().sum::<u64>(), 100);
        }
    }
}
