//! What bounds the fills of an order that others execute for its owner.

use crate::error::MathError;
use crate::units::{BasisPoints, Money, Price, Shares};

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
        let moved = way
            .saturating_mul(elapsed.unsigned_abs().into())
            .checked_div(duration.unsigned_abs().into())
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
        .and_then(|sum| sum.checked_div(limit.0.into()))
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
    let exact = u128::from(shares.0).saturating_mul(limit.0.into());
    let quotient = exact.div_ceil(Price::ONE.0.into());
    u64::try_from(quotient)
        .map(Money)
        .map_err(|_| MathError::Overflow)
}

/// Parts of the fee per share by which a slice may move the price: 13 tenths.
const SAFE_PARTS: u128 = 13;
const OF_PARTS: u128 = 10;

/// How far a price may be from the reference: a quarter of what the less likely side is there.
const NEAR_SHIFT: u32 = 2;

/// Whether a fill that moves the price of its outcome from `before` to `after` cannot be sandwiched
/// at a profit: `before` is near `reference`, which the sandwich has not moved, and the fill moves it
/// by at most 1.3 times the fee of a share, `rate · min(p, 1 − p)` at whichever of the three is
/// least.
///
/// Who trades ahead of a slice and back after it gains the slice's move on each share, and pays the
/// fee twice on each, nowhere on the way less than at one of its ends. Were the move the same at all
/// prices, any factor below two would do. It is not: shares that move a price by one at its end move it
/// by more on the way, on the LMSR as p (1 − p), on the pm-AMM as φ(Φ⁻¹(p)), on the L2 curve as
/// `(1 − p²)^(3/2)`, which near the ends of the range is without bound. From a price near the
/// reference it is at most 1.6 times as much, and the fee at its end then at most 3/4 of that at
/// the reference. Without a fee no move is safe.
pub fn is_safe_slice(reference: Price, before: Price, after: Price, rate: BasisPoints) -> bool {
    let side = |price: Price| price.0.min(Price::ONE.0.saturating_sub(price.0));
    if before.0.abs_diff(reference.0) > side(reference) >> NEAR_SHIFT {
        return false;
    }
    let least = side(reference).min(side(before)).min(side(after));
    let moved = u128::from(before.0.abs_diff(after.0));
    let whole = u128::from(BasisPoints::ONE).saturating_mul(OF_PARTS);
    let allowed = u128::from(least)
        .saturating_mul(rate.0.into())
        .saturating_mul(SAFE_PARTS);
    moved.saturating_mul(whole) <= allowed
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{CurveKind, Order, Pool};

    fn price(parts: u64) -> Price {
        Price::ratio(parts, 1_000).unwrap()
    }

    #[test]
    fn limit_moves_evenly_and_stays_at_its_ends() {
        let rising = MovingLimit {
            from: price(200),
            to: price(600),
            starts_at: 1_000,
            ends_at: 1_400,
        };
        for (now, parts) in [
            (i64::MIN, 200),
            (1_000, 200),
            (1_100, 300),
            (1_400, 600),
            (i64::MAX, 600),
        ] {
            let (found, exact) = (rising.at(now).0, price(parts).0);
            assert!(found.abs_diff(exact) <= 2, "{now}: {found} {exact}");
        }
        let falling = MovingLimit {
            from: rising.to,
            to: rising.from,
            ..rising
        };
        assert!(falling.at(1_100).0.abs_diff(price(500).0) <= 2);
        let still = MovingLimit {
            to: rising.from,
            ends_at: rising.starts_at,
            ..rising
        };
        assert_eq!(still.at(5_000), price(200));
    }

    #[test]
    fn bounds_round_against_whoever_fills() {
        let half = Price(Price::ONE.0 / 2);
        assert_eq!(least_shares(Money(5), half), Ok(Shares(10)));
        assert_eq!(least_shares(Money(5), Price(half.0 + 1)), Ok(Shares(10)));
        assert_eq!(least_shares(Money(5), Price(half.0 - 1)), Ok(Shares(11)));
        assert_eq!(
            least_shares(Money(1), Price::ZERO),
            Err(MathError::Overflow)
        );
        assert_eq!(
            least_shares(Money(u64::MAX), Price(1)),
            Err(MathError::Overflow)
        );
        assert_eq!(least_return(Shares(5), half), Ok(Money(3)));
        assert_eq!(
            least_return(Shares(u64::MAX), Price::ONE),
            Ok(Money(u64::MAX))
        );
    }

    const KINDS: [CurveKind; 3] = [CurveKind::Lmsr, CurveKind::PmAmm, CurveKind::L2];

    /// A stranger trades any amount ahead of the greatest slice within the bound, and back after it.
    #[test]
    fn slice_within_the_bound_cannot_be_sandwiched_at_a_profit() {
        for kind in KINDS {
            for rate in [5, 10, 50, 100, 500, 1_000] {
                for parts in [2, 10, 50, 200, 500, 800, 950, 990, 998] {
                    let rate = BasisPoints(rate);
                    let mut pool = Pool::<2>::EMPTY;
                    let prior = [price(parts), price(1_000 - parts)];
                    pool.open(kind, Money(1_000_000_000), &prior, 0).unwrap();
                    for step in 32..136 {
                        // Four sizes an octave.
                        let front = Shares((4 + step % 4) << (step / 4 - 2));
                        sandwich(&pool, rate, Order::Buy(front), Order::Sell(front));
                        // Holds what it sells first.
                        let mut held = pool;
                        if held
                            .execute(0, Order::Buy(Shares(1 << 33)), BasisPoints(0))
                            .is_ok()
                        {
                            sandwich(&held, rate, Order::Sell(front), Order::Buy(front));
                        }
                    }
                }
            }
        }
    }

    /// Positive if money is paid in.
    fn paid(order: Order, trade: crate::Trade) -> i128 {
        let (cost, fee) = (i128::from(trade.cost.0), i128::from(trade.fee.0));
        match order {
            Order::Sell(_) => fee - cost,
            _ => cost + fee,
        }
    }

    fn sandwich(pool: &Pool<2>, rate: BasisPoints, ahead: Order, back: Order) {
        let reference = pool.prices().unwrap()[0];
        let mut pool = *pool;
        let Ok(first) = pool.execute(0, ahead, rate) else {
            return;
        };
        let before = pool.prices().unwrap()[0];
        let slice = |shares| match ahead {
            Order::Sell(_) => Order::Sell(Shares(shares)),
            _ => Order::Buy(Shares(shares)),
        };
        let (mut low, mut high) = (0, 1u64 << 40);
        while low + 1 < high {
            let middle = low + (high - low) / 2;
            let mut copy = pool;
            let fits = copy.execute(0, slice(middle), rate).is_ok()
                && is_safe_slice(reference, before, copy.prices().unwrap()[0], rate);
            (low, high) = if fits { (middle, high) } else { (low, middle) };
        }
        if low == 0 {
            return;
        }
        pool.execute(0, slice(low), rate).unwrap();
        let Ok(last) = pool.execute(0, back, rate) else {
            return;
        };
        let paid = paid(ahead, first) + paid(back, last);
        assert!(paid >= -1, "{rate:?} {ahead:?} {low}: {paid}");
    }

    #[test]
    fn nothing_is_safe_without_a_fee() {
        let (half, rate) = (price(500), BasisPoints(100));
        let moved = Price(half.0 + 1);
        assert!(!is_safe_slice(half, half, moved, BasisPoints(0)));
        assert!(is_safe_slice(half, half, price(506), rate));
        assert!(!is_safe_slice(half, half, price(507), rate));
        assert!(is_safe_slice(price(450), half, price(505), rate));
        assert!(!is_safe_slice(price(400), price(501), price(502), rate));
    }
}
