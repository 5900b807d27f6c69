//! Orders that are filled against each other.

use math::crossing::{cross, Crossed, Crossing, Offer};
use math::order_bounds::{slice_load, WHOLE_LOAD};
use math::{BasisPoints, CurveKind, Money, Order, Pool, Price, Shares};
use proptest::prelude::*;

fn price(parts: u64) -> Price {
    Price::ratio(parts, 1_000).unwrap()
}

fn buys(amount: u64, parts: u64) -> Offer {
    Offer {
        is_sale: false,
        amount,
        bound: price(parts),
    }
}

fn sells(amount: u64, parts: u64) -> Offer {
    Offer {
        is_sale: true,
        ..buys(amount, parts)
    }
}

fn crossed(shares: u64, older: u64, newer: u64) -> Option<Crossed> {
    Some(Crossed {
        shares: Shares(shares),
        older: Money(older),
        newer: Money(newer),
    })
}

#[test]
fn orders_that_want_the_same_do_not_cross() {
    let of = |older, newer, is_same| Crossing::of([older, newer], is_same);
    assert_eq!(of(false, true, true), Some(Crossing::Transfer));
    assert_eq!(of(true, false, true), Some(Crossing::Transfer));
    assert_eq!(of(false, false, false), Some(Crossing::Split));
    assert_eq!(of(true, true, false), Some(Crossing::Merge));
    assert_eq!(of(false, false, true), None);
    assert_eq!(of(true, true, true), None);
    // Who buys yes and who sells no both want yes.
    assert_eq!(of(false, true, false), None);
}

#[test]
fn trade_is_at_the_older_orders_bound() {
    let transfer = |older, newer| cross(Crossing::Transfer, older, newer);
    // A quarter and a half are exact.
    assert_eq!(
        transfer(buys(50, 500), sells(400, 250)),
        crossed(100, 50, 50)
    );
    assert_eq!(
        transfer(sells(400, 250), buys(50, 500)),
        crossed(200, 50, 50)
    );
    assert_eq!(
        transfer(sells(100, 250), buys(50, 500)),
        crossed(100, 25, 25)
    );
    assert_eq!(transfer(buys(50, 250), sells(400, 500)), None);
    let split = |older, newer| cross(Crossing::Split, older, newer);
    assert_eq!(split(buys(30, 750), buys(50, 500)), crossed(40, 30, 10));
    assert_eq!(split(buys(50, 500), buys(30, 750)), crossed(60, 30, 30));
    assert_eq!(split(buys(50, 500), buys(30, 250)), None);
    let merge = |older, newer| cross(Crossing::Merge, older, newer);
    assert_eq!(merge(sells(40, 250), sells(90, 500)), crossed(40, 10, 30));
    assert_eq!(merge(sells(40, 500), sells(90, 750)), None);
}

#[test]
fn dust_is_given_to_nobody() {
    // A share for nothing, or for all of a base unit.
    for (crossing, older, newer) in [
        (Crossing::Transfer, buys(1, 400), sells(1, 300)),
        (Crossing::Transfer, buys(0, 400), sells(1, 300)),
        (Crossing::Split, buys(1, 400), buys(1, 700)),
        (Crossing::Merge, sells(1, 400), sells(1, 300)),
    ] {
        assert_eq!(cross(crossing, older, newer), None, "{crossing:?}");
    }
    // The newer one's bound leaves room for what is rounded up.
    let all = cross(Crossing::Transfer, sells(1, 300), buys(1, 999));
    assert_eq!(all, None, "a base unit for a share is above any price");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20_000))]

    /// Nobody is outside his bound, one order is filled whole, and money is neither made nor lost.
    #[test]
    fn every_crossing_keeps_both_bounds(
        kind in 0..4,
        bits in (0..44u32, 0..44u32),
        amounts: (u64, u64),
        bounds in (1..1_000u64, 1..1_000u64),
    ) {
        let offer = |is_sale, bits: u32, amount: u64, bound| Offer {
            is_sale,
            amount: 1 << bits | amount >> (63 - bits),
            bound: price(bound),
        };
        let (crossing, are_sales) = match kind {
            0 => (Crossing::Transfer, [false, true]),
            1 => (Crossing::Transfer, [true, false]),
            2 => (Crossing::Split, [false, false]),
            _ => (Crossing::Merge, [true, true]),
        };
        let older = offer(are_sales[0], bits.0, amounts.0, bounds.0);
        let newer = offer(are_sales[1], bits.1, amounts.1, bounds.1);
        let Some(found) = cross(crossing, older, newer) else {
            return Ok(());
        };
        let is_whole = [(older, found.older), (newer, found.newer)].map(|(offer, money)| {
            let exact = u128::from(found.shares.0) * u128::from(offer.bound.0);
            let paid = u128::from(money.0) << 63;
            let traded = if offer.is_sale {
                assert!(paid >= exact);
                found.shares.0
            } else {
                assert!(paid <= exact);
                money.0
            };
            assert!(traded <= offer.amount && traded > 0);
            traded == offer.amount
        });
        prop_assert!(is_whole.contains(&true), "{:?}", found);
        match crossing {
            Crossing::Transfer => prop_assert_eq!(found.older, found.newer),
            _ => prop_assert_eq!(found.older.0 + found.newer.0, found.shares.0),
        }
        // The older one's price is its bound, within the unit that is rounded for it.
        let exact = u128::from(found.shares.0) * u128::from(older.bound.0);
        prop_assert!(exact.abs_diff(u128::from(found.older.0) << 63) < 1 << 63);
    }

    /// Limits that cross by enough are met, whatever the sizes.
    #[test]
    fn limits_that_cross_trade(sizes in (1_000..1u64 << 44, 1_000..1u64 << 44), bound in 100..900u64) {
        for (crossing, older, newer) in [
            (Crossing::Transfer, buys(sizes.0, bound + 5), sells(sizes.1, bound - 5)),
            (Crossing::Transfer, sells(sizes.0, bound - 5), buys(sizes.1, bound + 5)),
            (Crossing::Split, buys(sizes.0, bound + 5), buys(sizes.1, 1_005 - bound)),
            (Crossing::Merge, sells(sizes.0, bound - 5), sells(sizes.1, 995 - bound)),
        ] {
            prop_assert!(cross(crossing, older, newer).is_some(), "{:?}", crossing);
        }
    }
}

