//! What bounds the fills of an order that others execute for its owner.

use bytemuck::{Pod, Zeroable};

use crate::error::MathError;
use crate::units::{BasisPoints, Money, Price, Shares};
use crate::wide::{divide, divide_ceil};

/// A limit price that moves evenly from one price to another between two unix seconds, and stays
/// before and after.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MovingLimit {
    pub from: Price,
    pub to: Price,
    pub starts_at: i64,
    pub ends_at: i64,
}

impl MovingLimit {
    /// The limit at a second, rounded towards `from` by less than 2⁻⁶³.
    pub fn at(&self, now: i64) -> Price {
        let duration = self.ends_at.saturating_sub(self.starts_at).max(0);
        let elapsed = now.saturating_sub(self.starts_at).clamp(0, duration);
        let way = u128::from(self.from.0.abs_diff(self.to.0));
        // At most 2⁶³ · 2⁶³.
        let way = way.saturating_mul(elapsed.unsigned_abs().into());
        let moved = divide(way, duration.unsigned_abs().into())
            .and_then(|moved| u64::try_from(moved).ok())
            .unwrap_or(0);
        Price(if self.to >= self.from {
            self.from.0.saturating_add(moved)
        } else {
            self.from.0.saturating_sub(moved)
        })
    }
}

/// The fewest shares that a stake, fees included, may buy at an average price not above the limit;
/// rounded up.
///
/// # Errors
/// `Overflow` when that is more than any market sells, and at a limit of zero.
pub fn least_shares(stake: Money, limit: Price) -> Result<Shares, MathError> {
    let exact = u128::from(stake.0)
        .checked_mul(Price::ONE.0.into())
        .ok_or(MathError::Overflow)?;
    let quotient = exact
        .checked_add(u128::from(limit.0).saturating_sub(1))
        .and_then(|sum| divide(sum, limit.0.into()))
        .ok_or(MathError::Overflow)?;
    u64::try_from(quotient)
        .map(Shares)
        .map_err(|_| MathError::Overflow)
}

/// The least money, fees deducted, that shares may be sold for at an average price not below the
/// limit; rounded up.
///
/// # Errors
/// `Overflow` at a limit above one.
pub fn least_return(shares: Shares, limit: Price) -> Result<Money, MathError> {
    limit.of_ceil(shares.0).map(Money)
}

/// Parts of the fee per share by which a slice may move the price: 13 tenths.
const SAFE_PARTS: u128 = 13;
const OF_PARTS: u128 = 10;

/// How far a price may be from the reference: a quarter of what the less likely side is there.
const NEAR_SHIFT: u32 = 2;

/// All that fills may move a price by at a moment, as [`slice_load`] measures it.
pub const WHOLE_LOAD: u64 = 1 << 32;

/// Slots in which a whole load of fills is forgotten, evenly.
pub const LOAD_SLOTS: u64 = 1 << LOAD_SLOTS_SHIFT;
const LOAD_SLOTS_SHIFT: u32 = 4;
const FORGOTTEN_PER_SLOT: u64 = WHOLE_LOAD >> LOAD_SLOTS_SHIFT;

/// How much of a safe move a fill takes, in 2⁻³² of it, rounded up; `u64::MAX` where no move is safe.
///
/// A fill that moves the price of its outcome from `before` to `after` is safe, so that it cannot be
/// sandwiched at a profit, if `before` is near `reference`, which the sandwich has not moved, and it
/// moves the price by at most 1.3 times the fee of a share, `rate · min(p, 1 − p)` at whichever of the
/// three is least.
///
/// Who trades ahead of a slice and back after it gains the slice's move on each share, and pays the
/// fee twice on each, nowhere on the way less than at one of its ends. Were the move the same at all
/// prices, any factor below two would do. It is not: shares that move a price by one at its end move it
/// by more on the way, on the LMSR as p (1 − p), on the pm-AMM as φ(Φ⁻¹(p)), on the L2 curve as
/// `(1 − p²)^(3/2)`, which near the ends of the range is without bound. From a price near the
/// reference it is at most 1.6 times as much, and the fee at its end then at most 3/4 of that at
/// the reference. Without a fee no move is safe.
pub fn slice_load(reference: Price, before: Price, after: Price, rate: BasisPoints) -> u64 {
    let side = |price: Price| price.0.min(Price::ONE.0.saturating_sub(price.0));
    if before.0.abs_diff(reference.0) > side(reference) >> NEAR_SHIFT {
        return u64::MAX;
    }
    let least = side(reference).min(side(before)).min(side(after));
    let moved = u128::from(before.0.abs_diff(after.0));
    let whole = u128::from(BasisPoints::ONE).saturating_mul(OF_PARTS);
    let allowed = u128::from(least)
        .saturating_mul(rate.0.into())
        .saturating_mul(SAFE_PARTS);
    // At most 2⁶³ · 10⁵ · 2³².
    let part = moved
        .saturating_mul(whole)
        .saturating_mul(WHOLE_LOAD.into());
    match (part, allowed) {
        (0, _) => 0,
        (_, 0) => u64::MAX,
        _ => divide_ceil(part, allowed)
            .ok()
            .and_then(|load| u64::try_from(load).ok())
            .unwrap_or(u64::MAX),
    }
}

/// Whether [`slice_load`] is at most the whole of a safe move.
pub fn is_safe_slice(reference: Price, before: Price, after: Price, rate: BasisPoints) -> bool {
    slice_load(reference, before, after, rate) <= WHOLE_LOAD
}

/// What fills of late took of a safe move, together. Whoever trades ahead of several and back after
/// them gains the moves of all and pays his fees once: so what is safe for one is safe for all fills
/// of a moment only if they move the price by no more than one may. It is forgotten evenly in
/// [`LOAD_SLOTS`], so that of k slots in a row fills take at most `1 + (k − 1) / 16` of a safe move.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Pod, Zeroable)]
pub struct RecentFills {
    /// As [`slice_load`] measures it, at `slot`.
    pub load: u64,
    pub slot: u64,
}

impl RecentFills {
    /// These and a fill of a load at a slot; `None` if together they are more than a safe move.
    pub fn with(self, load: u64, slot: u64) -> Option<Self> {
        let elapsed_slots = slot.saturating_sub(self.slot);
        let forgotten = elapsed_slots.saturating_mul(FORGOTTEN_PER_SLOT);
        let load = self.load.saturating_sub(forgotten).checked_add(load)?;
        (load <= WHOLE_LOAD).then_some(Self { load, slot })
    }
}
