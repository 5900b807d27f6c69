use anchor_lang::prelude::*;
use market_core::Now;
use math::{order_bounds::least_shares, BasisPoints, Money, Price};

use crate::{
    error::FlashError,
    state::{ChainWait, FlashMarket, Order, MAX_OUTCOMES},
};

/// Seconds in which the next leg can be taken, from the settlement of the one before, or from its opening if that
/// is later. After that a chain stops: nobody chooses a moment far from what its owner could foresee.
#[constant]
pub const ROLLING_STEP_SECONDS: i64 = 120;

/// A leg of a rolling chain.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq, InitSpace)]
pub struct RollingLeg {
    pub market: Pubkey,
    pub outcome: u8,
    /// Most that a share of it may cost on average, fee included, Q1.63.
    pub max_price: u64,
}

impl RollingLeg {
    /// The purchase of the leg for so many base units, at no more on average than its bound and than `limit`. One
    /// that asks for more shares than any market sells is refused there.
    pub fn order(&self, stake: u64, limit: Price) -> Order {
        let shares = least_shares(Money(stake), limit.min(Price(self.max_price)));
        Order::Stake {
            stake,
            min_shares: shares.map_or(u64::MAX, |shares| shares.0),
        }
    }
}

/// What a rolling chain has in the market of its leg.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq, InitSpace)]
pub enum RollingHolding {
    /// Base units in the market's escrow, until the bet delay has passed.
    Stake { amount: u64, wait: ChainWait },
    /// Shares of the leg's outcome.
    Shares { amount: u64 },
}

/// A stake that buys one leg after the other, each for what the one before paid. Address: seeds `rolling`,
/// owner, nonce.
///
/// It has no token account: its money is in the market of its leg, as shares or in escrow, or on its way to the
/// next. The market counts it as a ticket, or as an order that waits.
#[account]
#[derive(Debug)]
pub struct RollingChain {
    pub version: u8,
    pub bump: u8,
    /// Index of the leg that it is in.
    pub leg: u8,
    pub owner: Pubkey,
    /// Paid rent and tips; gets the rent, and the tips that nobody earned.
    pub rent_payer: Pubkey,
    pub nonce: u64,
    /// Lamports for each step that somebody else moves it on by, in this account beside its rent.
    pub tip_lamports: u64,
    pub holding: RollingHolding,
    /// Most that a share may cost above its slow price, basis points of that.
    pub max_above_slow: u16,
    pub reserved: [u8; 30],
    /// 2 to 9, all on different markets of one mint.
    pub legs: Vec<RollingLeg>,
}

impl RollingChain {
    /// Bytes of a chain of so many legs, discriminator included.
    pub const fn space(legs: usize) -> usize {
        const FIXED: usize = 8 + 3 + 2 * 32 + 2 * 8 + RollingHolding::INIT_SPACE + 32 + 4;
        legs.saturating_mul(RollingLeg::INIT_SPACE)
            .saturating_add(FIXED)
    }

    /// The leg that it is in.
    ///
    /// # Errors
    /// [`FlashError::WrongAccount`] of a chain without legs, which there is not.
    pub fn current(&self) -> core::result::Result<RollingLeg, FlashError> {
        let leg = self.legs.get(usize::from(self.leg));
        leg.copied().ok_or(FlashError::WrongAccount)
    }

    /// The index and the leg after that; `None` if it is the last.
    pub fn next(&self) -> Option<(u8, RollingLeg)> {
        let index = self.leg.checked_add(1)?;
        let leg = self.legs.get(usize::from(index))?;
        Some((index, *leg))
    }

    /// Most that a share of the leg may cost on average at this moment, by the slow price: the spot price can be
    /// pushed for a moment. Rounded down.
    ///
    /// # Errors
    /// Those of the curve, `OutcomeOutOfRange`.
    pub fn slow_limit(
        &self,
        market: &FlashMarket,
        outcome: u8,
        now: Now,
    ) -> core::result::Result<Price, FlashError> {
        let slow = market.slow_price_now(now, outcome)?;
        let more = BasisPoints(self.max_above_slow).of_floor(slow.0)?;
        Ok(Price(slow.0.saturating_add(more)))
    }

    /// Last second in which a leg on `next` can be taken after one on `previous`, which is settled; unix seconds.
    pub fn step_until(previous: &FlashMarket, next: &FlashMarket) -> i64 {
        let from = previous.settled_at.max(next.hours.opens_at);
        from.saturating_add(ROLLING_STEP_SECONDS)
    }

    /// The market that it is in; no address of a chain without legs.
    pub fn market(&self) -> Pubkey {
        self.current().map(|leg| leg.market).unwrap_or_default()
    }

    /// Its shares in the market that it is in, by outcome.
    ///
    /// # Errors
    /// [`FlashError::RollingWaiting`], `OutcomeOutOfRange`.
    pub fn shares(&self) -> core::result::Result<[u64; MAX_OUTCOMES], FlashError> {
        let RollingHolding::Shares { amount } = self.holding else {
            return Err(FlashError::RollingWaiting);
        };
        let mut shares = [0; MAX_OUTCOMES];
        let place = shares.get_mut(usize::from(self.current()?.outcome));
        *place.ok_or(FlashError::OutcomeOutOfRange)? = amount;
        Ok(shares)
    }
}
