//! What shares that secure a debt are worth to who lent it.

use super::Pool;
use crate::curve::lmsr::{self, Lmsr};
use crate::curve::pm_amm::{self, PmAmm};
use crate::curve::CurveKind;
use crate::error::MathError;
use crate::leverage::{LeverageError, Position};
use crate::normal::{quantile, NormalPoint};
use crate::real::Real;
use crate::trade::{Fees, Order, Trade};
use crate::units::{BasisPoints, Money, Price, Shares};
use crate::wide::{divide, divide_ceil, product};

/// Base units by which a sale for a value with a fee may return more.
pub const SPARE: u64 = 2;

/// Chords after which a sale is taken as it is, which returns more than [`SPARE`] too much only where shares
/// are worth next to nothing.
const CHORDS: usize = 16;

/// The least amount that leaves as much as the value when a rate of it is gone.
fn above_fee(value: Money, rate: BasisPoints) -> Result<Money, MathError> {
    let kept = u128::from(BasisPoints::ONE.saturating_sub(rate.0));
    let scaled = product(value.0, BasisPoints::ONE.into());
    let amount = scaled.checked_add(kept).and_then(|sum| divide(sum, kept));
    let amount = amount.ok_or(MathError::OutsideDomain)?;
    u64::try_from(amount)
        .map(Money)
        .map_err(|_| MathError::Overflow)
}

/// One outcome of a pool that is lent on, set up once for several values of its shares. A program that does
/// not lend holds no code of this.
pub struct Secured<'a, const N: usize> {
    pool: &'a Pool<N>,
    outcome: usize,
    fees: Fees,
    curve: Side<N>,
}

/// The curve as seen from the outcome.
enum Side<const N: usize> {
    Lmsr(lmsr::Side<N>),
    PmAmm(PmAmm),
}

impl<const N: usize> Pool<N> {
    /// The pool as seen from an outcome, of which a sale pays the fees.
    ///
    /// # Errors
    /// `NotOffered` on L2, `NoLiquidity`, `OutcomeOutOfRange`, those of the curve's set-up.
    #[inline(never)]
    pub fn secured(
        &self,
        outcome: usize,
        fees: impl Into<Fees>,
    ) -> Result<Secured<'_, N>, LeverageError> {
        let (kind, state) = (CurveKind::try_from(self.kind)?, self.state()?);
        if outcome >= state.quantities.len() {
            return Err(MathError::OutcomeOutOfRange.into());
        }
        let curve = match kind {
            CurveKind::L2 => return Err(LeverageError::NotOffered),
            _ if self.depth == 0 => return Err(MathError::NoLiquidity.into()),
            CurveKind::Lmsr => Side::Lmsr(Lmsr::new(state.depth, state.quantities)?.side(outcome)?),
            CurveKind::PmAmm => Side::PmAmm(pm_amm::Rule::evaluated(state)?),
        };
        Ok(Secured {
            pool: self,
            outcome,
            fees: fees.into(),
            curve,
        })
    }

    /// Leaves a part of the liquidity alone, at the same prices but for rounding: what is left when the
    /// rest has left. What was sold stays, so that it is a pool for valuing only.
    ///
    /// # Errors
    /// `NoLiquidity` if nothing is left, `Overflow` if the part is above the whole.
    pub fn keep_liquidity(&mut self, part: u64, whole: u64) -> Result<(), LeverageError> {
        if part == 0 || self.depth == 0 {
            return Err(MathError::NoLiquidity.into());
        }
        if part > whole {
            return Err(MathError::Overflow.into());
        }
        self.rescale_liquidity(whole, part)?;
        if self.depth == 0 {
            return Err(MathError::NoLiquidity.into());
        }
        Ok(())
    }

    /// [`Secured::sale_value`] of a position alone.
    ///
    /// # Errors
    /// Those of [`Pool::secured`] and of the same.
    pub fn sale_value(&self, position: Position) -> Result<Money, LeverageError> {
        self.secured(position.outcome, position.fees)?
            .sale_value(position.shares)
    }

    /// [`Secured::opposing_money`] of a position alone.
    ///
    /// # Errors
    /// Those of [`Pool::secured`] and of the same.
    pub fn opposing_money(&self, position: Position, debt: Money) -> Result<Money, LeverageError> {
        self.secured(position.outcome, position.fees)?
            .opposing_money(position.shares, debt)
    }

    /// [`Secured::shares_for`] of a position alone.
    ///
    /// # Errors
    /// Those of [`Pool::secured`] and of the same.
    pub fn shares_for(&self, position: Position, value: Money) -> Result<Shares, LeverageError> {
        self.secured(position.outcome, position.fees)?
            .shares_for(position.shares, value)
    }
}

