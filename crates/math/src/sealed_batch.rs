//! Batches of sealed orders: what it costs not to reveal one, and how two sides cross at one price.

use crate::error::MathError;
use crate::normal::{density, quantile};
use crate::real::Real;
use crate::units::{Money, Price};
use crate::wide::divide;

/// The greatest bond, as a part of the escrow: 15 %, rounded down.
pub const GREATEST_BOND: Price = Price(1_383_505_805_528_216_371);

/// The bond of a sealed order, as a part of its escrow, rounded up: one and a half times
/// `0.4 · φ(Φ⁻¹(p)) · √(W / τ) / min(p, 1 − p)`.
///
/// Who may reveal or not holds an option on the price's move over the time W between the two: with the
/// price the chance that a Brownian motion ends above zero in time τ, its standard deviation is
/// `φ(Φ⁻¹(p)) √(W / τ)` a share, of which an option at the money is worth 1/√(2π) < 0.4 times; an escrow of
/// one buys `1 / p` shares or `1 / (1 − p)`, and nothing shows which.
///
/// # Errors
/// `OutsideDomain` unless `0 < p < 1` and some time is left.
pub fn bond_part(price: Price, option_seconds: u64, left_seconds: u64) -> Result<Price, MathError> {
    /// Above what all operations err by together.
    const ERROR: i64 = -44;
    if price == Price::ZERO || price >= Price::ONE || left_seconds == 0 {
        return Err(MathError::OutsideDomain);
    }
    let p = price.to_real();
    let ratio = Real::from_u64(option_seconds).divide(Real::from_u64(left_seconds))?;
    let deviation = density(quantile(p)?)? * ratio.sqrt()?;
    let side = if p < Real::HALF { p } else { Real::ONE - p };
    let three_fifths = Real::from_u64(3).divide(Real::from_u64(5))?;
    let part = (three_fifths * deviation).divide(side)?;
    let part = part + part.shifted(ERROR);
    if part >= Real::ONE {
        return Ok(Price::ONE);
    }
    Ok(Price::from_real(part))
}

/// Two sides that buy complete sets together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Crossing {
    /// Sets that cost one base unit each: as many shares for either side.
    pub sets: u64,
    /// What each side pays for its shares; together the sets.
    pub paid: [Money; 2],
}

/// As many sets as the stakes of both sides buy, where a share of the first outcome costs the price and one
/// of the second what is left of one. The first side's payment is rounded up, so that the two are what the
/// sets cost. Nothing crosses at a price of zero or one.
pub fn cross(stakes: [Money; 2], price: Price) -> Crossing {
    let prices = [price.0, Price::ONE.0.saturating_sub(price.0)];
    let bought = |(stake, price): (Money, u64)| {
        let scaled = u128::from(stake.0).saturating_mul(Price::ONE.0.into());
        divide(scaled, price.into()).unwrap_or(0)
    };
    let sets = stakes.into_iter().zip(prices).map(bought).min();
    // At most both stakes together.
    let sets = sets.and_then(|sets| u64::try_from(sets).ok()).unwrap_or(0);
    let first = price.of_ceil(sets).unwrap_or(0);
    Crossing {
        sets,
        paid: [Money(first), Money(sets.saturating_sub(first))],
    }
}

/// What the next of `claims` equal claims on an amount gets, rounded down; the last gets what is left, so
/// that nothing remains. Zero if there is none.
pub fn next_claim(left: u64, claims: u32) -> u64 {
    left.checked_div(claims.into()).unwrap_or(0)
}
