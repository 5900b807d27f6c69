//! Loans against shares: what the shares return, what puts the loan under water, what restores it.
//!
//! N shares secure a debt D. The lender has no other claim, so what matters is what a sale of all N
//! returns now, V(N), never their number times the price. The formulas of each curve are in
//! [`crate::curve`]; L2 has none, because its slow price is a chance and not what a sale returns.

use core::fmt;

use crate::error::MathError;
use crate::normal::{density, quantile};
use crate::real::{mul_high, Real};
use crate::trade::Fees;
use crate::units::{BasisPoints, Money, Price, Shares};
use crate::wide::{divide, divide_ceil, product};

/// A new loan is at most this part of what may be owed before a liquidation.
const OPENING_PART: BasisPoints = BasisPoints(9_500);

/// Why a value of a position was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeverageError {
    /// The curve has no sale value to lend against.
    NotOffered,
    /// The debt is zero.
    NoDebt,
    /// The debt is not below the value.
    UnderWater,
    /// The target of a liquidation is not below one less its reward.
    TargetOutOfRange,
    /// The price is not between zero and one.
    PriceOutOfRange,
    /// The curve's own error.
    Math(MathError),
}

impl From<MathError> for LeverageError {
    fn from(error: MathError) -> Self {
        Self::Math(error)
    }
}

impl fmt::Display for LeverageError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::NotOffered => {
                "nothing is lent against shares of the L2 curve, whose slow price is a chance and not what a sale returns: use lmsr or pm-amm"
            }
            Self::NoDebt => "the debt is zero, which no money puts under water: leave it out",
            Self::UnderWater => "the debt is not below what a sale of the shares returns",
            Self::TargetOutOfRange => "the target must be above zero and below one less the reward",
            Self::PriceOutOfRange => "the price must be above zero and below one",
            Self::Math(error) => return error.fmt(formatter),
        })
    }
}

impl core::error::Error for LeverageError {}

/// Shares of one outcome, and what trading them costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    pub outcome: usize,
    pub shares: Shares,
    pub fees: Fees,
}

/// What the sale of a liquidation has to return so that debt over value is the target again, rounded up
/// to a base unit: `v = (D − θV) / ((1 − β) − θ)`, of which β rewards whom liquidates and the rest
/// repays. Nothing while the debt is at the target or below. From `D ≥ (1 − β) V` on no part restores
/// it, and it is the whole value.
///
/// # Errors
/// `TargetOutOfRange` unless `0 < θ < 1 − β`.
pub fn liquidation_value(
    value: Money,
    debt: Money,
    target: Price,
    reward: Price,
) -> Result<Money, LeverageError> {
    let kept = Price::ONE.0.saturating_sub(reward.0);
    let divisor = kept.saturating_sub(target.0);
    if target == Price::ZERO || divisor == 0 {
        return Err(LeverageError::TargetOutOfRange);
    }
    let debt_scaled = product(debt.0, Price::ONE.0);
    if debt_scaled >= product(value.0, kept) {
        return Ok(value);
    }
    let excess = debt_scaled.saturating_sub(product(value.0, target.0));
    let sale = divide_ceil(excess, divisor.into())?;
    let sale = u64::try_from(sale).unwrap_or(u64::MAX);
    Ok(Money(sale).min(value))
}

/// How much of the value of shares may be owed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LoanTerms {
    /// Greatest debt over value at the opening.
    pub opening: BasisPoints,
    /// Debt over value from which on a position is liquidated.
    pub maintenance: BasisPoints,
    /// Span before the end of trading over which both fall evenly to zero.
    pub decay_seconds: u64,
    /// How long the price may move before anybody liquidates.
    pub latency_seconds: u64,
    /// Standard deviations of that move which an opening and a position must withstand.
    pub opening_deviations: u16,
    pub maintenance_deviations: u16,
}

impl LoanTerms {
    /// Debt over value from which on a position is liquidated, rounded down: the maintenance, falling to
    /// zero over the last `decay_seconds`, and no more than [`diffusion_limit`] leaves.
    ///
    /// # Errors
    /// `PriceOutOfRange`.
    pub fn maintenance_at(&self, price: Price, left_seconds: u64) -> Result<Price, LeverageError> {
        let own = self.maintenance_left(left_seconds);
        self.limited(own, price, left_seconds, self.maintenance_deviations)
    }

    /// The same whatever the price, which leaves no more.
    pub(crate) fn maintenance_left(&self, left_seconds: u64) -> Price {
        self.decayed(self.maintenance, left_seconds)
    }

