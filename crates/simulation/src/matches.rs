//! Prices that jump: markets of a day on whether a team wins, which trade until the end of its match.

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use crate::paths::Path;

/// Minutes of play, of the first half and of the break, and of the market.
const PLAYED: usize = 90;
const HALF: usize = 45;
const BREAK: usize = 15;
const MARKET: usize = 24 * 60;

/// More goals of one team than fall.
const MOST_GOALS: usize = 16;

/// Goals of a team in a match at the usual rate.
const USUAL_GOALS: f64 = 1.35;

/// Minutes of play in which the goals of each team fell, from 1 to 90.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Goals(pub [Vec<usize>; 2]);

/// Matches whose goals fall at the usual rate.
pub fn random_matches(seed: u64, count: usize) -> Vec<Goals> {
    let mut random = StdRng::seed_from_u64(seed);
    let mut team = || {
        let chance = USUAL_GOALS / PLAYED as f64;
        let falls = |_: &usize| random.gen::<f64>() < chance;
        (1..=PLAYED).filter(falls).collect()
    };
    (0..count).map(|_| Goals([team(), team()])).collect()
}

/// The prices of both teams' markets in each match: the chance that a team wins if goals fall at an even rate, the
/// average of these matches, whoever is ahead.
pub fn paths(matches: &[Goals]) -> Vec<Path> {
    let goals: usize = matches
        .iter()
        .flat_map(|Goals(teams)| teams)
        .map(Vec::len)
        .sum();
    let a_minute = goals as f64 / (2 * PLAYED * matches.len().max(1)) as f64;
    let both = |Goals(teams): &Goals| {
        let [first, second] = teams;
        [(first, second), (second, first)].map(|(own, others)| path(own, others, a_minute))
    };
    matches.iter().flat_map(both).collect()
}

fn path(own: &[usize], others: &[usize], a_minute: f64) -> Path {
    let lead_after = |played: usize| {
        let until = |goals: &[usize]| goals.iter().filter(|minute| **minute <= played).count();
        until(own) as i32 - until(others) as i32
    };
    let kick_off = MARKET - PLAYED - BREAK;
    let mut path: Path = (0..MARKET)
        .map(|minute| {
            let passed = minute.saturating_sub(kick_off);
            let played = match passed {
                0..=HALF => passed,
                passed => (passed - BREAK).max(HALF),
            };
            chance_to_win(lead_after(played), a_minute * (PLAYED - played) as f64)
        })
        .collect();
    path.push(if lead_after(PLAYED) > 0 { 1.0 } else { 0.0 });
    path
}

/// That a team with a lead scores so many more than the other, if each is to score `expected` goals on average.
fn chance_to_win(lead: i32, expected: f64) -> f64 {
    let mut chances = [0.0; MOST_GOALS];
    let mut chance = (-expected).exp();
    for (goals, place) in chances.iter_mut().enumerate() {
        *place = chance;
        chance *= expected / (goals + 1) as f64;
    }
    let mut wins = 0.0;
    for (own, chance) in chances.iter().enumerate() {
        for (others, chance_of_others) in chances.iter().enumerate() {
            if lead + own as i32 > others as i32 {
                wins += chance * chance_of_others;
            }
        }
    }
    wins
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn price_jumps_at_goals_and_ends_at_the_result() {
        let goals = Goals([vec![10, 80], vec![60]]);
        let paths = paths(&[goals]);
        let [first, second] = paths.as_slice() else {
            panic!("a market of each team");
        };
        assert_eq!(first.len(), MARKET + 1);
        let kick_off = MARKET - PLAYED - BREAK;
        assert!(first[kick_off + 10] > first[kick_off + 9] + 0.2);
        // The break counts no play.
        assert_eq!(first[kick_off + HALF], first[kick_off + HALF + BREAK]);
        assert!(second[kick_off + BREAK + 60] > second[kick_off + BREAK + 59] + 0.1);
        assert_eq!([first[MARKET], second[MARKET]], [1.0, 0.0]);
        // What is left is that it is drawn.
        let left = 1.0 - first[0] - second[0];
        assert!((0.2..0.3).contains(&left), "{left}");
    }

    #[test]
    fn chances_are_those_of_the_poisson_distribution() {
        assert_eq!(chance_to_win(1, 0.0), 1.0);
        assert_eq!(chance_to_win(0, 0.0), 0.0);
        // 1 − e^(−2) I₀(2), halved.
        assert!((chance_to_win(0, 1.0) - 0.345_745_839_063_2).abs() < 1e-9);
    }
}
