//! Markets on whether a price rises: what moving samples of it gains, by the rule that makes the close of
//! them.

use serde::Serialize;

use crate::SimulationError;

/// Samples of a window, a minute apart as the closes are.
const SAMPLES: [usize; 2] = [11, 31];

/// How many minutes before its window starts somebody buys at one half: the nearer, the more often a
/// window is about the strike.
const BOUGHT_BEFORE: [usize; 3] = [0, 60, 240];

/// By what part of the price samples are moved.
const MOVES: [f64; 2] = [0.01, 1.0];

/// Least fee rate of a market with few samples, and with many; of `min(p, 1 − p)`.
const FEE_RATES: [f64; 2] = [0.016, 0.01];

/// What of a window's samples is the close.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    LastSample,
    TimeAverage,
    /// One of them, drawn once all are there.
    RandomClose,
    Median,
}

impl Rule {
    pub const ALL: [Self; 4] = [
        Self::LastSample,
        Self::TimeAverage,
        Self::RandomClose,
        Self::Median,
    ];

    /// The chance that the close of these samples is above the strike.
    fn chance(self, samples: &[f64], strike: f64) -> f64 {
        let count = samples.len() as f64;
        let is_up = |close: f64| f64::from(u8::from(close > strike));
        match self {
            Self::LastSample => samples.last().map_or(0.0, |last| is_up(*last)),
            Self::TimeAverage => is_up(samples.iter().sum::<f64>() / count),
            Self::RandomClose => samples.iter().map(|sample| is_up(*sample)).sum::<f64>() / count,
            Self::Median => {
                let mut sorted = samples.to_vec();
                sorted.sort_by(f64::total_cmp);
                is_up(sorted[sorted.len() / 2])
            }
        }
    }
}

/// What somebody gains who buys at one half, and then moves samples his way: parts of what a share pays
/// that wins.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct MovedSamples {
    pub rule: Rule,
    pub samples: usize,
    /// How many minutes before the window he bought, where the price was at the strike: 0 is the last
    /// moment of trading.
    pub bought_before: usize,
    /// How many of them he moves, the last ones.
    pub moved: usize,
    /// By which part of the price.
    pub by: f64,
    /// By how much more often he wins than without.
    pub gain: f64,
    /// What the purchase costs by the least fee rate of a market with so many samples.
    pub fee: f64,
    /// What it costs to hold the price for the samples moved, by the governed figure, for each share of a
    /// market that has reserved all that its window allows.
    pub cost_at_cap: f64,
}

/// Every rule with both numbers of samples, of which one is moved, one less than half and half.
///
/// # Errors
/// `TooFewCloses`.
pub fn moved_samples(closes: &[f64]) -> Result<Vec<MovedSamples>, SimulationError> {
    let mut rows = Vec::new();
    for rule in Rule::ALL {
        for (samples, fee_rate) in SAMPLES.into_iter().zip(FEE_RATES) {
            for bought_before in BOUGHT_BEFORE {
                for moved in [1, samples / 2, samples / 2 + 1] {
                    for by in MOVES {
                        let push = Push { moved, by };
                        rows.push(MovedSamples {
                            rule,
                            samples,
                            bought_before,
                            moved,
                            by,
                            gain: gain(rule, closes, samples, bought_before, push)?,
                            fee: fee_rate / 2.0,
                            cost_at_cap: 2.0 * moved as f64 / samples as f64,
                        });
                    }
                }
            }
        }
    }
    Ok(rows)
}

/// How many of the last samples are moved, and by which part.
#[derive(Clone, Copy)]
struct Push {
    moved: usize,
    by: f64,
}

/// Over every window whose strike is the close so many minutes before it, and both sides of it. A price that does not
/// change is no result, here as in a market with a tick.
fn gain(
    rule: Rule,
    closes: &[f64],
    samples: usize,
    bought_before: usize,
    Push { moved, by }: Push,
) -> Result<f64, SimulationError> {
    let windows = closes.windows(bought_before + 1 + samples);
    let count = windows.len();
    if count == 0 {
        return Err(SimulationError::TooFewCloses {
            found: closes.len(),
            needed: bought_before + 1 + samples,
        });
    }
    let mut gained = 0.0;
    for window in windows {
        let (strike, honest) = (window[0], &window[bought_before + 1..]);
        for up in [true, false] {
            let mut pushed = honest.to_vec();
            for sample in &mut pushed[samples - moved..] {
                *sample *= if up { 1.0 + by } else { 1.0 - by };
            }
            // Of the other side everything is mirrored.
            let side = |samples: &[f64]| {
                let mirrored: Vec<f64> = samples.iter().map(|sample| -sample).collect();
                match up {
                    true => rule.chance(samples, strike),
                    false => rule.chance(&mirrored, -strike),
                }
            };
            gained += side(&pushed) - side(honest);
        }
    }
    Ok(gained / (2 * count) as f64)
}

#[cfg(test)]
mod tests {
    use std::sync::OnceLock;

    use super::*;
    use crate::paths::closes;

    const REAL: &str = include_str!("../../../examples/prices/btc-usd-2023-03-10.csv");

    fn rows(rule: Rule, bought_before: usize) -> Vec<MovedSamples> {
        static ALL: OnceLock<Vec<MovedSamples>> = OnceLock::new();
        let all = ALL.get_or_init(|| moved_samples(&closes(REAL).unwrap()).unwrap());
        let is_it = |row: &&MovedSamples| row.rule == rule && row.bought_before == bought_before;
        let rows: Vec<_> = all.iter().filter(is_it).copied().collect();
        assert_eq!(rows.len(), 12);
        rows
    }

    /// The only rule by which it does not matter how far a sample is moved.
    #[test]
    fn one_sample_of_a_median_gains_the_same_however_far_it_is_moved() {
        for bought_before in BOUGHT_BEFORE {
            let medians = rows(Rule::Median, bought_before);
            for pair in medians.chunks(2).filter(|pair| pair[0].moved == 1) {
                assert!(pair[0].gain > 0.0, "{pair:?}");
                assert!((pair[0].gain - pair[1].gain).abs() < 0.001, "{pair:?}");
            }
            for rule in [Rule::LastSample, Rule::TimeAverage] {
                let others = rows(rule, bought_before);
                let pairs = others.chunks(2).zip(medians.chunks(2));
                for (other, median) in pairs.filter(|(other, _)| other[0].moved == 1) {
                    assert!(other[1].gain > 5.0 * median[1].gain, "{other:?}");
                }
            }
        }
    }

    #[test]
    fn at_the_cap_nobody_gains_by_moving_a_median() {
        for row in BOUGHT_BEFORE
            .map(|before| rows(Rule::Median, before))
            .concat()
        {
            assert!(row.gain < row.cost_at_cap, "{row:?}");
        }
    }

    #[test]
    fn fee_takes_what_one_sample_gains_who_bought_hours_before() {
        for row in rows(Rule::Median, 240).iter().filter(|row| row.moved == 1) {
            assert!(row.gain <= row.fee, "{row:?}");
        }
    }

    #[test]
    fn whoever_moves_half_of_a_window_decides_its_median() {
        for row in rows(Rule::Median, 0) {
            let is_decided = row.moved > row.samples / 2 && row.by == 1.0;
            assert!(
                !is_decided || row.gain > 0.4 && row.cost_at_cap > 1.0,
                "{row:?}"
            );
        }
    }

    #[test]
    fn too_few_closes_are_refused() {
        let few = moved_samples(&[1.0; 11]).unwrap_err();
        assert!(matches!(
            few,
            SimulationError::TooFewCloses {
                found: 11,
                needed: 12
            }
        ));
    }
}
