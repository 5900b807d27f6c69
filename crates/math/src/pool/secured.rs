//! What shares that secure a debt are worth to who lent it.

use super::Pool;
use crate::curve::lmsr::Lmsr;
use crate::curve::pm_amm::PmAmm;
use crate::curve::{CurveKind, State};
use crate::error::MathError;
use crate::leverage::{LeverageError, Position};
use crate::normal::{quantile, NormalPoint};
use crate::real::Real;
use crate::trade::{Fees, Order};
use crate::units::{BasisPoints, Money, Price, Shares};

/// Base units by which a sale for a value with a fee may return more.
pub const SPARE: u64 = 2;

/// Chords after which a sale is taken as it is, which returns more than [`SPARE`] too much only where shares
/// are worth next to nothing.
const CHORDS: usize = 16;

/// The least amount that leaves as much as the value when a rate of it is gone.
fn above_fee(value: Money, rate: BasisPoints) -> Result<Money, MathError> {
    let kept = u128::from(BasisPoints::ONE.saturating_sub(rate.0));
    let scaled = u128::from(value.0).saturating_mul(BasisPoints::ONE.into());
    let amount = scaled
        .checked_add(kept)
        .and_then(|sum| sum.checked_div(kept));
    let amount = amount.ok_or(MathError::OutsideDomain)?;
    u64::try_from(amount)
        .map(Money)
        .map_err(|_| MathError::Overflow)
}

/// A curve that can be lent on. A program that does not lend holds no code of this.
enum Secured<'a> {
    Lmsr(Lmsr<'a>),
    PmAmm(PmAmm),
}

impl<const N: usize> Pool<N> {
    fn secured(&self) -> Result<Secured<'_>, LeverageError> {
        if self.depth == 0 {
            return Err(MathError::NoLiquidity.into());
        }
        let State { depth, quantities } = self.state()?;
        match CurveKind::try_from(self.kind)? {
            CurveKind::Lmsr => Ok(Secured::Lmsr(Lmsr::new(depth, quantities)?)),
            CurveKind::PmAmm => {
                let reserve = |outcome: usize| {
                    let quantity = quantities.get(outcome).copied().unwrap_or(-1);
                    u64::try_from(quantity)
                        .map(Shares)
                        .map_err(|_| MathError::Insolvent)
                };
                let curve = PmAmm::new(depth, [reserve(0)?, reserve(1)?])?;
                Ok(Secured::PmAmm(curve))
            }
            CurveKind::L2 => Err(LeverageError::NotOffered),
        }
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

    /// What a sale of the shares returns now, its fee deducted, rounded down.
    ///
    /// # Errors
    /// `NotOffered` on L2, and those of [`Pool::quote`].
    pub fn sale_value(&self, position: Position) -> Result<Money, LeverageError> {
        if self.kind == CurveKind::L2 as u8 {
            return Err(LeverageError::NotOffered);
        }
        let trade = self.quote(
            position.outcome,
            Order::Sell(position.shares),
            position.fees,
        )?;
        Ok(trade.cost.checked_sub(trade.fee)?)
    }

    /// What a sale of the shares would return at another price of theirs, between zero and one, its fee not
    /// deducted, rounded up by less than 2⁻⁴⁰ of it: `−b ln(1 − p (1 − e^(−N/b)))` on the LMSR,
    /// `L [G(z) − G(z − N/L)]` with `z = Φ⁻¹(p)` on the pm-AMM.
    ///
    /// # Errors
    /// `NotOffered` on L2, `PriceOutOfRange`, `NoLiquidity`.
    pub fn sale_value_at(&self, price: Price, shares: Shares) -> Result<Money, LeverageError> {
        /// Above what all operations err by together.
        const ERROR: i64 = -44;
        if price == Price::ZERO || price >= Price::ONE {
            return Err(LeverageError::PriceOutOfRange);
        }
        if self.depth == 0 {
            return Err(MathError::NoLiquidity.into());
        }
        let depth = Real::from_u64(self.depth);
        let width = Real::from_u64(shares.0).divide(depth)?;
        let p = price.to_real();
        let part = match CurveKind::try_from(self.kind)? {
            CurveKind::Lmsr => -(p * (-width).exp_m1()?).ln_1p()?,
            CurveKind::PmAmm => {
                let z = if p < Real::HALF {
                    quantile(p)?
                } else {
                    -quantile(Real::ONE - p)?
                };
                let [from, to] = [NormalPoint::at(z)?, NormalPoint::at(z - width)?];
                from.integral_below() - to.integral_below()
            }
            CurveKind::L2 => return Err(LeverageError::NotOffered),
        };
        let value = depth * part;
        let value = value + value.shifted(ERROR) + depth.shifted(2 * ERROR);
        Ok(value.ceil_amount().map(Money)?)
    }

