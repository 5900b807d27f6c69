//! Liquidity that comes and goes, and depth that follows a schedule.

use super::{Pool, RESCALING_UNITS};
use crate::error::MathError;
use crate::liquidity::{
    multiply_divide_ceil, multiply_divide_floor, LiquidityAdded, LiquidityRemoved,
};
use crate::micro_tau::{depth_at_step, MicroTau};
use crate::real::Real;
use crate::trade::{MAX_DEPTH, MIN_DEPTH};
use crate::units::{Money, Shares};

/// Least depth at opening that removing liquidity leaves, unless nothing is left. Half of what a
/// pool opens with, so that providers of the smallest one can leave too, and enough for the last
/// step of a schedule to be of 15 units.
const LEAST_INITIAL_DEPTH: u64 = MIN_DEPTH >> 1;

impl<const N: usize> Pool<N> {
    /// Adds liquidity without moving the prices: the amount, of the greatest reserve, is the
    /// fraction by which depth and reserves grow. The provider gets that fraction of the supply,
    /// and in shares of the other outcomes what they need less; both are rounded down. Rounding
    /// moves a price by less than half of 1 / depth. Call [`Pool::decay`] and [`Pool::observe`]
    /// before.
    ///
    /// L2 takes liquidity only while no share is outstanding: with shares out, what the reserves
    /// are worth depends on how many of them come back, and no price is fair to both old and new
    /// providers; see [`crate::curve::l2`].
    ///
    /// # Errors
    /// `NoLiquidity` when the pool has none left, `SharesOutstanding`, `LiquidityTooSmall`,
    /// `DepthOutOfRange` above `MAX_DEPTH`, `Overflow`, `Insolvent`.
    pub fn add_liquidity(
        &mut self,
        amount: Money,
        supply: Shares,
    ) -> Result<LiquidityAdded<N>, MathError> {
        let most = self.greatest_reserve()?;
        if self.depth == 0 || most == 0 || supply == Shares::ZERO {
            return Err(MathError::NoLiquidity);
        }
        self.require_free_liquidity()?;
        let shares = Shares(multiply_divide_floor(amount.0, supply.0, most)?);
        if shares == Shares::ZERO {
            return Err(MathError::LiquidityTooSmall);
        }
        let scale = self.scale()?;
        let growth = multiply_divide_floor(amount.0, scale, most)?.saturating_sub(RESCALING_UNITS);
        if growth > 0 {
            self.rescale_liquidity(scale, scale.checked_add(growth).ok_or(MathError::Overflow)?)?;
        }
        if self.initial_depth > MAX_DEPTH {
            return Err(MathError::DepthOutOfRange);
        }
        let least_sold = self.cash.checked_sub(most).ok_or(MathError::Insolvent)?;
        let fraction = floor_ratio(amount.0, most)?;
        let mut returned = [0; N];
        let outcomes = usize::from(self.outcomes);
        for (returned, sold) in returned.iter_mut().zip(&mut self.sold).take(outcomes) {
            // By how much the reserve is less than the greatest.
            let behind = sold.saturating_sub(least_sold);
            *returned = (Real::from_u64(behind) * fraction).floor_amount()?;
            *sold = sold.checked_add(*returned).ok_or(MathError::Overflow)?;
        }
        self.cash = Money(self.cash).checked_add(amount)?.0;
        Ok(LiquidityAdded { shares, returned })
    }

    /// Removes liquidity without moving the prices: the shares, of the supply, are the fraction by
    /// which depth and reserves shrink. The provider gets in cash what that is of the least reserve
    /// and in shares what it is of the others beyond, all rounded down. Removing the whole supply
    /// ends trading: the depth is zero then, and what is outstanding stays backed. Rounding moves a
    /// price by less than half of 1 / depth, of L2 by less than half of 1 / norm. Call
    /// [`Pool::decay`] and [`Pool::observe`] before.
    ///
    /// L2 lets liquidity go only while no share is outstanding: who goes would take along what
    /// holders can sell the others for. Else it is paid when the market is settled, by
    /// [`crate::liquidity::liquidity_payout`].
    ///
    /// # Errors
    /// `SharesOutstanding`, `NoShares`, `MoreThanSold` when there are fewer shares,
    /// `LiquidityLeftTooSmall` when some of the supply would be left with less than half of
    /// `MIN_DEPTH` as depth at opening, or with no whole unit of depth or norm, `Overflow`,
    /// `Insolvent`.
    pub fn remove_liquidity(
        &mut self,
        shares: Shares,
        supply: Shares,
    ) -> Result<LiquidityRemoved<N>, MathError> {
        if shares == Shares::ZERO {
            return Err(MathError::NoShares);
        }
        let left = supply
            .checked_sub(shares)
            .map_err(|_| MathError::MoreThanSold)?;
        if left == Shares::ZERO {
            return self.remove_liquidity_after_trading(shares, supply);
        }
        self.require_free_liquidity()?;
        let mut returned = [0; N];
        let fraction = floor_ratio(shares.0, supply.0)?;
        let outcomes = usize::from(self.outcomes);
        for (given, sold) in returned.iter_mut().zip(&self.sold).take(outcomes) {
            let reserve = self.cash.checked_sub(*sold).ok_or(MathError::Insolvent)?;
            *given = (Real::from_u64(reserve) * fraction).floor_amount()?;
        }
        let cash = self.give_back(&mut returned)?;
        let scale = self.scale()?;
        let fall = multiply_divide_ceil(scale, shares.0, supply.0)?;
        let left = scale.saturating_sub(fall).saturating_sub(RESCALING_UNITS);
        if left == 0 {
            return Err(MathError::LiquidityLeftTooSmall);
        }
        self.rescale_liquidity(scale, left)?;
        if self.initial_depth < LEAST_INITIAL_DEPTH {
            return Err(MathError::LiquidityLeftTooSmall);
        }
        Ok(LiquidityRemoved { cash, returned })
    }

