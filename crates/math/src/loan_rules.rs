//! What a lender asks before it lends against shares, and what is sold of them when it has to be.
//!
//! The formulas are in [`crate::leverage`]; here they are put together. What the rules keep attackers
//! from is measured by `strobe simulate leverage`.

use crate::error::MathError;
use crate::leverage::{liquidation_value, LeverageError, LoanTerms};
use crate::pool::Secured;
use crate::units::{BasisPoints, Money, Price, Shares};
use crate::wide::{product, scale_ceil};

/// While what may be owed is near the target of a liquidation or below it, the target is this part of it.
const TARGET_PART: BasisPoints = BasisPoints(9_500);

/// How far the spot price may be below its average p when something is sold of a position that has a value
/// above its debt there: part of `min(p, 1 − p)`.
pub const MAX_SALE_DROP: BasisPoints = BasisPoints(200);

/// What is asked of every loan against shares of one market.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LoanRules {
    pub terms: LoanTerms,
    /// Debt over value after a partial liquidation. At an opening all loans against an outcome are no more
    /// of what a sale of all their shares returns.
    pub target: BasisPoints,
    /// Part of the sale of a liquidation that is not repaid.
    pub reward: BasisPoints,
    /// Greatest distance of the spot price above the slow price s at an opening, part of `min(s, 1 − s)`.
    pub max_deviation: BasisPoints,
    /// Money on the other side that all loans against an outcome withstand, part of the depth.
    pub withstands: BasisPoints,
    /// Most shares of an outcome that secure loans, part of the depth.
    pub most_shares: BasisPoints,
    /// Least and greatest spot price of an opening.
    pub least_price: BasisPoints,
    pub greatest_price: BasisPoints,
}

/// A loan that is to be opened, after its shares were bought, and all that there will be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Opening {
    pub shares: Shares,
    pub debt: Money,
    /// Of all loans against the outcome, this one included.
    pub all_shares: Shares,
    pub all_debt: Money,
    /// Until trading is over.
    pub left_seconds: u64,
}

/// Why a loan is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpeningRefusal {
    /// The spot price is outside the range of openings.
    PriceNotOffered,
    /// The spot price is too far above the slow price.
    DeviationTooGreat,
    /// Too many shares of the outcome secure loans.
    TooManyShares,
    /// The debt is above what may be lent against the shares.
    DebtAboveCap,
    /// All debts against the outcome are above what may be lent against all their shares.
    AllDebtAboveCap,
    /// Too little money on the other side puts all loans against the outcome under water.
    TooEasilyUnderWater,
    /// Of the formulas.
    Formula(LeverageError),
}

impl From<LeverageError> for OpeningRefusal {
    fn from(error: LeverageError) -> Self {
        Self::Formula(error)
    }
}

impl From<MathError> for OpeningRefusal {
    fn from(error: MathError) -> Self {
        Self::Formula(error.into())
    }
}

/// What of a position is sold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ForcedSale {
    pub shares: Shares,
    /// Whether a part does not restore the target.
    pub is_whole: bool,
}

/// A sale that is due at the spot price.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DueSale {
    pub shares: Shares,
    pub debt: Money,
    /// Until trading is over.
    pub left_seconds: u64,
    /// Whether debts are paid whatever they are.
    pub is_final: bool,
}

impl LoanRules {
    /// Whether a loan may be opened on a pool whose present prices are those after the purchase of its
    /// shares. `locked` is the same pool with the liquidity that cannot leave alone; see
    /// [`Pool::keep_liquidity`].
    ///
    /// # Errors
    /// An [`OpeningRefusal`] for each rule.
    pub fn check_opening<const N: usize>(
        &self,
        locked: &Secured<N>,
        opening: &Opening,
    ) -> Result<(), OpeningRefusal> {
        let (spot, slow) = (locked.price(), locked.slow_price()?);
        let [least, greatest] = [self.least_price, self.greatest_price].map(BasisPoints::to_price);
        if spot < least || spot > greatest {
            return Err(OpeningRefusal::PriceNotOffered);
        }
        let width = slow.0.min(Price::ONE.0.saturating_sub(slow.0));
        let allowed = self.max_deviation.of_floor(width)?;
        if spot.0 > slow.0.saturating_add(allowed) {
            return Err(OpeningRefusal::DeviationTooGreat);
        }
        if opening.all_shares.0 > self.most_shares.of_floor(locked.pool().depth)? {
            return Err(OpeningRefusal::TooManyShares);
        }

        let value_of_all = locked.sale_value(opening.all_shares)?;
        let others = opening.all_shares.checked_sub(opening.shares)?;
        let value_of_others = match others {
            Shares::ZERO => Money::ZERO,
            others => locked.sale_value(others)?,
        };
        let value = value_of_all.0.saturating_sub(value_of_others.0);
        let value = value.min(part_of(opening.shares.0, slow));
        let cap = self.terms.opening_at(spot, opening.left_seconds)?;
        if opening.debt.0 > part_of(value, cap) {
            return Err(OpeningRefusal::DebtAboveCap);
        }
        if opening.all_debt.0 > self.target.of_floor(value_of_all.0)? {
            return Err(OpeningRefusal::AllDebtAboveCap);
        }
        let least_money = self.withstands.of_ceil(locked.pool().depth)?;
        if self.opposing_money(locked, opening, value_of_all)?.0 < least_money {
            return Err(OpeningRefusal::TooEasilyUnderWater);
        }
        Ok(())
    }