/// Whatever the limits, each gets at least what the curve would give for the same.
#[test]
fn nobody_is_worse_off_than_at_the_curve() {
    let rate = BasisPoints(100);
    for kind in [CurveKind::Lmsr, CurveKind::PmAmm] {
        for parts in [20, 300, 500, 900] {
            let mut pool = Pool::<2>::EMPTY;
            let prior = [price(parts), price(1_000 - parts)];
            pool.open(kind, Money(1_000_000_000), &prior, 0).unwrap();
            pool.execute(0, Order::Buy(Shares(50_000_000)), rate)
                .unwrap();
            let spot = pool.prices().unwrap()[0];
            let at_curve = |offer: Offer| offer.no_worse_than_at([spot, spot], rate);
            for (older, newer) in [
                (buys(1_000_000, 999), sells(50_000_000, 1)),
                (sells(1_000_000, 1), buys(50_000_000, 999)),
            ] {
                let found = cross(Crossing::Transfer, at_curve(older), at_curve(newer)).unwrap();
                let bought = pool.quote(0, Order::Buy(found.shares), rate).unwrap();
                assert!(found.older.0 <= bought.cost.0 + bought.fee.0);
                let sold = pool.quote(0, Order::Sell(found.shares), rate).unwrap();
                assert!(found.older.0 >= sold.cost.0 - sold.fee.0);
            }
        }
    }
}

/// The price has left its average. Somebody pushes it back there, has an order buy from him at what the
/// curve asks on average, and takes the push back: as many shares as make a safe slice gain him less, over
/// what the curve asked before, than the fees of both ways.
#[test]
fn who_pushes_a_price_back_to_its_average_to_cross_there_loses() {
    let mut best = i128::MIN;
    for kind in [CurveKind::Lmsr, CurveKind::PmAmm] {
        for rate in [10, 100, 500].map(BasisPoints) {
            for start in [20, 50, 100, 200, 300, 400, 600, 800, 900] {
                for target in (1..=12).map(|step| start + (990 - start) * step / 12) {
                    let gain = gain_of_pushing(kind, rate, price(start), price(target));
                    assert!(gain <= 1, "{kind:?} {rate:?} {start} {target}: {gain}");
                    best = best.max(gain);
                }
            }
        }
    }
    println!("at best {best} base units at a depth of 10⁹");
}

fn gain_of_pushing(kind: CurveKind, rate: BasisPoints, start: Price, average: Price) -> i128 {
    let mut pool = Pool::<2>::EMPTY;
    let prior = [start, Price(Price::ONE.0 - start.0)];
    pool.open(kind, Money(1_000_000_000), &prior, 0).unwrap();
    let fee = |price: Price| rate.of_floor(price.0.min(Price::ONE.0 - price.0)).unwrap();
    let Ok(Some((push, there))) = pool.amount_until(0, average, rate) else {
        return 0;
    };
    pool.execute(0, push, rate).unwrap();
    let before = pool.prices().unwrap()[0];
    let (mut low, mut high) = (0, 1u64 << 40);
    while low + 1 < high {
        let middle = low + (high - low) / 2;
        let mut copy = pool;
        let load = copy
            .execute(0, Order::Buy(Shares(middle)), BasisPoints(0))
            .map(|_| slice_load(average, before, copy.prices().unwrap()[0], rate));
        if load.is_ok_and(|load| load <= WHOLE_LOAD) {
            low = middle;
        } else {
            high = middle;
        }
    }
    let back = pool.quote(0, Order::Sell(there.shares), rate).unwrap();
    let paid = i128::from(there.cost.0 + there.fee.0) - i128::from(back.cost.0 - back.fee.0);
    let more = (before.0 + fee(before)).saturating_sub(start.0 + fee(start));
    ((i128::from(low) * i128::from(more)) >> 63) - paid
}