    /// Removes liquidity once nothing will be traded any more, or all of it, and ends trading: the
    /// provider gets exactly the fraction, shares of the supply, of every reserve, rounded down, in cash what is
    /// common to all and in shares the rest. Those who stay keep the rest of every reserve, however
    /// little that is. The curve, whose prices nobody can answer now, is given up. Bring the slow
    /// prices up to date with [`Pool::observe`] before.
    ///
    /// L2 as in [`Pool::remove_liquidity`].
    ///
    /// # Errors
    /// `SharesOutstanding`, `NoShares`, `MoreThanSold` when there are fewer shares, `Overflow`, `Insolvent`.
    pub fn remove_liquidity_after_trading(
        &mut self,
        shares: Shares,
        supply: Shares,
    ) -> Result<LiquidityRemoved<N>, MathError> {
        if shares == Shares::ZERO {
            return Err(MathError::NoShares);
        }
        if shares > supply {
            return Err(MathError::MoreThanSold);
        }
        self.require_free_liquidity()?;
        let mut returned = [0; N];
        let outcomes = usize::from(self.outcomes);
        for (given, sold) in returned.iter_mut().zip(&self.sold).take(outcomes) {
            let reserve = self.cash.checked_sub(*sold).ok_or(MathError::Insolvent)?;
            *given = multiply_divide_floor(reserve, shares.0, supply.0)?;
        }
        let cash = self.give_back(&mut returned)?;
        self.close();
        Ok(LiquidityRemoved { cash, returned })
    }

    /// Refuses to move liquidity while shares are outstanding, on a curve where that is unfair.
    fn require_free_liquidity(&self) -> Result<(), MathError> {
        if self.limits()?.sets || self.sold.iter().all(|sold| *sold == 0) {
            Ok(())
        } else {
            Err(MathError::SharesOutstanding)
        }
    }

    /// Takes `returned` off the reserves: what is common to all outcomes is given in cash, which is
    /// returned, and the rest, which `returned` is then, in shares.
    fn give_back(&mut self, returned: &mut [u64; N]) -> Result<Money, MathError> {
        let outcomes = usize::from(self.outcomes);
        let common = returned.iter().take(outcomes).min();
        let cash = common.copied().unwrap_or(0);
        for (given, sold) in returned.iter_mut().zip(&mut self.sold).take(outcomes) {
            *given = given.saturating_sub(cash);
            *sold = sold.checked_add(*given).ok_or(MathError::Overflow)?;
        }
        self.cash = self.cash.checked_sub(cash).ok_or(MathError::Insolvent)?;
        Ok(Money(cash))
    }

    /// Ends trading.
    fn close(&mut self) {
        self.depth = 0;
        self.initial_depth = 0;
        self.curve = [0; N];
    }

    /// Brings the depth to that of the schedule's step at a second of unix time, at the same prices. The cash
    /// freed stays in `cash`. A fall of less than two units waits for the next.
    ///
    /// # Errors
    /// `ScheduleNotOffered` on L2, `EmptySchedule`, `Overflow`.
    pub fn decay(&mut self, schedule: MicroTau, now_seconds: i64) -> Result<(), MathError> {
        let step = schedule.step(now_seconds)?;
        if step <= self.step || self.depth == 0 {
            return Ok(());
        }
        if !self.limits()?.schedule {
            return Err(MathError::ScheduleNotOffered);
        }
        let depth = depth_at_step(Money(self.initial_depth), step)?.0;
        if depth.saturating_add(RESCALING_UNITS) > self.depth {
            return Ok(());
        }
        self.rescale(self.depth, depth)?;
        self.depth = depth;
        self.step = step;
        Ok(())
    }

    /// What the fractions of liquidity are of.
    fn scale(&self) -> Result<u64, MathError> {
        self.curve_rule()?.scale(self.state()?)
    }

    /// Multiplies depth and curve by `to / from`, rounded down.
    pub(super) fn rescale_liquidity(&mut self, from: u64, to: u64) -> Result<(), MathError> {
        self.depth = multiply_divide_floor(self.depth, to, from)?;
        self.initial_depth = multiply_divide_floor(self.initial_depth, to, from)?;
        self.rescale(from, to)
    }

    /// Multiplies the curve's state by `to / from`, rounded down.
    fn rescale(&mut self, from: u64, to: u64) -> Result<(), MathError> {
        let limit = self.limits()?.max_quantity;
        let ratio = floor_ratio(to, from)?;
        for quantity in self.curve.iter_mut().take(usize::from(self.outcomes)) {
            *quantity = (Real::from_i64(*quantity) * ratio).floor()?;
            if quantity.unsigned_abs() > limit {
                return Err(MathError::Overflow);
            }
        }
        Ok(())
    }

    /// The reserve of the outcome least sold, base units.
    ///
    /// # Errors
    /// `Insolvent`.
    pub fn greatest_reserve(&self) -> Result<u64, MathError> {
        let sold = self.sold.iter().take(usize::from(self.outcomes)).min();
        self.cash
            .checked_sub(sold.copied().unwrap_or(0))
            .ok_or(MathError::Insolvent)
    }
}

/// `numerator / denominator`, rounded down by more than the error of a product with it.
fn floor_ratio(numerator: u64, denominator: u64) -> Result<Real, MathError> {
    let ratio = Real::from_u64(numerator).divide(Real::from_u64(denominator))?;
    Ok(ratio - ratio.shifted(-56))
}
