//! What bounds the fills of orders, and the search for profitable sandwiches.

use math::order_bounds::{
    is_safe_slice, least_return, least_shares, slice_load, RecentFills, LOAD_SLOTS, WHOLE_LOAD,
};
use math::{
    BasisPoints, CurveKind, MathError, Money, MovingLimit, Order, Pool, Price, Shares, Trade,
};

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
fn paid(order: Order, trade: Trade) -> i128 {
    let (cost, fee) = (i128::from(trade.cost.0), i128::from(trade.fee.0));
    match order {
        Order::Sell(_) => fee - cost,
        _ => cost + fee,
    }
}

fn sandwich(pool: &Pool<2>, rate: BasisPoints, ahead: Order, back: Order) {
    let reference = pool.prices().unwrap()[0];
    for fills in [1, 3] {
        sandwich_of(fills, pool, reference, rate, [ahead, back]);
    }
}

/// With as many fills that together take a whole safe move, each an equal part of what is left of it.
fn sandwich_of(
    fills: u64,
    pool: &Pool<2>,
    reference: Price,
    rate: BasisPoints,
    [ahead, back]: [Order; 2],
) {
    let mut pool = *pool;
    let Ok(first) = pool.execute(0, ahead, rate) else {
        return;
    };
    let slice = |shares| match ahead {
        Order::Sell(_) => Order::Sell(Shares(shares)),
        _ => Order::Buy(Shares(shares)),
    };
    let mut recent = RecentFills::default();
    for left in (1..=fills).rev() {
        let before = pool.prices().unwrap()[0];
        let most = (WHOLE_LOAD - recent.load) / left;
        let (mut low, mut load, mut high) = (0, 0, 1u64 << 40);
        while low + 1 < high {
            let middle = low + (high - low) / 2;
            let mut copy = pool;
            let taken = copy.execute(0, slice(middle), rate).is_ok().then(|| {
                let after = copy.prices().unwrap()[0];
                slice_load(reference, before, after, rate)
            });
            match taken.filter(|taken| *taken <= most) {
                Some(taken) => (low, load) = (middle, taken),
                None => high = middle,
            }
        }
        if low == 0 {
            return;
        }
        pool.execute(0, slice(low), rate).unwrap();
        recent = recent.with(load, 0).expect("no more than a whole");
    }
    let Ok(last) = pool.execute(0, back, rate) else {
        return;
    };
    let paid = paid(ahead, first) + paid(back, last);
    assert!(paid >= -1, "{rate:?} {ahead:?} {fills}: {paid}");
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

#[test]
fn loads_add_up_and_are_forgotten_evenly() {
    let (half, rate) = (price(500), BasisPoints(100));
    let load = slice_load(half, half, price(503), rate);
    // Of 1.3 · 0.01 · 0.497.
    let exact = 0.003 / (0.013 * 0.497);
    assert!((load as f64 / WHOLE_LOAD as f64 - exact).abs() < 1e-9);
    assert_eq!(slice_load(half, half, half, BasisPoints(0)), 0);
    assert_eq!(slice_load(half, half, price(501), BasisPoints(0)), u64::MAX);

    let half_full = RecentFills::default().with(WHOLE_LOAD / 2, 100).unwrap();
    assert_eq!(half_full.with(WHOLE_LOAD / 2 + 1, 100), None);
    assert_eq!(half_full.with(u64::MAX, 200), None);
    let full = half_full.with(WHOLE_LOAD / 2, 100).unwrap();
    assert_eq!(full.load, WHOLE_LOAD);
    let sixteenth = WHOLE_LOAD / LOAD_SLOTS;
    assert_eq!(full.with(1, 100), None);
    assert_eq!(full.with(sixteenth + 1, 101), None);
    assert_eq!(full.with(sixteenth, 101).unwrap().load, WHOLE_LOAD);
    assert_eq!(full.with(7, 100 + LOAD_SLOTS).unwrap().load, 7);
    assert_eq!(full.with(7, u64::MAX).unwrap().load, 7);
}
