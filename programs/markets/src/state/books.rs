//! The money of a market: who gets which part of the fees, what is held, and what is still owed.

use anchor_lang::prelude::*;
use market_core::{difference, sum, BasisPoints, Money, Now, Shares};
use math::{
    liquidity::{liquidity_payout, liquidity_value},
    FeeGrowth, LiquidityAdded, LiquidityRemoved, MathError, VestingFees,
};
use program_kit::{decrement, Custody, SignerSeeds};

use crate::{
    error::MarketError,
    state::{seeds, LiquidityPosition, Market, MAX_OUTCOMES},
};

/// The part of the protocol's fees that a proposer earns whom nobody disputes: one in so many.
#[constant]
pub const PROPOSER_PART: u64 = 20;

/// What somebody gets for an amount of liquidity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LiquidityBought {
    pub added: LiquidityAdded<MAX_OUTCOMES>,
    /// Of the amount, what bought a part of the fees that have not vested; base units.
    pub unvested_fees: u64,
}

impl Market {
    /// Gives everybody his part of the fees that the last trade left in the pool.
    pub(super) fn distribute_fees(&mut self, now: Now) -> Result<()> {
        let fees = core::mem::take(&mut self.pool.fees);
        if fees == 0 {
            return Ok(());
        }
        let parts = math::vault::split_fee(
            Money(fees),
            BasisPoints(self.protocol_fee_share),
            BasisPoints(self.creator_fee_share),
        )
        .map_err(MarketError::from)?;
        add(&mut self.protocol_fees, parts.protocol.0)?;
        let reward = parts.protocol.0.checked_div(PROPOSER_PART).unwrap_or(0);
        add(&mut self.proposer_reward, reward)?;
        add(&mut self.creator_fees, parts.operator.0)?;
        add(&mut self.liquidity_fees, parts.liquidity.0)?;
        self.vest_fees(now)?;
        let mut vesting = self.vesting();
        vesting.add(parts.liquidity).map_err(MarketError::from)?;
        self.unvested_fees = vesting.unvested.to_le_bytes();
        Ok(())
    }

    /// Gives the providers of now what has vested of their fees; all of it once the market is settled.
    /// Not sooner: whoever ends trading with a proposal chooses the moment. Comes before any change of
    /// the supply.
    ///
    /// # Errors
    /// [`MarketError::Overflow`].
    pub fn vest_fees(&mut self, now: Now) -> Result<()> {
        let (mut growth, mut vesting) = (self.growth(), self.vesting());
        let supply = Shares(self.liquidity_supply);
        if self.settlement.is_settled() && self.liquidity_supply > 0 {
            vesting.vest_all(&mut growth, supply)
        } else {
            vesting.vest(&mut growth, supply, now.slot)
        }
        .map_err(MarketError::from)?;
        self.write_fees(growth, vesting);
        Ok(())
    }

    /// Gives the last provider, who leaves, all that is left of the fees.
    fn vest_all_fees(&mut self) -> Result<()> {
        let (mut growth, mut vesting) = (self.growth(), self.vesting());
        vesting
            .vest_all(&mut growth, Shares(self.liquidity_supply))
            .map_err(MarketError::from)?;
        self.write_fees(growth, vesting);
        Ok(())
    }

    fn write_fees(&mut self, growth: FeeGrowth, vesting: VestingFees) {
        self.fee_growth = growth.per_share.to_le_bytes();
        self.fee_remainder = growth.remainder;
        self.unvested_fees = vesting.unvested.to_le_bytes();
        self.vested_slot = vesting.vested_slot;
    }

    fn vesting(&self) -> VestingFees {
        VestingFees {
            unvested: u128::from_le_bytes(self.unvested_fees),
            vested_slot: self.vested_slot,
        }
    }

    /// Credits a provider with the fees that have vested since the last time. Comes before any change
    /// of its shares, and after [`Self::vest_fees`].
    ///
    /// # Errors
    /// [`MarketError::Overflow`].
    pub fn credit_fees(&self, position: &mut LiquidityPosition) -> Result<()> {
        let growth = self.growth();
        let fees = growth
            .owed(Shares(position.shares), position.fee_checkpoint)
            .map_err(MarketError::from)?;
        add(&mut position.fees_owed, fees.0)?;
        position.fee_checkpoint = growth.per_share;
        Ok(())
    }

    /// Takes what a provider is owed in fees off the books; base units.
    ///
    /// # Errors
    /// [`MarketError::Overflow`].
    pub fn take_fees(&mut self, position: &mut LiquidityPosition, now: Now) -> Result<u64> {
        self.vest_fees(now)?;
        self.credit_fees(position)?;
        let amount = core::mem::take(&mut position.fees_owed);
        take(&mut self.liquidity_fees, amount)?;
        Ok(amount)
    }

    pub fn growth(&self) -> FeeGrowth {
        FeeGrowth {
            per_share: u128::from_le_bytes(self.fee_growth),
            remainder: self.fee_remainder,
        }
    }