    /// The greatest debt over value of a new loan, rounded down: the opening's own, falling to zero as
    /// the maintenance does, no more than [`diffusion_limit`] leaves, and no more than 95 % of
    /// [`LoanTerms::maintenance_at`].
    ///
    /// # Errors
    /// `PriceOutOfRange`.
    pub fn opening_at(&self, price: Price, left_seconds: u64) -> Result<Price, LeverageError> {
        let maintenance = self.maintenance_at(price, left_seconds)?;
        let below = Price(OPENING_PART.of_floor(maintenance.0)?);
        let own = self.decayed(self.opening, left_seconds).min(below);
        if self.opening_deviations <= self.maintenance_deviations {
            // It is below the maintenance, which the same limit or a stricter one is on.
            return Ok(own);
        }
        self.limited(own, price, left_seconds, self.opening_deviations)
    }

    /// The lesser of a rate and [`diffusion_limit`], which is computed where [`is_surely_allowed`] does not tell.
    fn limited(
        &self,
        own: Price,
        price: Price,
        left_seconds: u64,
        deviations: u16,
    ) -> Result<Price, LeverageError> {
        let latency_seconds = self.latency_seconds;
        if price == Price::ZERO || price >= Price::ONE {
            return Err(LeverageError::PriceOutOfRange);
        }
        if is_surely_allowed(own, price, latency_seconds, left_seconds, deviations) {
            return Ok(own);
        }
        let limit = diffusion_limit(price, latency_seconds, left_seconds, deviations)?;
        Ok(own.min(limit))
    }

    fn decayed(&self, rate: BasisPoints, left_seconds: u64) -> Price {
        if left_seconds >= self.decay_seconds {
            return rate.to_price();
        }
        let left = left_seconds;
        let whole = u128::from(self.decay_seconds.max(1)).saturating_mul(BasisPoints::ONE.into());
        let part = u128::from(rate.0)
            .saturating_mul(left.into())
            .saturating_mul(Price::ONE.0.into());
        let decayed = divide(part, whole).and_then(|part| u64::try_from(part).ok());
        Price(decayed.unwrap_or(0)).min(Price::ONE)
    }
}

/// `1 − κ φ(Φ⁻¹(p)) / p · √(Δ / τ)`, rounded down, and zero where that is negative or no time τ is left:
/// the debt over value that a move of κ standard deviations within the latency Δ just reaches, where the
/// price is the chance that a Brownian motion ends above zero. Leverage `1 / (1 − debt / value)` is
/// then at most `p / (κ φ(Φ⁻¹(p)) √(Δ / τ))`.
///
/// # Errors
/// `PriceOutOfRange` unless `0 < p < 1`.
pub fn diffusion_limit(
    price: Price,
    latency_seconds: u64,
    left_seconds: u64,
    deviations: u16,
) -> Result<Price, LeverageError> {
    /// Above what all operations err by together.
    const ERROR: i64 = -44;
    if price == Price::ZERO || price >= Price::ONE {
        return Err(LeverageError::PriceOutOfRange);
    }
    if left_seconds == 0 {
        return Ok(Price::ZERO);
    }
    let p = price.to_real();
    let ratio = Real::from_u64(latency_seconds).divide(Real::from_u64(left_seconds))?;
    let move_of_price = density(quantile(p)?)? * ratio.sqrt()?;
    let lost = (Real::from_u64(deviations.into()) * move_of_price).divide(p)?;
    let limit = Real::ONE - lost - lost.shifted(ERROR);
    if limit.is_negative() {
        return Ok(Price::ZERO);
    }
    Ok(Price::from_real(limit))
}

/// Whether a part is surely no more than [`diffusion_limit`], at a tenth of its cost:
/// `κ² · 2/π · (1 − p) · Δ ≤ (1 − part)² · p · τ`, since `φ(Φ⁻¹(p))² ≤ 2/π · p (1 − p)`, which follows from
/// Pólya's `Φ(x) ≤ ½ (1 + √(1 − e^(−2x²/π)))`.
pub fn is_surely_allowed(
    part: Price,
    price: Price,
    latency_seconds: u64,
    left_seconds: u64,
    deviations: u16,
) -> bool {
    const TWO_OVER_PI: u64 = 5_871_781_006_564_002_453;
    /// By which a product is below exact at most.
    const CUT: u64 = 3;
    /// Above what all operations of the limit err by together.
    const ERROR: u32 = 50;
    let rest = |price: Price| Price::ONE.0.saturating_sub(price.0);
    let square = u64::from(deviations).saturating_mul(deviations.into());
    let free = rest(part);
    // From above and from below, both Q2.62.
    let taken = mul_high(TWO_OVER_PI, rest(price)).saturating_add(CUT);
    let taken = product(square.saturating_mul(latency_seconds), taken);
    let allowed = product(mul_high(mul_high(free, free), price.0), left_seconds) << 1;
    taken.saturating_add(allowed >> ERROR) <= allowed
}
