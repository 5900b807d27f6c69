use anchor_lang::prelude::*;
use bytemuck::{Pod, Zeroable};
use math::BasisPoints;

use crate::{error::MarketError, tokens::token_amount};

/// What every new market of a venue is bound by, and takes a copy of at its creation.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub struct Terms {
    /// A bond is at least this, and at most that; base units.
    pub bond_floor: u64,
    pub bond_cap: u64,
    /// Shortest and longest dispute window, seconds.
    pub min_dispute_window: u32,
    pub max_dispute_window: u32,
    /// The bond's part of the open interest, basis points.
    pub bond_share: u16,
    /// The protocol's part of the fees, basis points.
    pub protocol_fee_share: u16,
    /// Highest fee rate of a market, basis points of `min(p, 1 − p)` per share.
    pub max_fee_rate: u16,
    /// Milliseconds of a slot; only turns durations into slots.
    pub slot_ms: u16,
}

impl Terms {
    /// Range of `slot_ms`.
    pub const SLOT_MS: core::ops::RangeInclusive<u16> = 50..=2_000;
    /// Range of dispute windows, in seconds.
    pub const DISPUTE_WINDOW: core::ops::RangeInclusive<u32> = 60..=30 * 24 * 60 * 60;
    /// Highest fee rate that a venue may allow, basis points.
    pub const MAX_FEE_RATE: u16 = 500;

    /// # Errors
    /// [`MarketError::TermsOutOfRange`].
    pub fn check(&self) -> Result<()> {
        let is_valid = self.bond_floor > 0
            && self.bond_floor <= self.bond_cap
            && Self::DISPUTE_WINDOW.contains(&self.min_dispute_window)
            && Self::DISPUTE_WINDOW.contains(&self.max_dispute_window)
            && self.min_dispute_window <= self.max_dispute_window
            && self.bond_share <= BasisPoints::ONE
            && self.protocol_fee_share <= BasisPoints::ONE
            && self.max_fee_rate <= Self::MAX_FEE_RATE
            && Self::SLOT_MS.contains(&self.slot_ms);
        require!(is_valid, MarketError::TermsOutOfRange);
        Ok(())
    }

    /// Whether the terms only allow less than `other`: lower fees, dispute windows within its range.
    /// A bond that changes either way does not: a low one invites wrong proposals, a high one keeps
    /// honest people from disputing them.
    pub fn only_lowers(&self, other: &Self) -> bool {
        self.protocol_fee_share <= other.protocol_fee_share
            && self.max_fee_rate <= other.max_fee_rate
            && self.min_dispute_window >= other.min_dispute_window
            && self.max_dispute_window <= other.max_dispute_window
            && self.bond_floor == other.bond_floor
            && self.bond_cap == other.bond_cap
            && self.bond_share == other.bond_share
            && self.slot_ms == other.slot_ms
    }

    /// Slots that last at least `seconds`.
    pub fn slots(&self, seconds: u32) -> u64 {
        (u64::from(seconds) * 1_000).div_ceil(u64::from(self.slot_ms))
    }
}

/// Where the standard markets of one mint are held. Address: seeds `venue`, mint.
#[account(zero_copy)]
#[derive(Debug)]
#[repr(C)]
pub struct Venue {
    pub version: u8,
    pub bump: u8,
    /// 1 stops new risk; exits stay open.
    pub paused: u8,
    pub padding: [u8; 5],
    pub mint: Pubkey,
    /// Holds `protocol_fees`.
    pub token_account: Pubkey,
    /// Wallet whose token account gets the protocol's fees.
    pub treasury: Pubkey,
    /// Base units that markets have released to the venue and the treasury has not collected.
    pub protocol_fees: u64,
    pub terms: Terms,
    /// Replaces `terms` from `pending_terms_from`, unless that is 0.
    pub pending_terms: Terms,
    /// Unix seconds; 0 if nothing is pending.
    pub pending_terms_from: i64,
    /// Unix seconds from which a pause is over; 0 if its end is not set.
    pub unpause_from: i64,
    pub reserved: [u8; 64],
}

const _: () = assert!(core::mem::size_of::<Venue>() == 256);

impl Venue {
    /// Whether new risk is stopped at `now`, unix seconds.
    pub fn is_paused(&self, now: i64) -> bool {
        let is_over = self.unpause_from != 0 && now >= self.unpause_from;
        self.paused != 0 && !is_over
    }

    /// # Errors
    /// [`MarketError::VenuePaused`].
    pub fn require_not_paused(&self, now: i64) -> Result<()> {
        require!(!self.is_paused(now), MarketError::VenuePaused);
        Ok(())
    }

    /// The terms in force at `now`, unix seconds.
    pub fn terms_at(&self, now: i64) -> Terms {
        let is_replaced = self.pending_terms_from != 0 && now >= self.pending_terms_from;
        if is_replaced {
            self.pending_terms
        } else {
            self.terms
        }
    }

    /// Ends every instruction that moves the venue's money (design section 9, invariant 2).
    ///
    /// # Errors
    /// [`MarketError::TokensMissing`].
    pub fn assert_backed(&self, token_account: &AccountInfo) -> Result<()> {
        require_gte!(
            token_amount(token_account)?,
            self.protocol_fees,
            MarketError::TokensMissing
        );
        Ok(())
    }
}
