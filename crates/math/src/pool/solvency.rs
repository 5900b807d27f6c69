//! What a pool owes.

use super::Pool;
use crate::curve::Voided;
use crate::error::MathError;
use crate::units::{Money, Price};

impl<const N: usize> Pool<N> {
    /// What a share of each outcome is paid when the market is void, rounded down: the slow prices
    /// divided by their sum; on L2, whose shares cost more than chances, the slow marginal prices,
    /// lowered until all shares together get no more than the curve would have paid for them. Each
    /// is at most one, and the cash covers all.
    ///
    /// # Errors
    /// `DivisionByZero` when all slow prices are zero.
    pub fn void_payouts(&self) -> Result<[Price; N], MathError> {
        self.curve_rule()?.void_payouts(Voided {
            state: self.state()?,
            slow_prices: self.of_outcomes(&self.slow_prices)?,
            sold: self.of_outcomes(&self.sold)?,
            cash: Money(self.cash),
        })
    }

    /// Whether the cash covers whatever outcome wins, with the curve's own reserves on top.
    ///
    /// # Errors
    /// `Insolvent`.
    pub fn check_solvent(&self) -> Result<(), MathError> {
        let curve = self.curve_rule()?;
        let outcomes = usize::from(self.outcomes);
        for (&sold, &quantity) in self.sold.iter().zip(&self.curve).take(outcomes) {
            let owed = sold.checked_add(curve.reserve(quantity)?);
            if owed.is_none_or(|owed| owed > self.cash) {
                return Err(MathError::Insolvent);
            }
        }
        Ok(())
    }
}
