//! One big order against its slices over an hour, on the same paths of prices.

use math::{BasisPoints, CurveKind, Money, Order, Pool, Price};
use serde::Serialize;

use crate::market::{fraction, DEPTH};
use crate::paths::Path;
use crate::SimulationError;

/// Stakes, in depths, and numbers of slices.
const STAKES: [f64; 3] = [0.05, 0.2, 0.5];
const SLICES: [usize; 4] = [1, 6, 20, 60];

/// The order begins with the market and is over so many minutes later.
const MINUTES: usize = 60;

/// Markets that begin nearer to certain say little.
const LIKELIEST: f64 = 0.8;

const FEE: BasisPoints = BasisPoints(100);

/// What a purchase costs, in hundredths of a share's price of one.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Slippage {
    pub curve: &'static str,
    /// In depths.
    pub stake: f64,
    pub slices: usize,
    /// What a share cost on average above the path's price in the moments of the slices, fees included.
    pub above_path: f64,
    /// The same above the price at the beginning, and how far that is from its mean: by waiting, the
    /// order takes part in whatever the price does.
    pub above_start: f64,
    pub deviation: f64,
}

/// Every stake in every number of slices on every path of at least an hour. Between slices others bring
/// the price back to the path.
///
/// # Errors
/// Those of the curves.
pub fn slippage(paths: &[Path]) -> Result<Vec<Slippage>, SimulationError> {
    let mut rows = Vec::new();
    for (curve, kind) in [("lmsr", CurveKind::Lmsr), ("pm-amm", CurveKind::PmAmm)] {
        for stake in STAKES {
            for slices in SLICES {
                let (mut path_costs, mut start_costs) = (Vec::new(), Vec::new());
                let usual = |path: &&Path| {
                    path.len() > MINUTES && (1.0 - LIKELIEST..LIKELIEST).contains(&path[0])
                };
                for path in paths.iter().filter(usual) {
                    let (average, mean) = cost(kind, path, stake, slices)?;
                    path_costs.push(100.0 * (average - mean));
                    start_costs.push(100.0 * (average - path[0]));
                }
                let (above_start, deviation) = moments(&start_costs);
                rows.push(Slippage {
                    curve,
                    stake,
                    slices,
                    above_path: moments(&path_costs).0,
                    above_start,
                    deviation,
                });
            }
        }
    }
    Ok(rows)
}

/// What a share costs on average, and the mean of the path's prices weighted as the slices bought.
fn cost(
    kind: CurveKind,
    path: &Path,
    stake: f64,
    slices: usize,
) -> Result<(f64, f64), SimulationError> {
    let slice = Money((stake * DEPTH as f64 / slices as f64) as u64);
    let (mut spent, mut bought, mut worth) = (0.0, 0.0, 0.0);
    for minute in (0..MINUTES).step_by(MINUTES / slices) {
        let mut pool = Pool::<2>::EMPTY;
        let first = fraction(path[minute]);
        let prior = [first, Price(Price::ONE.0 - first.0)];
        pool.open(kind, Money(DEPTH), &prior, 0)?;
        let shares = pool.quote(0, Order::Stake(slice), FEE)?.shares.0 as f64;
        spent += slice.0 as f64;
        bought += shares;
        worth += shares * path[minute];
    }
    Ok((spent / bought, worth / bought))
}

/// Mean and standard deviation.
fn moments(values: &[f64]) -> (f64, f64) {
    let count = values.len().max(1) as f64;
    let mean = values.iter().sum::<f64>() / count;
    let squares = values.iter().map(|value| (value - mean).powi(2));
    (mean, (squares.sum::<f64>() / count).sqrt())
}
