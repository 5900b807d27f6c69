//! Fees that vest: liquidity that comes and goes within a moment takes nothing of a trade's fees.

use crate::error::MathError;
use crate::liquidity::FeeGrowth;
use crate::real::Real;
use crate::slow_price::{SlowPrice, Span};
use crate::units::{Money, Shares};
use crate::wide::divide_ceil;

/// Time constant of vesting, in slots: of a fee, 63 % vest within it, and a thousandth in 1.5 slots.
pub const VESTING_SLOTS: u64 = 1_500;

/// One over it.
const PER_SLOT: Real = match SlowPrice::new(VESTING_SLOTS).inverse() {
    Ok(inverse) => inverse,
    Err(_) => Real::ZERO,
};

/// Fees of providers that no share has a claim to yet. Of what is unvested, the part
/// `1 − e^(−Δ/V)` vests in Δ slots, to the shares there are then. So within one slot nothing does,
/// and who provides for some slots has a share of what vests in them, whenever it was paid. How
/// often it is counted changes nothing but rounding, and every part of a unit stays either here or
/// in the growth.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct VestingFees {
    /// Base units, Q64.64.
    pub unvested: u128,
    /// Slot up to which fees have vested.
    pub vested_slot: u64,
}

impl VestingFees {
    /// Takes in a fee. Call [`VestingFees::vest`] before.
    ///
    /// # Errors
    /// `Overflow` when all that is unvested reaches 2⁶⁴.
    pub fn add(&mut self, fee: Money) -> Result<(), MathError> {
        self.unvested = self
            .unvested
            .checked_add(u128::from(fee.0) << 64)
            .ok_or(MathError::Overflow)?;
        Ok(())
    }

    /// Gives the shares what vests up to a slot. Comes before a fee is added and before the supply
    /// changes. While there are no shares, nothing vests.
    ///
    /// # Errors
    /// `Overflow`.
    pub fn vest(
        &mut self,
        growth: &mut FeeGrowth,
        supply: Shares,
        now_slot: u64,
    ) -> Result<(), MathError> {
        let elapsed_slots = now_slot.saturating_sub(self.vested_slot);
        if elapsed_slots == 0 {
            return Ok(());
        }
        self.vested_slot = now_slot;
        if supply == Shares::ZERO || self.unvested == 0 {
            return Ok(());
        }
        let span = Span::of(Real::from_u64(elapsed_slots) * PER_SLOT)?;
        let vested = span.weight().of(self.unvested);
        growth.accrue_parts(vested, supply)?;
        self.unvested = self.unvested.saturating_sub(vested);
        Ok(())
    }

    /// What of an amount that is added to a pool buys its part of what is unvested: the same fraction
    /// of it as of the greatest reserve, `amount · U / (reserve + U)`, rounded up like U. So whoever
    /// comes brings what he would get, and those who are there keep theirs, whatever vests when.
    /// Call [`VestingFees::vest`] before.
    ///
    /// # Errors
    /// `Overflow`.
    pub fn part_of(&self, amount: Money, reserve: u64) -> Result<Money, MathError> {
        let unvested = self.unvested.div_ceil(1 << 64);
        let whole = u128::from(reserve)
            .checked_add(unvested)
            .ok_or(MathError::Overflow)?;
        if unvested == 0 {
            return Ok(Money::ZERO);
        }
        let product = u128::from(amount.0)
            .checked_mul(unvested)
            .ok_or(MathError::Overflow)?;
        let part = divide_ceil(product, whole)?;
        let part = u64::try_from(part).map_err(|_| MathError::Overflow)?;
        Ok(Money(part))
    }

    /// Gives the shares everything: when the pool is settled, or before the last of them leave.
    ///
    /// # Errors
    /// `NoLiquidity` when there are none, `Overflow`.
    pub fn vest_all(&mut self, growth: &mut FeeGrowth, supply: Shares) -> Result<(), MathError> {
        growth.accrue_parts(self.unvested, supply)?;
        self.unvested = 0;
        Ok(())
    }
}
