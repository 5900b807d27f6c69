use anchor_lang::prelude::*;
use bytemuck::{Pod, Zeroable};
use math::BasisPoints;

use crate::{error::MarketError, instructions::RESOLUTION_SECONDS};

/// What every new market of a venue is bound by, and takes a copy of at its creation.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub struct Terms {
    /// A bond is at least this, and at most that; base units.
    pub bond_floor: u64,
    pub bond_cap: u64,
    /// A creator puts up at least this, and loses what it put up if the market goes void without a
    /// proposal; base units.
    pub creator_bond: u64,
    /// Shortest and longest dispute window.
    pub min_dispute_window_seconds: u32,
    pub max_dispute_window_seconds: u32,
    /// Shortest time to propose a result, and to arbitrate.
    pub min_resolution_seconds: u32,
    /// The creator's bond as a part of its funding, where that is more than `creator_bond`; basis
    /// points, rounded up.
    pub creator_bond_share: u16,
    /// The bond's part of the open interest, basis points.
    pub bond_share: u16,
    /// The protocol's part of the fees, basis points.
    pub protocol_fee_share: u16,
    /// The providers' part of the fees is at least this, basis points.
    pub min_liquidity_fee_share: u16,
    /// Highest fee rate of a market, basis points of `min(p, 1 − p)` per share.
    pub max_fee_rate: u16,
    /// Milliseconds of a slot; only turns the time constant of a slow price into slots.
    pub slot_ms: u16,
}

impl Terms {
    /// Range of `slot_ms`.
    pub const SLOT_MS: core::ops::RangeInclusive<u16> = 50..=2_000;
    /// Range of dispute windows, in seconds.
    pub const DISPUTE_WINDOW_SECONDS: core::ops::RangeInclusive<u32> = 60..=30 * 24 * 60 * 60;
    /// Highest fee rate that a venue may allow, basis points.
    pub const MAX_FEE_RATE: u16 = 500;

    /// # Errors
    /// [`MarketError::TermsOutOfRange`].
    pub fn check(&self) -> Result<()> {
        let is_valid = self.bond_floor > 0
            && self.bond_floor <= self.bond_cap
            && Self::DISPUTE_WINDOW_SECONDS.contains(&self.min_dispute_window_seconds)
            && Self::DISPUTE_WINDOW_SECONDS.contains(&self.max_dispute_window_seconds)
            && self.min_dispute_window_seconds <= self.max_dispute_window_seconds
            && RESOLUTION_SECONDS.contains(&self.min_resolution_seconds)
            && self.creator_bond_share <= BasisPoints::ONE
            && self.bond_share <= BasisPoints::ONE
            && self.least_fee_shares() <= u32::from(BasisPoints::ONE)
            && self.max_fee_rate <= Self::MAX_FEE_RATE
            && Self::SLOT_MS.contains(&self.slot_ms);
        require!(is_valid, MarketError::TermsOutOfRange);
        Ok(())
    }

    /// What is the protocol's of the fees, and at least the providers'; basis points.
    fn least_fee_shares(&self) -> u32 {
        u32::from(self.protocol_fee_share).saturating_add(self.min_liquidity_fee_share.into())
    }

    /// What a creator puts up beside its funding, base units.
    ///
    /// # Errors
    /// [`MarketError::Overflow`].
    pub fn creator_bond_of(&self, funding: u64) -> Result<u64> {
        let part = u128::from(funding)
            .saturating_mul(self.creator_bond_share.into())
            .div_ceil(BasisPoints::ONE.into());
        let part = u64::try_from(part).map_err(|_| MarketError::Overflow)?;
        Ok(part.max(self.creator_bond))
    }

    /// Whether the terms only allow less than `other`: lower fees of the protocol, a higher part of the
    /// providers, dispute windows within its range, longer times to resolve. A bond that changes either
    /// way, the creator's too, does not: a low one invites wrong proposals, a high one keeps honest
    /// people from disputing them.
    pub fn only_lowers(&self, other: &Self) -> bool {
        self.protocol_fee_share <= other.protocol_fee_share
            && self.min_liquidity_fee_share >= other.min_liquidity_fee_share
            && self.max_fee_rate <= other.max_fee_rate
            && self.min_resolution_seconds >= other.min_resolution_seconds
            && self.min_dispute_window_seconds >= other.min_dispute_window_seconds
            && self.max_dispute_window_seconds <= other.max_dispute_window_seconds
            && self.bond_floor == other.bond_floor
            && self.bond_cap == other.bond_cap
            && self.creator_bond == other.creator_bond
            && self.creator_bond_share == other.creator_bond_share
            && self.bond_share == other.bond_share
            && self.slot_ms == other.slot_ms
    }

    /// Slots that last at least `seconds`; `u64::MAX` if there are not so many.
    pub fn slots(&self, seconds: u64) -> u64 {
        seconds
            .saturating_mul(1_000)
            .div_ceil(u64::from(self.slot_ms.max(1)))
    }
}
