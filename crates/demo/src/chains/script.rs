//! What is asked of a match, and how likely each answer is, if goals fall by chance at a steady rate.

use crate::feed::{tally, Goal, Match, Window};

/// Goals of a team in 90 minutes: half of the 172 in the 5,910 minutes of the World Cup of 2022.
const RATE: f64 = 1.31;
const RATE_MINUTES: f64 = 90.0;
/// Windows of a match in which there is a goal or not, each in the middle of an equal part of it.
pub const WINDOWS: usize = 9;
const WINDOW_MINUTES: u32 = 5;
/// Most goals of a team that are reckoned with.
const MOST_GOALS: usize = 30;
/// What a group's branches are called, and its question's outcomes: least goals of each but the first.
pub const STRIKES: [i64; 3] = [2, 3, 4];
pub const BUCKETS: [&str; 4] = ["0 or 1", "2", "3", "4 or more"];

/// Outcomes of a window.
pub const GOAL: u8 = 0;
pub const NO_GOAL: u8 = 1;

/// Chances of the number of goals, a row for each end of the match: first team, second team, draw.
pub type Chances = [[f64; BUCKETS.len()]; 3];

/// The windows of a match, in their order.
pub fn windows(game: &Match) -> Vec<Window> {
    let parts = u32::try_from(WINDOWS).unwrap_or(u32::MAX);
    let part = game.minutes / parts;
    let before = (part - WINDOW_MINUTES) / 2;
    (0..parts)
        .map(|index| index * part + before)
        .map(|from| Window {
            from,
            to: from + WINDOW_MINUTES,
        })
        .collect()
}

/// What happened in a window.
pub fn result_of(game: &Match, window: Window) -> u8 {
    match game.goals_in(window).next() {
        Some(_) => GOAL,
        None => NO_GOAL,
    }
}

/// How the match ended: 0 the first team won, 1 the second, 2 neither; a shoot-out counts for neither.
pub fn end_of(score: [u32; 2]) -> u8 {
    match score[0].cmp(&score[1]) {
        std::cmp::Ordering::Greater => 0,
        std::cmp::Ordering::Less => 1,
        std::cmp::Ordering::Equal => 2,
    }
}

/// The score after so many minutes of play.
pub fn score_at(game: &Match, minute: u32) -> [u32; 2] {
    let fallen = Window {
        from: 0,
        to: minute,
    };
    let goals: Vec<Goal> = game.goals_in(fallen).cloned().collect();
    tally(&goals)
}

/// The chance of a goal in a window.
pub fn chance_of_goal(window: Window) -> f64 {
    1.0 - (-2.0 * expected(window.to - window.from)).exp()
}

/// The chance of each number of goals with each end of the match, from the score after so many minutes on.
pub fn chances(game: &Match, minute: u32) -> Chances {
    let score = score_at(game, minute);
    let left = expected(game.minutes - minute);
    let mut all = Chances::default();
    for first in 0..MOST_GOALS {
        for second in 0..MOST_GOALS {
            let goals = [first, second].map(|goals| u32::try_from(goals).unwrap_or(u32::MAX));
            let end = [score[0] + goals[0], score[1] + goals[1]];
            let total = i64::from(end[0]) + i64::from(end[1]);
            let bucket = STRIKES.iter().filter(|strike| **strike <= total).count();
            let chance = poisson(left, first) * poisson(left, second);
            all[usize::from(end_of(end))][bucket] += chance;
        }
    }
    all
}

/// Chances of a row, if it is the one that comes true.
pub fn conditional(row: [f64; BUCKETS.len()]) -> [f64; BUCKETS.len()] {
    let sum: f64 = row.iter().sum();
    row.map(|chance| if sum > 0.0 { chance / sum } else { 0.0 })
}

/// Goals of a team in so many minutes.
fn expected(minutes: u32) -> f64 {
    RATE * f64::from(minutes) / RATE_MINUTES
}

fn poisson(mean: f64, count: usize) -> f64 {
    (1..=count).fold((-mean).exp(), |chance, number| {
        chance * mean / number as f64
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feed::Reading;

    #[test]
    fn windows_are_apart_and_within_the_match() {
        let mut game = Match::load(None, Reading::default()).expect("the default feed");
        for minutes in [90, 120] {
            game.minutes = minutes;
            let all = windows(&game);
            assert_eq!(all.len(), WINDOWS);
            assert!(all[0].from >= 2, "time to trade before the first");
            assert!(all.windows(2).all(|pair| pair[0].to + 2 < pair[1].from));
            assert!(all.last().is_some_and(|last| last.to <= minutes));
        }
    }

    #[test]
    fn chances_sum_to_one_and_follow_the_score() {
        let game = Match::load(None, Reading::default()).expect("the default feed");
        for minute in [0, 30, 60, 119] {
            let sum: f64 = chances(&game, minute).iter().flatten().sum();
            assert!((sum - 1.0).abs() < 1e-9, "{sum}");
        }
        let first_wins = |minute| chances(&game, minute)[0].iter().sum::<f64>();
        // Argentina scored in minutes 23 and 36.
        assert!(first_wins(40) > first_wins(30) && first_wins(30) > first_wins(0));
        // A goal in five minutes: one in seven.
        let chance = chance_of_goal(windows(&game)[0]);
        assert!((chance - 0.135).abs() < 0.001, "{chance}");
        // Three goals or more have fallen in no end of 2-0 but with one more.
        assert_eq!(chances(&game, 40)[1][0], 0.0);
    }
}