impl<const N: usize> Secured<'_, N> {
    pub fn pool(&self) -> &Pool<N> {
        self.pool
    }

    /// What a sale pays.
    pub fn fees(&self) -> Fees {
        self.fees
    }

    /// Of the outcome, rounded down.
    pub fn price(&self) -> Price {
        match &self.curve {
            Side::Lmsr(side) => side.price(),
            Side::PmAmm(curve) => curve.price(self.outcome),
        }
    }

    /// The slow price of the outcome.
    ///
    /// # Errors
    /// `OutcomeOutOfRange`.
    pub fn slow_price(&self) -> Result<Price, MathError> {
        let slow = self.pool.slow_prices.get(self.outcome);
        slow.copied().map(Price).ok_or(MathError::OutcomeOutOfRange)
    }

    /// What a sale of the shares returns now, its fee deducted, rounded down.
    ///
    /// # Errors
    /// Those of [`Pool::quote`].
    #[inline(never)]
    pub fn sale_value(&self, shares: Shares) -> Result<Money, LeverageError> {
        let trade = self.sale(shares, self.fees)?;
        Ok(trade.cost.checked_sub(trade.fee)?)
    }

    fn sale(&self, shares: Shares, fees: Fees) -> Result<Trade, MathError> {
        match &self.curve {
            Side::Lmsr(side) => side.quote(Order::Sell(shares), fees),
            Side::PmAmm(curve) => curve.sell(self.outcome, shares, fees),
        }
    }

    /// What a sale of the shares would return at another price of theirs, between zero and one, its fee not
    /// deducted, rounded up by less than 2⁻⁴⁰ of it: `−b ln(1 − p (1 − e^(−N/b)))` on the LMSR,
    /// `L [G(z) − G(z − N/L)]` with `z = Φ⁻¹(p)` on the pm-AMM.
    ///
    /// # Errors
    /// `PriceOutOfRange`.
    pub fn sale_value_at(&self, price: Price, shares: Shares) -> Result<Money, LeverageError> {
        /// Above what all operations err by together.
        const ERROR: i64 = -44;
        if price == Price::ZERO || price >= Price::ONE {
            return Err(LeverageError::PriceOutOfRange);
        }
        let p = price.to_real();
        let (depth, part) = match &self.curve {
            Side::Lmsr(side) => (side.depth(), -(-(p * side.lost_by(shares.0)?)).ln_1p()?),
            Side::PmAmm(curve) => {
                let [depth, inverse] = curve.depths();
                let width = Real::from_u64(shares.0) * inverse;
                let z = if p < Real::HALF {
                    quantile(p)?
                } else {
                    -quantile(Real::ONE - p)?
                };
                let [from, to] = [NormalPoint::at(z)?, NormalPoint::at(z - width)?];
                (depth, from.integral_below() - to.integral_below())
            }
        };
        let value = depth * part;
        let value = value + value.shifted(ERROR) + depth.shifted(2 * ERROR);
        Ok(value.ceil_amount().map(Money)?)
    }

    /// What a sale of the shares would return at another price of theirs, between zero and one, its fee not
    /// deducted, but no more than its rate of it: what a sale moves.
    ///
    /// # Errors
    /// Those of [`Secured::sale_value_at`].
    pub fn least_value_at(&self, price: Price, shares: Shares) -> Result<Money, LeverageError> {
        let value = self.sale_value_at(price, shares)?;
        Ok(value.checked_sub(Money(self.fees.rate.of_floor(value.0)?))?)
    }

    /// The money, spent on the other outcomes and their fees not counted, after which a sale of the
    /// shares returns no more than the debt; rounded down. Where the position pays a fee it is found
    /// by bisection, since the fee changes its form at one half.
    ///
    /// # Errors
    /// `NoDebt`, `UnderWater`, and those of [`Secured::sale_value`].
    pub fn opposing_money(&self, shares: Shares, debt: Money) -> Result<Money, LeverageError> {
        if debt == Money::ZERO {
            return Err(LeverageError::NoDebt);
        }
        if self.sale_value(shares)? <= debt {
            return Err(LeverageError::UnderWater);
        }
        if self.fees.rate.0 != 0 {
            return self.opposing_money_with_fees(shares, debt);
        }
        self.opposing_money_without_fees(shares, debt)
    }

    /// The same whatever the fee is, as if there were none; the debt is below what a sale without it returns.
    pub(crate) fn opposing_money_without_fees(
        &self,
        shares: Shares,
        debt: Money,
    ) -> Result<Money, LeverageError> {
        Ok(match &self.curve {
            Side::Lmsr(side) => side.opposing_money(shares, debt)?,
            Side::PmAmm(curve) => curve.opposing_money(self.outcome, shares, debt)?,
        })
    }

    /// What a sale of the shares would return if it paid no fee, rounded down.
    ///
    /// # Errors
    /// Those of [`Pool::quote`].
    pub(crate) fn sale_value_without_fees(&self, shares: Shares) -> Result<Money, LeverageError> {
        Ok(self.sale(shares, Fees::default())?.cost)
    }

    /// A sale of x shares moves the price as a purchase of x of each other outcome does, and what that
    /// purchase costs is x less what the sale returns.
    #[inline(never)]
    fn opposing_money_with_fees(
        &self,
        shares: Shares,
        debt: Money,
    ) -> Result<Money, LeverageError> {
        let (pool, outcome) = (self.pool, self.outcome);
        let cost_if_covered = |against: u64| -> Result<Option<u64>, LeverageError> {
            let sale = self.sale(Shares(against), Fees::default())?;
            let mut moved = *pool;
            let signed = |amount: u64| {
                i64::try_from(amount)
                    .ok()
                    .and_then(i64::checked_neg)
                    .ok_or(MathError::Overflow)
            };
            let (sold, cost) = (signed(against)?, signed(sale.cost.0)?);
            let outcomes = usize::from(pool.outcomes);
            let curve = moved.curve.get_mut(..outcomes);
            let curve = curve.ok_or(MathError::OutcomeCountOutOfRange)?;
            pool.curve_rule()?.apply(curve, outcome, sold, cost)?;
            let covered = moved.secured(outcome, self.fees)?.sale_value(shares)? > debt;
            Ok(covered.then_some(against.saturating_sub(sale.cost.0)))
        };
        let (mut low, mut high, mut money) = (0u64, 1u64 << 60, 0);
        while high > low.saturating_add(1) {
            let middle = low.midpoint(high);
            match cost_if_covered(middle) {
                Ok(Some(cost)) => (low, money) = (middle, cost),
                // So far away nothing has a value.
                Ok(None) | Err(LeverageError::Math(MathError::Overflow)) => high = middle,
                Err(error) => return Err(error),
            }
        }
        Ok(Money(money))
    }

    /// The fewest of a position's shares whose sale returns the value, its fee deducted, rounded up; all
    /// of them if that takes all. Where the position pays a fee their sale may return up to
    /// [`SPARE`] more than the value: see [`Secured::shares_between`].
    ///
    /// # Errors
    /// Those of [`Secured::sale_value`].
    pub fn shares_for(&self, all: Shares, value: Money) -> Result<Shares, LeverageError> {
        if value == Money::ZERO {
            return Ok(Shares::ZERO);
        }
        let without_fee = |value| -> Result<Shares, LeverageError> {
            let shares = match &self.curve {
                Side::Lmsr(side) => side.shares_for(value)?,
                Side::PmAmm(curve) => curve.shares_for(self.outcome, value)?,
            };
            Ok(shares.map_or(all, |shares| shares.min(all)))
        };
        if self.fees.rate.0 == 0 {
            return without_fee(value);
        }
        let most = without_fee(above_fee(value, self.fees.rate)?)?;
        if self.fees.floor.0 == 0 && self.price() < Price(Price::ONE.0 >> 1) {
            // The fee is a part of what a sale moves as long as it ends below one half.
            return Ok(most);
        }
        let above = self.sale_value(most)?;
        if above.0 <= value.0.saturating_add(SPARE) {
            return Ok(most);
        }
        self.shares_between(value, without_fee(value)?, (most, above))
    }

    /// The shares whose sale returns the value, between those that would without a fee and those that return
    /// more with it.
    ///
    /// What a sale returns is concave in its shares, so a chord lies below it: where it reaches the value the
    /// sale returns no less. Each chord starts where the last one ended, and what it is off by falls with
    /// the product of both distances to the solution.
    #[inline(never)]
    fn shares_between(
        &self,
        value: Money,
        least: Shares,
        (most, above): (Shares, Money),
    ) -> Result<Shares, LeverageError> {
        let returns =
            |shares| -> Result<u64, LeverageError> { Ok(self.sale_value(Shares(shares))?.0) };
        let (mut low, mut high) = (least.0, most.0);
        let (mut below, mut above) = (returns(low)?, above.0);
        if below >= value.0 {
            return Ok(Shares(low));
        }
        for _ in 0..CHORDS {
            let missing = value.0.saturating_sub(below);
            let rise = above.saturating_sub(below).max(1);
            let run = high.saturating_sub(low);
            let step = divide_ceil(product(missing, run), rise.into())?;
            let step = u64::try_from(step).map_err(|_| MathError::Overflow)?;
            let next = low.saturating_add(step).min(high);
            if next == high {
                break;
            }
            let returned = returns(next)?;
            if returned < value.0 {
                // By rounding.
                (low, below) = (next, returned);
                continue;
            }
            (high, above) = (next, returned);
            if above <= value.0.saturating_add(SPARE) {
                break;
            }
        }
        Ok(Shares(high))
    }
}
