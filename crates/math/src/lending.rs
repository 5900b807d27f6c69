//! The book of who lends: cash, loans that grow by one index, lenders' shares, and insurance that pays
//! losses before they do.
//!
//! A loan is a number of debt shares, which are worth the index each. Rounding is for the lenders: what
//! is owed is rounded up, what is lent, paid out and counted as theirs down. So what lenders own falls
//! by a loss that [`LendingBook::write_off`] returns and by nothing else.

use bytemuck::{Pod, Zeroable};

use crate::borrow_rates::{grown_index, BorrowRates};
use crate::error::MathError;
use crate::units::{Money, Shares};
use crate::vault::{assets_for_shares, shares_for_deposit};
use crate::wide::{divide, divide_ceil, product, words};

/// An index of one, Q64.64.
const ONE: u128 = 1 << 64;

/// Fractional bits of a part of the equity. So many losses of all of it have room in a sum that it cannot overflow.
const PART_BITS: u32 = 32;

/// Money and claims of a pool that lends one token.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable)]
pub struct LendingBook {
    /// Base units of the lenders that are not lent.
    pub cash: u64,
    /// Base units that pay losses before lenders do.
    pub insurance: u64,
    /// Lenders' shares.
    pub supply: u64,
    /// Of all loans.
    pub debt_shares: u64,
    /// What a debt share is owed, base units in Q64.64, the lower word first.
    pub index: [u64; 2],
    /// Unix second up to which interest is counted.
    pub accrued_until: i64,
}

/// Who bore a loss, in base units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Loss {
    pub insurance: Money,
    pub lenders: Money,
}

/// What a payment did to a loan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Repaid {
    /// Debt shares that are gone.
    pub shares: Shares,
    /// Base units that were taken of what was offered.
    pub paid: Money,
}

impl LendingBook {
    /// An empty book, from a unix second on.
    pub const fn new(now: i64) -> Self {
        Self {
            cash: 0,
            insurance: 0,
            supply: 0,
            debt_shares: 0,
            index: [0, 1],
            accrued_until: now,
        }
    }

    fn index(&self) -> u128 {
        let [low, high] = self.index;
        (u128::from(high) << 64) | u128::from(low)
    }

    /// Counts the interest up to a unix second, at the rate of what is lent now.
    ///
    /// # Errors
    /// `OutsideDomain` if the rates are not valid, `Overflow`.
    pub fn accrue(&mut self, rates: BorrowRates, now: i64) -> Result<(), MathError> {
        let seconds = now.saturating_sub(self.accrued_until);
        if seconds <= 0 {
            return Ok(());
        }
        let yearly = rates.yearly(self.lent()?, Money(self.cash))?;
        let index = grown_index(self.index(), yearly, seconds.unsigned_abs())?;
        let (high, low) = words(index);
        self.index = [low, high];
        self.accrued_until = now;
        Ok(())
    }

    /// What all loans are owed, rounded down.
    ///
    /// # Errors
    /// `Overflow`.
    pub fn lent(&self) -> Result<Money, MathError> {
        Ok(Money(owed(self.debt_shares, self.index())?.0))
    }

    /// What a loan is owed, rounded up.
    ///
    /// # Errors
    /// `Overflow`.
    pub fn debt(&self, shares: Shares) -> Result<Money, MathError> {
        let (whole, rest) = owed(shares.0, self.index())?;
        Money(whole).checked_add(Money(u64::from(rest != 0)))
    }

    /// What is the lenders', if all loans are paid back.
    ///
    /// # Errors
    /// `Overflow`.
    pub fn equity(&self) -> Result<Money, MathError> {
        Money(self.cash).checked_add(self.lent()?)
    }

    /// Which part of what is the lenders' an amount is, Q32.32, rounded up.
    ///
    /// # Errors
    /// `Overflow`.
    pub fn part_of_equity(&self, amount: Money) -> Result<u64, MathError> {
        let scaled = u128::from(amount.0) << PART_BITS;
        let part = divide_ceil(scaled, self.equity()?.0.max(1).into())?;
        u64::try_from(part).map_err(|_| MathError::Overflow)
    }

    /// What such a part is now, base units, rounded up.
    ///
    /// # Errors
    /// `Overflow`.
    pub fn of_equity(&self, part: u64) -> Result<Money, MathError> {
        let amount = divide_ceil(product(self.equity()?.0, part), 1 << PART_BITS)?;
        let amount = u64::try_from(amount).map_err(|_| MathError::Overflow)?;
        Ok(Money(amount))
    }