    /// The money on the other side after which a sale of all shares does not pay its fee, the reward
    /// and all debts any more, rounded down. A fee is no more than its rate of what a sale moves. `value` is
    /// what it returns now.
    fn opposing_money<const N: usize>(
        &self,
        locked: &Secured<N>,
        opening: &Opening,
        value: Money,
    ) -> Result<Money, LeverageError> {
        let (all, debt) = (opening.all_shares, opening.all_debt);
        let owed = above(above(debt, self.reward)?, locked.fees().rate)?;
        if owed == Money::ZERO {
            return Err(LeverageError::NoDebt);
        }
        if owed >= value && owed >= locked.sale_value_without_fees(all)? {
            return Ok(Money::ZERO);
        }
        locked.opposing_money_without_fees(all, owed)
    }

    /// What of a position's shares and their value is sold on the pool as it is now, if its debt is as much as
    /// may be owed: what restores the target, or 95 % of what may be owed if that is less; from where the reward
    /// and the debt are above the value, all. Nothing if the shares return nothing.
    ///
    /// # Errors
    /// Those of the formulas.
    pub fn forced_sale<const N: usize>(
        &self,
        secured: &Secured<N>,
        (shares, value): (Shares, Money),
        debt: Money,
        left_seconds: u64,
    ) -> Result<Option<ForcedSale>, LeverageError> {
        if value == Money::ZERO || debt == Money::ZERO {
            return Ok(None);
        }
        let above_part = |part| is_part_owed(debt, value, part);
        // However low the price is, which the formulas of the terms may not take.
        let kept = Price(Price::ONE.0.saturating_sub(self.reward.to_price().0));
        if above_part(kept) {
            return Ok(Some(ForcedSale {
                shares,
                is_whole: true,
            }));
        }
        let most = self.terms.maintenance_at(secured.price(), left_seconds)?;
        if !above_part(most) {
            return Ok(None);
        }
        let target = self.target_below(most)?;
        let due = liquidation_value(value, debt, target, self.reward.to_price())?;
        Ok(Some(sale_for(secured, shares, value, due)?))
    }

    /// Whether a sale that is due at the spot price is no matter of a moment: it is due at an average price
    /// too, by what the shares would return there, and the spot price is not further below the average p than
    /// a fiftieth of `min(p, 1 − p)`, [`MAX_SALE_DROP`]. Under water too: what a pushed price returns less is
    /// the lenders' loss then. In a final sale every debt is due.
    ///
    /// # Errors
    /// Those of the formulas.
    pub fn is_lasting<const N: usize>(
        &self,
        secured: &Secured<N>,
        due: DueSale,
        average: Price,
    ) -> Result<bool, LeverageError> {
        if !self.is_due_at(secured, due, average)? {
            return Ok(false);
        }
        let average = inside(average);
        let rest = Price::ONE.0.saturating_sub(average.0);
        let most = MAX_SALE_DROP.of_floor(average.0.min(rest))?;
        Ok(average.0.saturating_sub(secured.price().0) <= most)
    }

    /// Whether a sale is due at an average price, by what the shares would return there.
    ///
    /// # Errors
    /// Those of the formulas.
    pub fn is_due_at<const N: usize>(
        &self,
        secured: &Secured<N>,
        due: DueSale,
        average: Price,
    ) -> Result<bool, LeverageError> {
        if due.is_final {
            return Ok(true);
        }
        let average = inside(average);
        let value = secured.least_value_at(average, due.shares)?;
        // More than may ever be owed, however low the price is, which the formulas of the terms may not take.
        if above(due.debt, self.reward)? >= value {
            return Ok(true);
        }
        self.is_owed_at(average, value, due)
    }