    /// Puts an amount into the pool, for LP shares. What it takes along of the fees that have not vested
    /// is paid for, so that nobody takes them from those who earned them, whatever comes next.
    ///
    /// # Errors
    /// Those of the curve.
    pub fn add_liquidity(&mut self, amount: u64, now: Now) -> Result<LiquidityBought> {
        self.observe(now)?;
        self.vest_fees(now)?;
        let bought = self.buy_liquidity(Money(amount));
        bought.map_err(|error| MarketError::from(error).into())
    }

    fn buy_liquidity(&mut self, amount: Money) -> core::result::Result<LiquidityBought, MathError> {
        let mut vesting = self.vesting();
        let fees = vesting.part_of(amount, self.pool.greatest_reserve()?)?;
        let supply = Shares(self.liquidity_supply);
        let added = self.pool.add_liquidity(amount.checked_sub(fees)?, supply)?;
        self.liquidity_supply = supply.checked_add(added.shares)?.0;
        vesting.add(fees)?;
        self.unvested_fees = vesting.unvested.to_le_bytes();
        self.liquidity_fees = Money(self.liquidity_fees).checked_add(fees)?.0;
        Ok(LiquidityBought {
            added,
            unvested_fees: fees.0,
        })
    }

    /// Takes a provider's LP shares out of the pool; the last one's with all fees that are left.
    ///
    /// # Errors
    /// [`MarketError::SharesLocked`], `NotEnoughShares`, `SharesOutstanding` on an L2 curve, and those
    /// of the curve.
    pub fn remove_liquidity(
        &mut self,
        position: &mut LiquidityPosition,
        shares: u64,
        now: Now,
    ) -> Result<LiquidityRemoved<MAX_OUTCOMES>> {
        self.vest_fees(now)?;
        if shares == self.liquidity_supply {
            self.vest_all_fees()?;
        }
        self.credit_fees(position)?;
        let is_trading_over = self.is_trading_over(now.seconds);
        position.take(shares, is_trading_over)?;
        let supply = Shares(self.liquidity_supply);
        take(&mut self.liquidity_supply, shares)?;
        let removed = if is_trading_over {
            self.pool
                .remove_liquidity_after_trading(Shares(shares), supply)
        } else {
            self.pool.remove_liquidity(Shares(shares), supply)
        };
        removed.map_err(|error| MarketError::from(error).into())
    }

    /// Takes a position and its payout, rounded down, off the books of a settled market.
    ///
    /// # Errors
    /// `NotEnoughShares`, `Insolvent`, [`MarketError::Overflow`].
    pub fn redeem(&mut self, shares: &[u64]) -> Result<()> {
        self.settlement
            .redeem(&mut self.pool, shares)
            .map_err(MarketError::from)?;
        decrement(&mut self.open_positions).map_err(MarketError::from)?;
        Ok(())
    }

    /// Redeems LP shares in a settled market: their part of what positions are not owed, rounded
    /// down; the last ones get the rest. Base units.
    ///
    /// # Errors
    /// `Insolvent`, [`MarketError::Overflow`].
    pub fn redeem_liquidity(&mut self, shares: u64) -> Result<u64> {
        if self.liquidity_supply == 0 {
            return Ok(0);
        }
        let liability = self
            .settlement
            .liability(&self.pool)
            .map_err(MarketError::from)?;
        let value = liquidity_value(Money(self.pool.cash), Money(liability))
            .and_then(|value| {
                liquidity_payout(value, Shares(shares), Shares(self.liquidity_supply))
            })
            .map_err(MarketError::from)?
            .0;
        take(&mut self.pool.cash, value)?;
        take(&mut self.liquidity_supply, shares)?;
        Ok(value)
    }

    /// Whether the market can pay whatever happens.
    ///
    /// # Errors
    /// `Insolvent`.
    pub fn require_solvent(&self) -> Result<()> {
        Ok(Custody::assert_solvent(self)?)
    }
}

impl Custody for Market {
    type Error = MarketError;

    fn token_account(&self) -> Pubkey {
        self.token_account
    }

    fn signer(&self) -> SignerSeeds {
        SignerSeeds::new(&[
            seeds::MARKET,
            self.venue.as_ref(),
            self.creator.as_ref(),
            &self.terms_hash,
            &[self.bump],
        ])
    }

    fn tracked(&self) -> core::result::Result<u64, MarketError> {
        Ok(sum([
            self.pool.cash,
            self.pool.fees,
            self.liquidity_fees,
            self.protocol_fees,
            self.creator_fees,
            self.creator_bond,
            self.proposer_claim,
            self.disputer_claim,
        ])?)
    }

    fn assert_solvent(&self) -> core::result::Result<(), MarketError> {
        Ok(self.settlement.assert_solvent(&self.pool)?)
    }
}

/// Adds to an amount in an account.
///
/// # Errors
/// [`MarketError::Overflow`].
pub fn add(amount: &mut u64, more: u64) -> Result<()> {
    *amount = sum([*amount, more]).map_err(MarketError::from)?;
    Ok(())
}

/// Takes from an amount in an account.
///
/// # Errors
/// [`MarketError::Overflow`] if there is less.
pub fn take(amount: &mut u64, less: u64) -> Result<()> {
    *amount = difference(*amount, less).map_err(MarketError::from)?;
    Ok(())
}