    /// A lender's shares for a deposit, priced as if all loans were paid back.
    ///
    /// # Errors
    /// `NoShares`, `Overflow`.
    pub fn deposit(&mut self, amount: Money) -> Result<Shares, MathError> {
        let shares = shares_for_deposit(amount, Shares(self.supply), self.equity()?)?;
        self.supply = Shares(self.supply).checked_add(shares)?.0;
        self.cash = Money(self.cash).checked_add(amount)?.0;
        Ok(shares)
    }

    /// What a lender is paid for shares, priced as if `at_risk` of the loans were lost.
    ///
    /// # Errors
    /// `MoreThanSold` if there are fewer shares; `Underflow` if more of the money is lent out.
    pub fn withdraw(&mut self, shares: Shares, at_risk: Money) -> Result<Money, MathError> {
        let equity = self.equity()?.0.saturating_sub(at_risk.0);
        let paid = assets_for_shares(shares, Shares(self.supply), Money(equity))?;
        let cash = Money(self.cash).checked_sub(paid)?;
        self.supply = Shares(self.supply).checked_sub(shares)?.0;
        self.cash = cash.0;
        Ok(paid)
    }

    /// The debt shares of a new loan, rounded up.
    ///
    /// # Errors
    /// `Underflow` if there is less cash, `Overflow`.
    pub fn lend(&mut self, amount: Money) -> Result<Shares, MathError> {
        let cash = Money(self.cash).checked_sub(amount)?;
        let scaled = u128::from(amount.0) << 64;
        let shares = divide_ceil(scaled, self.index().max(ONE))?;
        let shares = u64::try_from(shares).map_err(|_| MathError::Overflow)?;
        self.debt_shares = Shares(self.debt_shares).checked_add(Shares(shares))?.0;
        self.cash = cash.0;
        Ok(Shares(shares))
    }

    /// Takes a payment on a loan of so many debt shares: no more than is owed, and of the shares no more
    /// than it pays for.
    ///
    /// # Errors
    /// `Underflow` if the loan is none of this book, `Overflow`.
    pub fn repay(&mut self, loan: Shares, offered: Money) -> Result<Repaid, MathError> {
        let debt = self.debt(loan)?;
        let repaid = if offered >= debt {
            Repaid {
                shares: loan,
                paid: debt,
            }
        } else {
            let scaled = u128::from(offered.0) << 64;
            let shares = divide(scaled, self.index().max(ONE)).unwrap_or(0);
            let shares = u64::try_from(shares).map_err(|_| MathError::Overflow)?;
            Repaid {
                shares: Shares(shares.min(loan.0)),
                paid: offered,
            }
        };
        let left = Shares(self.debt_shares).checked_sub(repaid.shares)?;
        self.cash = Money(self.cash).checked_add(repaid.paid)?.0;
        self.debt_shares = left.0;
        Ok(repaid)
    }

    /// Ends a loan of which no more than `recovered` comes back: what is missing is the insurance's loss,
    /// and beyond it the lenders'.
    ///
    /// # Errors
    /// `Underflow` if the loan is none of this book, `Overflow`.
    pub fn write_off(&mut self, loan: Shares, recovered: Money) -> Result<Loss, MathError> {
        let debt = self.debt(loan)?;
        let left = Shares(self.debt_shares).checked_sub(loan)?;
        let recovered = recovered.min(debt);
        let missing = debt.checked_sub(recovered)?;
        let covered = missing.min(Money(self.insurance));
        let cash = Money(self.cash).checked_add(recovered)?;
        self.cash = cash.checked_add(covered)?.0;
        self.insurance = Money(self.insurance).checked_sub(covered)?.0;
        self.debt_shares = left.0;
        Ok(Loss {
            insurance: covered,
            lenders: missing.checked_sub(covered)?,
        })
    }
}

/// Debt shares times the index, and the fraction of a base unit, Q0.64.
fn owed(shares: u64, index: u128) -> Result<(u64, u64), MathError> {
    let (high, low) = words(index);
    let (carried, rest) = words(product(low, shares));
    let whole = product(high, shares).checked_add(carried.into());
    match whole.map(words) {
        Some((0, whole)) => Ok((whole, rest)),
        _ => Err(MathError::Overflow),
    }
}
