//! The floor of a fee: what late trades near zero and one pay at least, on every curve.

mod common;

use common::{open, Trading};
use math::trade::{MAX_FEE_FLOOR, MAX_FEE_RATE};
use math::{BasisPoints, CurveKind, Fees, MathError, Money, Order, Pool, Price, Shares};
use proptest::prelude::*;

const FREE: BasisPoints = BasisPoints(0);

/// A pool of two outcomes in which the first has a price.
fn pool_at(kind: CurveKind, depth: u64, price: u64) -> Pool<2> {
    let half = [Price(1 << 62); 2];
    let (mut pool, _) = open::<2>(kind, Money(depth), &half, 0).expect("a pool");
    for outcome in [0, 1] {
        let millionths = if outcome == 0 {
            price
        } else {
            1_000_000 - price
        };
        let target = Price::ratio(millionths, 1_000_000).expect("a price");
        if pool.prices().expect("prices")[outcome] < target {
            if let Some((order, _)) = pool.amount_until(outcome, target, FREE).expect("an order") {
                pool.execute(outcome, order, FREE).expect("a push");
            }
        }
    }
    pool
}

fn fees(rate: u16, floor: u16) -> Fees {
    Fees {
        rate: BasisPoints(rate),
        floor: BasisPoints(floor),
    }
}

#[test]
fn a_late_bet_pays_the_floor() {
    for kind in [CurveKind::Lmsr, CurveKind::PmAmm, CurveKind::L2] {
        // At a price of .99, 1 % of the rest is a hundredth of a percent, and of the floor of .05 five.
        let pool = pool_at(kind, 1_000_000_000, 990_000);
        let order = Order::Buy(Shares(1_000_000));
        let with = |floor| pool.quote(0, order, fees(100, floor)).expect("a quote");
        assert!((98..=100).contains(&with(0).fee.0), "{:?}", with(0));
        assert_eq!(with(500).fee, Money(500));
        assert_eq!(with(500).cost, with(0).cost);
        // Where prices are beyond the floor nothing changes.
        let even = pool_at(kind, 1_000_000_000, 500_000);
        for order in [Order::Buy(Shares(1_000_000)), Order::Stake(Money(600_000))] {
            assert_eq!(
                even.quote(0, order, fees(100, 500)),
                even.quote(0, order, fees(100, 0))
            );
        }
        // A sale at a price below the fee is one for nothing, and none for less.
        let highest = Fees {
            rate: MAX_FEE_RATE,
            floor: MAX_FEE_FLOOR,
        };
        let mut cheap = pool_at(kind, 1_000_000_000, 995_000);
        let trade = cheap.execute(1, Order::Buy(Shares(1_000_000)), FREE);
        let sale = cheap.sell(1, Shares(1_000_000), highest).expect("a sale");
        assert!(sale.cost <= trade.expect("a purchase").cost);
        if kind != CurveKind::L2 {
            assert!((5_000..6_000).contains(&sale.cost.0), "{sale:?}");
            assert_eq!(sale.fee, sale.cost);
        }
        assert_eq!(
            pool.quote(0, order, fees(100, MAX_FEE_FLOOR.0 + 1)),
            Err(MathError::FeeFloorTooHigh)
        );
    }
}

#[test]
fn a_stake_of_many_depths_buys_a_long_shot() {
    // At 31 millionths the series of the solver's step does not converge for a stake of this size.
    let pool = pool_at(CurveKind::Lmsr, 10_000_000, 31);
    let stake = Money(45_912_442);
    let bought = pool
        .quote(0, Order::Stake(stake), fees(82, 1_000))
        .expect("a quote");
    let exact = pool
        .quote(0, Order::Buy(bought.shares), fees(82, 1_000))
        .expect("a quote");
    let difference = stake.0.abs_diff(exact.cost.0 + exact.fee.0);
    assert!(difference < 8, "{bought:?} {exact:?}");
}

fn kinds() -> impl Strategy<Value = CurveKind> {
    prop::sample::select(vec![CurveKind::Lmsr, CurveKind::PmAmm, CurveKind::L2])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn stakes_shares_and_sales_agree_on_the_floor(
        kind in kinds(),
        depth in prop_oneof![10_000_000..1_000_000_000u64, Just(1_000_000_000_000)],
        price in prop_oneof![2..1_000u64, 2..999_998u64, 999_000..999_998u64],
        part in prop_oneof![1..1_000u64, 1..1_000_000u64, 1..5_000_000u64],
        rate in prop_oneof![Just(MAX_FEE_RATE.0), 1..=MAX_FEE_RATE.0],
        floor in prop_oneof![Just(MAX_FEE_FLOOR.0), 1..=MAX_FEE_FLOOR.0],
    ) {
        let pool = pool_at(kind, depth, price);
        let fees = fees(rate, floor);
        let stake = Money((u128::from(depth) * u128::from(part) / 1_000_000) as u64 + 2);
        let bought = match pool.quote(0, Order::Stake(stake), fees) {
            Ok(bought) => bought,
            Err(MathError::StakeTooSmall | MathError::PriceBelowMinimum) => return Ok(()),
            Err(error) => panic!("{error} on {pool:?}"),
        };
        prop_assert_eq!(bought.cost.0 + bought.fee.0, stake.0);
        // The fee of a stake is what the order for its shares pays, to rounding, which the floor makes
        // no less than its own.
        let margin = 4 + depth / 100_000_000_000;
        let exact = pool.quote(0, Order::Buy(bought.shares), fees).expect("a quote");
        prop_assert!(exact.cost.0 <= bought.cost.0 + margin, "{:?} {:?}", exact, bought);
        // What a share costs and a unit pays for, of which one was rounded.
        let share = 2 + (stake.0 / bought.shares.0.max(1));
        prop_assert!(exact.cost.0 + exact.fee.0 <= stake.0 + margin, "{:?} {:?}", exact, bought);
        prop_assert!(exact.cost.0 + exact.fee.0 + margin + share >= stake.0, "{:?} {:?}", exact, bought);
        let least = u128::from(exact.shares.0) * u128::from(rate) * u128::from(floor);
        prop_assert!(u128::from(exact.fee.0) * 100_000_000 >= least);
        // No less than without it, and by parts no less than at once.
        let plain = pool.quote(0, Order::Buy(bought.shares), fees.rate).expect("a quote");
        prop_assert!(plain.fee <= exact.fee && plain.cost == exact.cost);
        let mut parts = pool;
        let half = Shares(bought.shares.0 / 2);
        if half.0 > 0 {
            let first = parts.execute(0, Order::Buy(half), fees).expect("a purchase");
            let rest = Shares(bought.shares.0 - half.0);
            if let Ok(second) = parts.execute(0, Order::Buy(rest), fees) {
                prop_assert!(first.fee.0 + second.fee.0 + margin >= exact.fee.0);
            }
        }
        // Back again: never more than was paid, nor less than nothing.
        let mut back = pool;
        back.execute(0, Order::Buy(bought.shares), fees).expect("a purchase");
        let sale = back.execute(0, Order::Sell(bought.shares), fees).expect("a sale");
        prop_assert!(sale.fee <= sale.cost && sale.cost <= exact.cost);
        prop_assert!(sale.fee.0 == sale.cost.0 || u128::from(sale.fee.0) * 100_000_000 >= least);
    }
}
