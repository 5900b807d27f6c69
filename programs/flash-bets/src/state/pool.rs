use anchor_lang::prelude::*;
use math::{CurveKind, Money, Pool, Price};

use crate::{error::FlashError, state::MAX_OUTCOMES};

type FlashPool = Pool<MAX_OUTCOMES>;

/// The accounting of a market, field for field as [`math::Pool`] lays it out, which does the work.
#[zero_copy]
#[derive(Debug, PartialEq, Eq)]
#[repr(C)]
pub struct PoolState {
    /// Base units behind the shares outstanding, idle ones included.
    pub cash: u64,
    /// Trading fees, which back no share.
    pub fees: u64,
    /// `b` of the LMSR, `L` of the pm-AMM, base units.
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
    /// Quantities of the LMSR, reserves of the pm-AMM, base units.
    pub curve: [i64; MAX_OUTCOMES],
    /// Slow price of each outcome, Q1.63.
    pub slow_prices: [u64; MAX_OUTCOMES],
}

// The cast checks size and alignment; this checks that every field is where it belongs.
const _: () = {
    use core::mem::offset_of;
    assert!(offset_of!(PoolState, cash) == offset_of!(FlashPool, cash));
    assert!(offset_of!(PoolState, fees) == offset_of!(FlashPool, fees));
    assert!(offset_of!(PoolState, depth) == offset_of!(FlashPool, depth));
    assert!(offset_of!(PoolState, initial_depth) == offset_of!(FlashPool, initial_depth));
    assert!(offset_of!(PoolState, observed_slot) == offset_of!(FlashPool, observed_slot));
    assert!(offset_of!(PoolState, step) == offset_of!(FlashPool, step));
    assert!(offset_of!(PoolState, kind) == offset_of!(FlashPool, kind));
    assert!(offset_of!(PoolState, outcomes) == offset_of!(FlashPool, outcomes));
    assert!(offset_of!(PoolState, sold) == offset_of!(FlashPool, sold));
    assert!(offset_of!(PoolState, curve) == offset_of!(FlashPool, curve));
    assert!(offset_of!(PoolState, slow_prices) == offset_of!(FlashPool, slow_prices));
};

impl PoolState {
    pub fn pool(&self) -> &FlashPool {
        bytemuck::must_cast_ref(self)
    }

    pub fn pool_mut(&mut self) -> &mut FlashPool {
        bytemuck::must_cast_mut(self)
    }

    /// Opens the pool at `prior` prices, Q1.63, and returns the funding it needs, base units.
    ///
    /// # Errors
    /// [`FlashError::OutcomeCountOutOfRange`], [`FlashError::DepthOutOfRange`],
    /// [`FlashError::PriorOutOfRange`].
    pub fn open(&mut self, kind: CurveKind, depth: Money, prior: &[u64], slot: u64) -> Result<u64> {
        require!(
            (2..=MAX_OUTCOMES).contains(&prior.len()),
            FlashError::OutcomeCountOutOfRange
        );
        let mut prices = [Price::ZERO; MAX_OUTCOMES];
        for (price, given) in prices.iter_mut().zip(prior) {
            *price = Price(*given);
        }
        let funding = self
            .pool_mut()
            .open(kind, depth, &prices[..prior.len()], slot)
            .map_err(FlashError::from)?;
        Ok(funding.0)
    }

    /// Shares outstanding of an outcome; 0 of one that does not exist.
    pub fn sold_of(&self, outcome: u8) -> u64 {
        self.sold.get(usize::from(outcome)).copied().unwrap_or(0)
    }
}
