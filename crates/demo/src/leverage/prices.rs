//! Real prices, and what a market on them is worth at each.

use math::Price;

use crate::error::DemoError;

/// Closes five minutes apart, a day of them.
const CLOSES: &str = include_str!("../../../../examples/prices/btc-usd-5m-2023-03-11.csv");

pub const STEP_SECONDS: i64 = 5 * 60;

/// Prices that nobody trades beyond.
const LEAST_CHANCE: f64 = 0.03;

pub struct Prices {
    closes: Vec<f64>,
    /// Of the logarithm of the price in a step.
    deviation: f64,
}

impl Prices {
    /// # Errors
    /// [`DemoError::Closes`] if a line has no price.
    pub fn load() -> Result<Self, DemoError> {
        let close = |line: &str| {
            let price = line.split(',').nth(1)?.parse::<f64>().ok();
            price.filter(|price| *price > 0.0)
        };
        let lines = CLOSES.lines().skip(1);
        let closes: Option<Vec<_>> = lines.map(close).collect();
        let closes = closes
            .filter(|closes| closes.len() > 2)
            .ok_or(DemoError::Closes)?;
        let squares = closes
            .windows(2)
            .map(|pair| (pair[1] / pair[0]).ln().powi(2));
        let deviation = (squares.sum::<f64>() / (closes.len() - 1) as f64).sqrt();
        Ok(Self { closes, deviation })
    }

    /// Steps from the first price to the last.
    pub fn steps(&self) -> usize {
        self.closes.len() - 1
    }

    /// After so many steps, US cents.
    pub fn cents(&self, step: usize) -> i64 {
        (self.closes[step] * 100.0).round() as i64
    }

    /// The chance that the last price is not below the first: that of a Brownian motion with the day's own
    /// deviation.
    pub fn chance(&self, step: usize) -> Price {
        let left = (self.steps() - step).max(1) as f64;
        let ahead = (self.closes[step] / self.closes[0]).ln();
        let chance = normal(ahead / (self.deviation * left.sqrt()));
        let chance = chance.clamp(LEAST_CHANCE, 1.0 - LEAST_CHANCE);
        Price((chance * Price::ONE.0 as f64) as u64)
    }
}

/// The distribution function of a standard normal: Abramowitz and Stegun 7.1.26, within 10⁻⁷.
fn normal(z: f64) -> f64 {
    const COEFFICIENTS: [f64; 5] = [
        1.061405429,
        -1.453152027,
        1.421413741,
        -0.284496736,
        0.254829592,
    ];
    let x = z.abs() / std::f64::consts::SQRT_2;
    let t = 1.0 / (1.0 + 0.3275911 * x);
    let series = COEFFICIENTS
        .iter()
        .fold(0.0, |sum, coefficient| coefficient + t * sum);
    let error = 1.0 - t * series * (-x * x).exp();
    0.5 * (1.0 + error.copysign(z))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chance_is_that_of_a_brownian_motion() {
        assert!((normal(0.0) - 0.5).abs() < 1e-7);
        assert!((normal(1.0) - 0.841_344_7).abs() < 1e-6);
        assert!((normal(-2.0) - 0.022_750_1).abs() < 1e-6);
        let prices = Prices::load().expect("prices");
        assert_eq!(prices.steps(), 288);
        assert!(prices.chance(0).0.abs_diff(1 << 62) < 1 << 43);
        let (fallen, risen) = (prices.chance(96), prices.chance(287));
        assert!(fallen < Price(1 << 62) && risen > Price(3 << 61));
    }
}
