//! Loans on markets whose price follows a path to its result, with liquidations every minute.

use math::{normal, CurveKind, Real};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use crate::calm::Waiting;
use crate::market::{depths, Market};
use crate::rules::{Rules, Standing};
use crate::SimulationError;

/// Shares of a loan, in depths: small enough for every rule.
const SIZE: f64 = 0.05;

/// Loans are asked for at so many even moments of each market.
const OPENINGS: usize = 8;

const MINUTE_SECONDS: u64 = 60;

/// The time constant of the slow price, a part of the market's time, and at most.
const SLOW_PRICE_PART: usize = 16;
const SLOW_PRICE_MINUTES: usize = 60;

/// A price for each minute, and at the end what the outcome pays.
pub type Path = Vec<f64>;

/// What became of the loans of one rule set on one kind of market.
#[derive(Clone, Copy, Debug, Default, PartialEq, serde::Serialize)]
pub struct Loans {
    pub duration_seconds: u64,
    /// Loans given, and those that were not paid back in full.
    pub given: u64,
    pub short: u64,
    /// Loans that would have been given, had they not to wait for prices that stood near the slow one.
    pub not_calm: u64,
    /// In depths.
    pub lent: f64,
    pub lost: f64,
    /// Of what was lent.
    pub lost_part: f64,
}

/// Brownian motion that ends above zero or not, seen through the chance that it does.
pub fn brownian(seed: u64, minutes: usize, count: usize) -> Result<Vec<Path>, SimulationError> {
    let mut random = StdRng::seed_from_u64(seed);
    let mut paths = Vec::new();
    for _ in 0..count {
        // Not all begin at one half.
        let mut score = normal_number(&mut random) * (minutes as f64).sqrt() / 2.0;
        let mut path = Vec::with_capacity(minutes + 1);
        for minute in 0..minutes {
            let left = (minutes - minute) as f64;
            path.push(chance(score / left.sqrt())?);
            score += normal_number(&mut random);
        }
        path.push(if score > 0.0 { 1.0 } else { 0.0 });
        paths.push(path);
    }
    Ok(paths)
}

/// Closes a minute apart of a price that wanders as much as that of a liquid coin.
pub fn random_closes(seed: u64, minutes: usize) -> Vec<f64> {
    const DEVIATION: f64 = 0.0008;
    let mut random = StdRng::seed_from_u64(seed);
    let mut close = 20_000.0;
    let next = |_| {
        close *= (DEVIATION * normal_number(&mut random)).exp();
        close
    };
    (0..minutes).map(next).collect()
}

/// Markets on whether a price is higher at their end than at their beginning, one starting every half
/// hour, from closes a minute apart; and the same on whether it is lower.
///
/// # Errors
/// `TooFewCloses`.
pub fn up_or_down(closes: &[f64], minutes: usize) -> Result<Vec<Path>, SimulationError> {
    const EVERY_MINUTES: usize = 30;
    if closes.len() <= minutes {
        return Err(SimulationError::TooFewCloses {
            found: closes.len(),
            needed: minutes + 1,
        });
    }
    let squares = closes
        .windows(2)
        .map(|pair| (pair[1] / pair[0]).ln().powi(2));
    let deviation = (squares.sum::<f64>() / (closes.len() - 1) as f64).sqrt();
    let mut paths = Vec::new();
    for start in (0..closes.len() - minutes).step_by(EVERY_MINUTES) {
        let window = &closes[start..=start + minutes];
        let mut up = Vec::with_capacity(minutes + 1);
        for (minute, close) in window.iter().enumerate() {
            let left = (minutes - minute) as f64;
            let score = (close / window[0]).ln();
            up.push(if left > 0.0 {
                chance(score / (deviation * left.sqrt()))?
            } else if score > 0.0 {
                1.0
            } else {
                0.0
            });
        }
        paths.push(up.iter().map(|price| 1.0 - price).collect());
        paths.push(up);
    }
    Ok(paths)
}

/// Closes of a file with a heading and lines of a time and a close, a minute apart.
///
/// # Errors
/// `Line`.
pub fn closes(text: &str) -> Result<Vec<f64>, SimulationError> {
    let refuse = |line: usize, text: &str| SimulationError::Line {
        line,
        text: text.into(),
    };
    let mut closes = Vec::new();
    for (index, line) in text.lines().enumerate().skip(1) {
        let close = line
            .split_once(',')
            .and_then(|(_, close)| close.parse().ok());
        let close = close.filter(|close: &f64| close.is_finite() && *close > 0.0);
        closes.push(close.ok_or_else(|| refuse(index + 1, line))?);
    }
    Ok(closes)
}

