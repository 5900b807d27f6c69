//! Void L2 markets, and purchases on L2 that cannot pay.

mod common;

use common::{open, Trading};
use math::l2::cost_after_sale;
use math::{liability, payout, BasisPoints, CurveKind, MathError, Money, Pool, Price, Shares};
use proptest::prelude::*;

const FREE: BasisPoints = BasisPoints(0);
const UNIT: u64 = 1_000_000;

fn equal<const N: usize>(depth: u64) -> Pool<N> {
    let prior = [Price(Price::ONE.0 / N as u64); N];
    open(CurveKind::L2, Money(depth), &prior, 0)
        .unwrap_or_else(|error| panic!("{error}"))
        .0
}

/// Brings the slow prices to the spot prices.
fn settle<const N: usize>(pool: &mut Pool<N>) {
    pool.slow_prices = pool.probabilities().expect("prices").map(|price| price.0);
}

/// Shares that could be sold for 196 paid 65 by chances that sum to one.
#[test]
fn a_void_pays_what_the_curve_would_have_paid_for_all() {
    let mut pool = equal::<16>(1_000 * UNIT);
    let mut cost = 0;
    for outcome in 0..4 {
        let trade = pool.buy_shares(outcome, Shares(200 * UNIT), FREE);
        cost += trade.expect("a buy").cost.0;
    }
    settle(&mut pool);
    let payouts = pool.void_payouts().expect("payouts");
    let owed = liability(&pool.sold, &payouts).expect("a liability");
    // √(12 · 250² + 4 · 450²) − 1,000 = 248.99959967...
    let worth = 248_999_599;
    assert!(
        owed.0 <= worth && worth - owed.0 < 4,
        "{} {worth} {cost}",
        owed.0
    );
    assert!(cost - worth < 8);
    let paid = payout(&pool.sold, &payouts).expect("a payout");
    assert!(owed.0 - paid.0 <= 1);
    // And no more than the price for each.
    let prices = pool.prices().expect("prices");
    assert!(payouts
        .iter()
        .zip(&prices)
        .all(|(payout, price)| payout <= price));
}

/// 200 of each of 4 of 16 bins cost 251 and pay 200.
#[test]
fn a_purchase_that_can_never_pay_is_refused() {
    let mut pool = equal::<16>(1_000 * UNIT);
    let mut held = [0; 16];
    let mut cost = 0;
    let mut refused = None;
    for outcome in 0..4 {
        let trade = pool
            .buy_shares(outcome, Shares(200 * UNIT), BasisPoints(100))
            .expect("a buy");
        cost += trade.cost.0 + trade.fee.0;
        held[outcome] += 200 * UNIT;
        if let Err(error) = pool.check_holding(Money(cost), &held) {
            assert_eq!(error, MathError::CostAbovePayout);
            refused = refused.or(Some((outcome, cost)));
        }
    }
    println!("refused at bin and cost {refused:?}, all cost {cost}");
    assert!(cost > 250 * UNIT && cost < 252 * UNIT);
    assert_eq!(refused.expect("a refusal").0, 3);
    // A single purchase pays more than it costs, whatever the price.
    let mut pool = equal::<2>(1_000 * UNIT);
    let trade = pool
        .buy(0, Money(5_000 * UNIT), BasisPoints(100))
        .expect("a buy");
    let cost = Money(trade.cost.0 + trade.fee.0);
    assert_eq!(pool.check_holding(cost, &[trade.shares.0, 0]), Ok(()));
    // Other curves refuse nothing: sets are worth what they cost.
    let half = [Price(1 << 62); 2];
    let (lmsr, _) = open::<2>(CurveKind::Lmsr, Money(1_000), &half, 0).expect("a pool");
    assert_eq!(lmsr.check_holding(Money(9), &[3, 3]), Ok(()));
}

#[test]
fn a_loss_taken_counts_no_longer() {
    let after = |cost, proceeds, sold, held| {
        cost_after_sale(Money(cost), Money(proceeds), Shares(sold), Shares(held)).0
    };
    assert_eq!(after(90, 10, 100, 100), 0);
    assert_eq!(after(90, 10, 50, 100), 45);
    assert_eq!(after(90, 80, 50, 100), 10);
    assert_eq!(after(90, 100, 1, 100), 0);
    assert_eq!(after(u64::MAX, 0, 1, u64::MAX), u64::MAX - 1);
    assert_eq!(after(5, 0, 0, 0), 0);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    /// All shares of a void market get no more than what the curve would have paid for them, so
    /// the cash suffices; who buys just before gains nothing; nobody is paid above one.
    #[test]
    fn voids_of_l2_are_covered_and_cannot_be_bought_into(
        depth in prop_oneof![1_000..100_000u64, Just(1_000_000_000), Just(1_000_000_000_000_000)],
        trades in prop::collection::vec((0..8usize, 1..3_000_000u64), 0..30),
        slow in prop::collection::vec(0..1_000u64, 8),
        last in (0..8usize, 1..3_000_000u64),
    ) {
        let mut pool = equal::<8>(depth);
        let amount = |millionths: u64| {
            (u128::from(depth) * u128::from(millionths) / 1_000_000) as u64 + 1
        };
        for (outcome, millionths) in trades {
            let before = pool;
            if pool.buy_shares(outcome, Shares(amount(millionths)), FREE).is_err() {
                pool = before;
            }
        }
        let covered = |pool: &Pool<8>| {
            let payouts = pool.void_payouts().expect("payouts");
            assert!(payouts.iter().all(|payout| *payout <= Price::ONE));
            let owed = liability(&pool.sold, &payouts).expect("a liability");
            let worth = math::L2::new(&pool.curve).expect("a curve").payment_for_all(&pool.sold);
            assert!(owed <= worth.expect("a payment") && owed.0 <= pool.cash);
            payouts
        };
        // At any slow prices.
        let mut odd = pool;
        let total = slow.iter().sum::<u64>().max(1);
        for (price, part) in odd.slow_prices.iter_mut().zip(&slow) {
            *price = Price::ratio(*part + 1, total + 8).expect("a price").0;
        }
        covered(&odd);
        settle(&mut pool);
        covered(&pool);
        let (outcome, millionths) = last;
        if let Ok(trade) = pool.buy_shares(outcome, Shares(amount(millionths)), FREE) {
            let payouts = covered(&pool);
            let mut held = [0; 8];
            held[outcome] = trade.shares.0;
            prop_assert!(payout(&held, &payouts).expect("a payout") <= trade.cost);
        }
    }
}
