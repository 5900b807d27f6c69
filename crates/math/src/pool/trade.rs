//! Trades with a pool, and complete sets.

use super::{Conditions, History, Pool};
use crate::error::MathError;
use crate::trade::{Fees, Order, Trade};
use crate::units::{Money, Price, Shares};

impl<const N: usize> Pool<N> {
    /// What the order would trade now, at the depth that stands.
    ///
    /// # Errors
    /// `NoLiquidity`, `OutcomeOutOfRange`, `FeeRateTooHigh`, `FeeFloorTooHigh`; of purchases `StakeTooSmall` or
    /// `NoShares`, `PriceBelowMinimum`, `Overflow`; of sales `NoShares`, `MoreThanSold`.
    pub fn quote(
        &self,
        outcome: usize,
        order: Order,
        fees: impl Into<Fees>,
    ) -> Result<Trade, MathError> {
        self.trading_curve()?
            .quote(self.state()?, outcome, order, fees.into(), None)
    }

    /// The greatest purchase or sale of whole shares of an outcome after which its spot price has
    /// not passed `target`, up or down, and what it would trade now; nothing when that is less than
    /// a share. No more is sold than is outstanding.
    ///
    /// # Errors
    /// `NoLiquidity`, `OutcomeOutOfRange`, `OutsideDomain` unless the target is above zero and below
    /// one, and those of [`Pool::quote`].
    pub fn amount_until(
        &self,
        outcome: usize,
        target: Price,
        fees: impl Into<Fees>,
    ) -> Result<Option<(Order, Trade)>, MathError> {
        let curve = self.trading_curve()?;
        let order = match curve.order_until(self.state()?, outcome, target)? {
            Order::Sell(shares) => {
                let sold = self.of_outcomes(&self.sold)?.get(outcome);
                let sold = sold.ok_or(MathError::OutcomeOutOfRange)?;
                Order::Sell(shares.min(Shares(*sold)))
            }
            order => order,
        };
        if matches!(order, Order::Buy(Shares::ZERO) | Order::Sell(Shares::ZERO)) {
            return Ok(None);
        }
        self.quote(outcome, order, fees)
            .map(|trade| Some((order, trade)))
    }

    /// Trades as [`Pool::quote`] says, whatever the time.
    ///
    /// # Errors
    /// Those of [`Pool::quote`], `MoreThanSold`, `Overflow`, `Insolvent`.
    pub fn execute(
        &mut self,
        outcome: usize,
        order: Order,
        fees: impl Into<Fees>,
    ) -> Result<Trade, MathError> {
        let trade = self.quote(outcome, order, fees)?;
        self.apply(outcome, order, trade)?;
        Ok(trade)
    }

    /// [`Pool::decay`], [`Pool::observe`] and the trade, with one evaluation of the curve.
    ///
    /// # Errors
    /// Those of [`Pool::decay`] and [`Pool::execute`].
    pub fn trade(
        &mut self,
        conditions: Conditions,
        history: Option<History<N>>,
        outcome: usize,
        order: Order,
        fees: impl Into<Fees>,
    ) -> Result<Trade, MathError> {
        if let Some(schedule) = conditions.schedule {
            self.decay(schedule, conditions.now_seconds)?;
        }
        let (now_slot, smoothing) = (conditions.now_slot, conditions.smoothing);
        if now_slot <= self.observed_slot {
            self.observe(now_slot, smoothing, history)?;
            return self.execute(outcome, order, fees);
        }
        let mut before = [Price::ZERO; N];
        let curve = self.trading_curve()?;
        let trade = curve.quote(
            self.state()?,
            outcome,
            order,
            fees.into(),
            Some(&mut before),
        )?;
        self.record(&before, now_slot, smoothing, history)?;
        self.apply(outcome, order, trade)?;
        Ok(trade)
    }

    /// Whether a purchase may leave a holder with these shares, by outcome, which cost so much in
    /// all, fees included. Only L2 refuses any; see [`crate::l2::may_pay`]. After a sale the cost is
    /// [`crate::l2::cost_after_sale`].
    ///
    /// # Errors
    /// `CostAbovePayout`.
    pub fn check_holding(&self, cost: Money, shares: &[u64]) -> Result<(), MathError> {
        self.curve_rule()?.check_holding(cost, shares)
    }

    /// Complete sets for money, one base unit a set: the amount joins the cash, and as many shares
    /// of every outcome are outstanding more.
    ///
    /// # Errors
    /// `SetsNotOffered` on L2, `Overflow`.
    pub fn split(&mut self, amount: Money) -> Result<(), MathError> {
        self.require_sets()?;
        let outcomes = usize::from(self.outcomes);
        for sold in self.sold.iter_mut().take(outcomes) {
            *sold = Shares(*sold).checked_add(Shares(amount.0))?.0;
        }
        self.cash = Money(self.cash).checked_add(amount)?.0;
        Ok(())
    }

    /// Money for complete sets, one base unit a set.
    ///
    /// # Errors
    /// `SetsNotOffered` on L2, `MoreThanSold`.
    pub fn merge(&mut self, amount: Money) -> Result<(), MathError> {
        self.require_sets()?;
        let outcomes = usize::from(self.outcomes);
        for sold in self.sold.iter_mut().take(outcomes) {
            *sold = Shares(*sold)
                .checked_sub(Shares(amount.0))
                .map_err(|_| MathError::MoreThanSold)?
                .0;
        }
        self.cash = Money(self.cash)
            .checked_sub(amount)
            .map_err(|_| MathError::Insolvent)?
            .0;
        Ok(())
    }

    fn require_sets(&self) -> Result<(), MathError> {
        if self.limits()?.sets {
            Ok(())
        } else {
            Err(MathError::SetsNotOffered)
        }
    }

    fn apply(&mut self, outcome: usize, order: Order, trade: Trade) -> Result<(), MathError> {
        let is_sale = matches!(order, Order::Sell(_));
        let sold = self
            .sold
            .get_mut(outcome)
            .ok_or(MathError::OutcomeOutOfRange)?;
        if is_sale {
            *sold = Shares(*sold)
                .checked_sub(trade.shares)
                .map_err(|_| MathError::MoreThanSold)?
                .0;
            self.cash = Money(self.cash)
                .checked_sub(trade.cost)
                .map_err(|_| MathError::Insolvent)?
                .0;
        } else {
            *sold = Shares(*sold).checked_add(trade.shares)?.0;
            self.cash = Money(self.cash).checked_add(trade.cost)?.0;
        }
        self.fees = Money(self.fees).checked_add(trade.fee)?.0;
        let signed = |amount: u64| {
            let amount = i64::try_from(amount).map_err(|_| MathError::Overflow)?;
            let signed = if is_sale {
                amount.checked_neg()
            } else {
                Some(amount)
            };
            signed.ok_or(MathError::Overflow)
        };
        let (shares, cost) = (signed(trade.shares.0)?, signed(trade.cost.0)?);
        let curve = self.curve_rule()?;
        let quantities = self
            .curve
            .get_mut(..usize::from(self.outcomes))
            .ok_or(MathError::OutcomeCountOutOfRange)?;
        curve.apply(quantities, outcome, shares, cost)
    }
}