/// Loans at the cap on every path, of markets that trade until its end.
///
/// # Errors
/// Those of the curve.
pub fn loans(rules: &Rules, kind: CurveKind, paths: &[Path]) -> Result<Loans, SimulationError> {
    loans_before(rules, kind, paths, 0)
}

/// Loans at the cap on every path, of markets that would trade for so many minutes more: no rules that ask for a
/// result by time lend on those.
///
/// # Errors
/// Those of the curve.
pub fn loans_before(
    rules: &Rules,
    kind: CurveKind,
    paths: &[Path],
    more_minutes: usize,
) -> Result<Loans, SimulationError> {
    let minutes = paths.first().map_or(0, |path| path.len() - 1);
    let duration_seconds = (minutes + more_minutes) as u64 * MINUTE_SECONDS;
    let mut loans = Loans {
        duration_seconds,
        ..Loans::default()
    };
    let is_offered = more_minutes == 0 || rules.early_ends;
    if duration_seconds < rules.least_seconds || !is_offered {
        return Ok(loans);
    }
    let rules = rules.for_market(duration_seconds);
    let depth = depths(1.0) as f64;
    for path in paths {
        let is_calm = calm_minutes(&rules, path, minutes + more_minutes);
        for opening in 0..OPENINGS {
            let opened = minutes * opening / OPENINGS;
            let left = |minute: usize| (minutes + more_minutes - minute) as u64 * MINUTE_SECONDS;
            let Some(loan) = open(&rules, kind, path[opened], left(opened))? else {
                continue;
            };
            if !is_calm[opened] {
                loans.not_calm += 1;
                continue;
            }
            loans.given += 1;
            loans.lent += loan.debt as f64 / depth;
            let lost = run(loan, &rules, kind, path, opened, left)?;
            loans.short += u64::from(lost > 0);
            loans.lost += lost as f64 / depth;
        }
    }
    if loans.lent > 0.0 {
        loans.lost_part = loans.lost / loans.lent;
    }
    Ok(loans)
}

/// Whether the rules open loans in each minute of a path, whose prices somebody records in each.
fn calm_minutes(rules: &Rules, path: &[f64], market_minutes: usize) -> Vec<bool> {
    if !rules.calm {
        return vec![true; path.len()];
    }
    let time_constant = (market_minutes / SLOW_PRICE_PART).clamp(1, SLOW_PRICE_MINUTES);
    let mut waiting = Waiting::from(path[0], time_constant as f64);
    let mut all = Vec::with_capacity(path.len());
    for price in path {
        all.push(waiting.is_over());
        waiting.pass(*price);
    }
    all
}

/// A loan at the cap, if one is given.
fn open(
    rules: &Rules,
    kind: CurveKind,
    price: f64,
    left_seconds: u64,
) -> Result<Option<Standing>, SimulationError> {
    let mut market = Market::at(kind, price)?;
    let shares = depths(SIZE);
    if market.buy(shares).is_err() {
        return Ok(None);
    }
    let debt = rules.greatest_debt(&market, shares, Standing::default(), left_seconds)?;
    Ok((debt > 0).then_some(Standing { shares, debt }))
}

/// What is not paid back. The price is back where it belongs a minute after every trade.
fn run(
    mut loan: Standing,
    rules: &Rules,
    kind: CurveKind,
    path: &[f64],
    opened: usize,
    left_seconds: impl Fn(usize) -> u64,
) -> Result<u64, SimulationError> {
    let last = path.len() - 1;
    let mut lost = 0;
    for (minute, price) in path.iter().enumerate().take(last).skip(opened + 1) {
        let mut market = Market::at(kind, *price)?;
        let left = left_seconds(minute);
        if let Some(sale) = rules.liquidate(&mut market, &mut loan, left)? {
            lost += sale.lost;
        }
    }
    let paid = (loan.shares as f64 * path[last]) as u64;
    Ok(lost + loan.debt.saturating_sub(paid))
}

/// Φ.
///
/// # Errors
/// Those of the formula.
pub fn chance(score: f64) -> Result<f64, SimulationError> {
    const PARTS: f64 = (1u64 << 40) as f64;
    let scaled = Real::from_i64((score.clamp(-8.0, 8.0) * PARTS) as i64).shifted(-40);
    let parts = normal::cdf(scaled)?.shifted(53).floor()?;
    Ok(parts as f64 / (1u64 << 53) as f64)
}

/// By Box and Muller.
fn normal_number(random: &mut StdRng) -> f64 {
    let radius = (-2.0 * (1.0 - random.gen::<f64>()).ln()).sqrt();
    radius * (core::f64::consts::TAU * random.gen::<f64>()).cos()
}
