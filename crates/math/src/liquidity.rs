//! Liquidity of a pool: what providers add, remove, earn and get in the end.
//!
//! A pool holds a reserve `R_i = cash − sold_i` of each outcome. All curves are homogeneous: depth,
//! state and reserves of a pool may grow and shrink together without moving a price. So a provider
//! adds or removes a fraction of every reserve: in cash what is common to all, and in shares of the
//! outcomes what some have more than others. Neither side gains, whatever outcome wins.

use crate::error::MathError;
use crate::units::{Money, Shares};
use crate::wide::{divide, divide_ceil, product};

/// What a provider gets for adding liquidity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LiquidityAdded<const N: usize> {
    /// Shares of the pool.
    pub shares: Shares,
    /// Shares of each outcome, which are now outstanding.
    pub returned: [u64; N],
}

/// What a provider gets for removing liquidity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LiquidityRemoved<const N: usize> {
    pub cash: Money,
    /// Shares of each outcome, which are now outstanding.
    pub returned: [u64; N],
}

/// What the providers of a settled pool own: its cash less what outcome shares are still paid.
///
/// # Errors
/// `Insolvent` when the cash is less.
pub fn liquidity_value(cash: Money, liability: Money) -> Result<Money, MathError> {
    cash.checked_sub(liability)
        .map_err(|_| MathError::Insolvent)
}

/// A provider's part of what the providers own, `value · shares / supply` rounded down. The holder
/// of the last shares gets all that is left.
///
/// # Errors
/// `NoLiquidity` when the supply is zero, `MoreThanSold` when there are fewer shares than that.
pub fn liquidity_payout(value: Money, shares: Shares, supply: Shares) -> Result<Money, MathError> {
    if shares > supply {
        return Err(MathError::MoreThanSold);
    }
    multiply_divide_floor(value.0, shares.0, supply.0).map(Money)
}

/// Fees for providers, without a loop over them: the sum of all fees each divided by the supply of
/// its time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FeeGrowth {
    /// Fees for one share of the pool since it opened, in base units, Q64.64.
    pub per_share: u128,
    /// What did not divide evenly, in base units, Q0.64. The next fee takes it along.
    pub remainder: u64,
}

impl FeeGrowth {
    /// Spreads a fee over the supply. What is owed to all shares together never exceeds the fees.
    ///
    /// # Errors
    /// `NoLiquidity` when the supply is zero; `Overflow` when fees for one share reach 2⁶⁴.
    pub fn accrue(&mut self, fee: Money, supply: Shares) -> Result<(), MathError> {
        self.accrue_parts(u128::from(fee.0) << 64, supply)
    }

    /// [`FeeGrowth::accrue`] of a fee in base units in Q64.64.
    pub(crate) fn accrue_parts(&mut self, fee: u128, supply: Shares) -> Result<(), MathError> {
        let supply = u128::from(supply.0);
        let total = fee
            .checked_add(u128::from(self.remainder))
            .ok_or(MathError::Overflow)?;
        let quotient = divide(total, supply).ok_or(MathError::NoLiquidity)?;
        self.per_share = self
            .per_share
            .checked_add(quotient)
            .ok_or(MathError::Overflow)?;
        // Without a second division, which costs as much as the rest. It cannot wrap.
        let remainder = total.wrapping_sub(quotient.wrapping_mul(supply));
        self.remainder = u64::try_from(remainder).map_err(|_| MathError::Overflow)?;
        Ok(())
    }

    /// What shares that are unchanged since `checkpoint`, a former `per_share`, have earned since,
    /// rounded down.
    ///
    /// # Errors
    /// `Underflow` when the checkpoint is ahead; `Overflow`.
    pub fn owed(&self, shares: Shares, checkpoint: u128) -> Result<Money, MathError> {
        let growth = self
            .per_share
            .checked_sub(checkpoint)
            .ok_or(MathError::Underflow)?;
        let shares = u128::from(shares.0);
        let whole = (growth >> 64)
            .checked_mul(shares)
            .ok_or(MathError::Overflow)?;
        // No overflow: both factors are below 2⁶⁴.
        let part = (growth & u128::from(u64::MAX)).wrapping_mul(shares) >> 64;
        whole
            .checked_add(part)
            .and_then(|owed| u64::try_from(owed).ok())
            .map(Money)
            .ok_or(MathError::Overflow)
    }
}

/// `amount · numerator / denominator`, rounded down.
pub(crate) fn multiply_divide_floor(
    amount: u64,
    numerator: u64,
    denominator: u64,
) -> Result<u64, MathError> {
    divide(product(amount, numerator), denominator.into())
        .ok_or(MathError::NoLiquidity)
        .and_then(|quotient| u64::try_from(quotient).map_err(|_| MathError::Overflow))
}

/// `amount · numerator / denominator`, rounded up.
pub(crate) fn multiply_divide_ceil(
    amount: u64,
    numerator: u64,
    denominator: u64,
) -> Result<u64, MathError> {
    if denominator == 0 {
        return Err(MathError::NoLiquidity);
    }
    let quotient = divide_ceil(product(amount, numerator), u128::from(denominator))?;
    u64::try_from(quotient).map_err(|_| MathError::Overflow)
}
