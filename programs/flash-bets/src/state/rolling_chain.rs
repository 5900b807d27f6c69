use anchor_lang::prelude::*;
use math::{order_bounds::least_shares, Money, Price};

use crate::{
    error::FlashError,
    state::{ChainWait, Order, MAX_OUTCOMES},
};

/// A leg of a rolling chain.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq, InitSpace)]
pub struct RollingLeg {
    pub market: Pubkey,
    pub outcome: u8,
    /// Most that a share of it may cost on average, fee included, Q1.63.
    pub max_price: u64,
}

impl RollingLeg {
    /// The purchase of the leg for so many base units, within its bound.
    ///
    /// # Errors
    /// `Overflow` where no market sells as many shares as the bound asks for.
    pub fn order(&self, stake: u64) -> core::result::Result<Order, FlashError> {
        let shares = least_shares(Money(stake), Price(self.max_price));
        Ok(Order::Stake {
            stake,
            min_shares: shares.map_err(market_core::CoreError::from)?.0,
        })
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
    pub reserved: [u8; 32],
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