    /// The money, spent on the other outcomes and their fees not counted, after which a sale of the
    /// shares returns no more than the debt; rounded down. Where the position pays a fee it is found
    /// by bisection, since the fee changes its form at one half.
    ///
    /// # Errors
    /// `NoDebt`, `UnderWater`, and those of [`Pool::sale_value`].
    pub fn opposing_money(&self, position: Position, debt: Money) -> Result<Money, LeverageError> {
        if debt == Money::ZERO {
            return Err(LeverageError::NoDebt);
        }
        if self.sale_value(position)? <= debt {
            return Err(LeverageError::UnderWater);
        }
        if position.fees.rate.0 != 0 {
            return self.opposing_money_with_fees(position, debt);
        }
        self.opposing_money_without_fees(position, debt)
    }

    /// The same of a position that pays no fee, whose debt is below what a sale of its shares returns.
    pub(crate) fn opposing_money_without_fees(
        &self,
        position: Position,
        debt: Money,
    ) -> Result<Money, LeverageError> {
        let Position {
            outcome, shares, ..
        } = position;
        Ok(match self.secured()? {
            Secured::Lmsr(curve) => curve.opposing_money(outcome, shares, debt)?,
            Secured::PmAmm(curve) => curve.opposing_money(outcome, shares, debt)?,
        })
    }

    /// A sale of x shares moves the price as a purchase of x of each other outcome does, and what that
    /// purchase costs is x less what the sale returns.
    #[inline(never)]
    fn opposing_money_with_fees(
        &self,
        position: Position,
        debt: Money,
    ) -> Result<Money, LeverageError> {
        let cost_if_covered = |against: u64| -> Result<Option<u64>, LeverageError> {
            let order = Order::Sell(Shares(against));
            let fees = Fees::default();
            let sale = self.quote(position.outcome, order, fees)?;
            let mut moved = *self;
            let signed = |amount: u64| {
                i64::try_from(amount)
                    .ok()
                    .and_then(i64::checked_neg)
                    .ok_or(MathError::Overflow)
            };
            let (shares, cost) = (signed(against)?, signed(sale.cost.0)?);
            let outcomes = usize::from(self.outcomes);
            let curve = moved.curve.get_mut(..outcomes);
            let curve = curve.ok_or(MathError::OutcomeCountOutOfRange)?;
            self.curve_rule()?
                .apply(curve, position.outcome, shares, cost)?;
            let covered = moved.sale_value(position)? > debt;
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
    /// [`SPARE`] more than the value: see [`Pool::shares_between`].
    ///
    /// # Errors
    /// Those of [`Pool::sale_value`].
    pub fn shares_for(&self, position: Position, value: Money) -> Result<Shares, LeverageError> {
        if value == Money::ZERO {
            return Ok(Shares::ZERO);
        }
        let all = position.shares;
        let curve = self.secured()?;
        let without_fee = |value| -> Result<Shares, LeverageError> {
            let shares = match &curve {
                Secured::Lmsr(curve) => curve.shares_for(position.outcome, value)?,
                Secured::PmAmm(curve) => curve.shares_for(position.outcome, value)?,
            };
            Ok(shares.map_or(all, |shares| shares.min(all)))
        };
        let least = without_fee(value)?;
        if position.fees.rate.0 == 0 {
            return Ok(least);
        }
        let most = without_fee(above_fee(value, position.fees.rate)?)?;
        self.shares_between(position, value, [least, most])
    }

    /// The shares whose sale returns the value, between those that would without a fee and those that do
    /// with the greatest there is, its rate of all that the sale moves; which it is below one half.
    ///
    /// What a sale returns is concave in its shares, so a chord lies below it: where it reaches the value the
    /// sale returns no less. Each chord starts where the last one ended, and what it is off by falls with
    /// the product of both distances to the solution.
    #[inline(never)]
    fn shares_between(
        &self,
        position: Position,
        value: Money,
        [least, most]: [Shares; 2],
    ) -> Result<Shares, LeverageError> {
        let returns = |shares: u64| -> Result<u64, LeverageError> {
            let shares = Shares(shares);
            Ok(self.sale_value(Position { shares, ..position })?.0)
        };
        let (mut low, mut high) = (least.0, most.0);
        let mut above = returns(high)?;
        if above <= value.0.saturating_add(SPARE) {
            return Ok(Shares(high));
        }
        let mut below = returns(low)?;
        if below >= value.0 {
            return Ok(Shares(low));
        }
        for _ in 0..CHORDS {
            let missing = u128::from(value.0.saturating_sub(below));
            let rise = u128::from(above.saturating_sub(below));
            let run = u128::from(high.saturating_sub(low));
            let step = missing.saturating_mul(run).div_ceil(rise.max(1));
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