    /// What of a position's shares and their value is sold so that its debt is paid, however much it is: all if
    /// a part is not enough. Nothing if the shares return nothing.
    ///
    /// # Errors
    /// Those of the formulas.
    pub fn final_sale<const N: usize>(
        &self,
        secured: &Secured<N>,
        (shares, value): (Shares, Money),
        debt: Money,
    ) -> Result<Option<ForcedSale>, LeverageError> {
        if value == Money::ZERO || debt == Money::ZERO {
            return Ok(None);
        }
        let due = above(debt, self.reward)?;
        Ok(Some(sale_for(secured, shares, value, due)?))
    }

    /// The part of every debt against an outcome that may stay, rounded up, if all of them together are as
    /// much as may be owed of what one sale of all their shares returns, at the spot price and at the slow
    /// one: the greater of what restores the target at either. `None` while the shares bear the debts at one
    /// of them. `locked` is the pool with the liquidity that cannot leave alone; see
    /// [`Pool::keep_liquidity`].
    ///
    /// # Errors
    /// Those of the formulas.
    pub fn debt_factor<const N: usize>(
        &self,
        locked: &Secured<N>,
        all: DueSale,
    ) -> Result<Option<Price>, LeverageError> {
        if all.shares == Shares::ZERO || all.debt == Money::ZERO {
            return Ok(None);
        }
        let mut greatest = Price::ZERO;
        for at in [locked.price(), locked.slow_price()?] {
            let at = inside(at);
            if !self.are_all_due(locked, all, at)? {
                return Ok(None);
            }
            let value = locked.least_value_at(at, all.shares)?;
            let most = self.terms.maintenance_at(at, all.left_seconds)?;
            let (target, reward) = (self.target_below(most)?, self.reward.to_price());
            let sold = liquidation_value(value, all.debt, target, reward)?;
            let paid = sold.0.saturating_sub(self.reward.of_ceil(sold.0)?);
            let left = all.debt.0.saturating_sub(paid);
            let factor = Price::ratio(left, all.debt.0)?;
            greatest = greatest.max(Price(factor.0.saturating_add(1)));
        }
        Ok(Some(greatest.min(Price::ONE)))
    }

    /// Whether all debts against an outcome together are as much as may be owed of what one sale of all their
    /// shares would return at a price on the liquidity that cannot leave.
    ///
    /// # Errors
    /// Those of the formulas.
    pub fn are_all_due<const N: usize>(
        &self,
        locked: &Secured<N>,
        all: DueSale,
        at: Price,
    ) -> Result<bool, LeverageError> {
        let at = inside(at);
        let value = locked.least_value_at(at, all.shares)?;
        self.is_owed_at(at, value, all)
    }

    /// Whether a debt is as much as may be owed of a value at a price.
    fn is_owed_at(&self, price: Price, value: Money, due: DueSale) -> Result<bool, LeverageError> {
        // Of what a price allows, which is no more, only the rest has to know.
        let most = self.terms.maintenance_left(due.left_seconds);
        if is_part_owed(due.debt, value, most) {
            return Ok(true);
        }
        let most = self.terms.maintenance_at(price, due.left_seconds)?;
        Ok(is_part_owed(due.debt, value, most))
    }

    /// What a liquidation restores where so much may be owed.
    fn target_below(&self, most: Price) -> Result<Price, MathError> {
        let target = Price(TARGET_PART.of_floor(most.0)?).min(self.target.to_price());
        Ok(target.max(Price(1)))
    }
}

/// A price that formulas take, which end at zero and at one.
fn inside(price: Price) -> Price {
    Price(price.0.clamp(1, Price::ONE.0.saturating_sub(1)))
}

/// The sale of a position's shares that returns as much as is due, of all if that is not less than their
/// value.
fn sale_for<const N: usize>(
    secured: &Secured<N>,
    all: Shares,
    value: Money,
    due: Money,
) -> Result<ForcedSale, LeverageError> {
    let shares = if due < value {
        secured.shares_for(all, due)?
    } else {
        all
    };
    Ok(ForcedSale {
        shares,
        is_whole: shares == all,
    })
}

/// A part of an amount, rounded down.
fn part_of(amount: u64, part: Price) -> u64 {
    let part = product(amount, part.0) >> 63;
    u64::try_from(part).unwrap_or(u64::MAX)
}

/// Whether a debt is as much as a part of a value.
fn is_part_owed(debt: Money, value: Money, part: Price) -> bool {
    product(debt.0, Price::ONE.0) >= product(value.0, part.0)
}

/// The least amount of which the rest is as much as `left` once a rate of it is gone.
fn above(left: Money, rate: BasisPoints) -> Result<Money, MathError> {
    let kept = BasisPoints::ONE.saturating_sub(rate.0);
    if kept == 0 {
        return Err(MathError::OutsideDomain);
    }
    let amount = scale_ceil(left.0, BasisPoints::ONE.into(), kept.into())?;
    u64::try_from(amount)
        .map(Money)
        .map_err(|_| MathError::Overflow)
}
