use anchor_lang::prelude::*;
use math::{CurveKind, Money, Pool, Price};

use crate::{error::MarketError, state::MAX_OUTCOMES};

pub type MarketPool = Pool<MAX_OUTCOMES>;

/// The accounting of a market, field for field as [`math::Pool`] lays it out, which does the work.
#[zero_copy]
#[derive(Debug, PartialEq, Eq)]
#[repr(C)]
pub struct PoolState {
    /// Base units behind the shares outstanding, idle ones included.
    pub cash: u64,
    /// Trading fees, which back no share.
    pub fees: u64,
    /// `b` of the LMSR, `L` of the pm-AMM, `k` of the L2 curve, base units.
    pub depth: u64,
    pub initial_depth: u64,
    /// Slow prices are current up to this slot.
    pub observed_slot: u64,
    /// What liquidity took along in shares; see [`math::Pool::exposure_left`].
    pub exposure_left: i64,
    /// Step of the micro-tau schedule that `depth` is of.
    pub step: u16,
    /// A [`math::CurveKind`].
    pub kind: u8,
    pub outcomes: u8,
    pub padding: [u8; 4],
    /// Shares outstanding of each outcome.
    pub sold: [u64; MAX_OUTCOMES],
    /// Quantities of the LMSR and of the L2 curve, reserves of the pm-AMM, base units.
    pub curve: [i64; MAX_OUTCOMES],
    /// Slow price of each outcome, Q1.63.
    pub slow_prices: [u64; MAX_OUTCOMES],
}

// The cast checks size and alignment; this checks that every field is where it belongs.
const _: () = {
    use core::mem::offset_of;
    assert!(offset_of!(PoolState, cash) == offset_of!(MarketPool, cash));
    assert!(offset_of!(PoolState, fees) == offset_of!(MarketPool, fees));
    assert!(offset_of!(PoolState, depth) == offset_of!(MarketPool, depth));
    assert!(offset_of!(PoolState, initial_depth) == offset_of!(MarketPool, initial_depth));
    assert!(offset_of!(PoolState, observed_slot) == offset_of!(MarketPool, observed_slot));
    assert!(offset_of!(PoolState, step) == offset_of!(MarketPool, step));
    assert!(offset_of!(PoolState, kind) == offset_of!(MarketPool, kind));
    assert!(offset_of!(PoolState, outcomes) == offset_of!(MarketPool, outcomes));
    assert!(offset_of!(PoolState, sold) == offset_of!(MarketPool, sold));
    assert!(offset_of!(PoolState, curve) == offset_of!(MarketPool, curve));
    assert!(offset_of!(PoolState, slow_prices) == offset_of!(MarketPool, slow_prices));
};

impl PoolState {
    pub fn pool(&self) -> &MarketPool {
        bytemuck::must_cast_ref(self)
    }

    pub fn pool_mut(&mut self) -> &mut MarketPool {
        bytemuck::must_cast_mut(self)
    }

    /// Opens the pool at prices in proportion to `weights`, or equal ones if there are none, and
    /// returns the funding it needs, base units.
    ///
    /// # Errors
    /// [`MarketError::OutcomeCountOutOfRange`], [`MarketError::DepthOutOfRange`],
    /// [`MarketError::PriorOutOfRange`].
    pub fn open(
        &mut self,
        kind: CurveKind,
        depth: Money,
        outcomes: u8,
        weights: &[u32],
        slot: u64,
    ) -> Result<u64> {
        let count = usize::from(outcomes);
        require!(
            (2..=MAX_OUTCOMES).contains(&count) && (weights.is_empty() || weights.len() == count),
            MarketError::OutcomeCountOutOfRange
        );
        let total: u64 = weights.iter().map(|weight| u64::from(*weight)).sum();
        let mut prices = [Price::ZERO; MAX_OUTCOMES];
        for (outcome, price) in prices.iter_mut().take(count).enumerate() {
            *price = match weights.get(outcome) {
                Some(weight) => Price::ratio(u64::from(*weight), total),
                None => Price::ratio(1, u64::from(outcomes)),
            }
            .map_err(|_| MarketError::PriorOutOfRange)?;
        }
        let funding = self
            .pool_mut()
            .open(kind, depth, &prices[..count], slot)
            .map_err(MarketError::from)?;
        Ok(funding.0)
    }

    /// Shares outstanding of an outcome; 0 of one that does not exist.
    pub fn sold_of(&self, outcome: u8) -> u64 {
        self.sold.get(usize::from(outcome)).copied().unwrap_or(0)
    }
}
