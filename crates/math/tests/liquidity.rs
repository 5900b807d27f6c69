//! Liquidity, complete sets, the switch of curves, fees of providers and averages over time.

use bytemuck::Zeroable;
use math::liquidity::{liquidity_payout, liquidity_value};
use math::{BasisPoints, CurveKind, MathError, Money, Pool, Price, Shares};

const FREE: BasisPoints = BasisPoints(0);

fn open<const N: usize>(kind: CurveKind, depth: u64, prior: &[Price]) -> (Pool<N>, Shares) {
    let mut pool = Pool::zeroed();
    let funding = pool
        .open(kind, Money(depth), prior, 0)
        .unwrap_or_else(|error| panic!("{error}"));
    (pool, Shares(funding.0))
}

fn uniform(outcomes: u64) -> Vec<Price> {
    vec![Price(Price::ONE.0 / outcomes); outcomes as usize]
}

#[test]
fn liquidity_comes_and_goes_at_the_same_prices() {
    for (kind, outcomes) in [
        (CurveKind::Lmsr, 3),
        (CurveKind::PmAmm, 2),
        (CurveKind::L2, 16),
    ] {
        let (mut pool, supply) = open::<16>(kind, 1_000_000_000, &uniform(outcomes));
        pool.buy(0, Money(300_000_000), FREE).expect("a buy");
        let before = pool.prices().expect("prices");
        let depth = pool.depth;
        let sold = pool.sold;
        let amount = Money(pool.cash - pool.sold[1]);
        let added = pool.add_liquidity(amount, supply).expect("liquidity");
        // As much as there is of the greatest reserve: everything doubles.
        assert_eq!(added.shares, supply);
        assert_eq!(added.returned[1], 0);
        assert!(sold[0] - added.returned[0] <= 1);
        assert!(
            pool.depth.abs_diff(2 * depth) <= 3,
            "{kind:?} {}",
            pool.depth
        );
        pool.check_solvent().expect("solvent");
        let moved = |pool: &Pool<16>| {
            let after = pool.prices().expect("prices");
            let differences = before.iter().zip(&after).map(|(b, a)| b.0.abs_diff(a.0));
            differences.max().expect("prices") as f64 / Price::ONE.0 as f64
        };
        assert!(moved(&pool) < 2e-9, "{kind:?} {}", moved(&pool));
        let supply = Shares(supply.0 + added.shares.0);
        let removed = pool
            .remove_liquidity(added.shares, supply)
            .expect("removed");
        assert!(moved(&pool) < 4e-9, "{kind:?} {}", moved(&pool));
        pool.check_solvent().expect("solvent");
        let value = removed.cash.0 + removed.returned[1];
        if kind == CurveKind::L2 {
            assert!(value < amount.0);
        } else {
            assert!(amount.0 - value <= 1, "{kind:?} {}", amount.0 - value);
        }
        // The last provider gets what is left, and the pool trades no more.
        let supply = Shares(supply.0 - added.shares.0);
        pool.remove_liquidity(supply, supply).expect("removed");
        assert_eq!(pool.buy(0, Money(1_000), FREE), Err(MathError::NoLiquidity));
        assert!(pool.sold[..outcomes as usize]
            .iter()
            .all(|sold| *sold == pool.cash));
    }
}

#[test]
fn sets_are_worth_one_unit_but_not_offered_on_l2() {
    let (mut pool, _) = open::<4>(CurveKind::Lmsr, 1_000_000, &uniform(4));
    let before = pool;
    pool.split(Money(500)).expect("sets");
    assert_eq!(pool.sold, [500; 4]);
    assert_eq!(pool.merge(Money(501)), Err(MathError::MoreThanSold));
    pool.merge(Money(500)).expect("money");
    assert_eq!(pool, before);
    let (mut pool, _) = open::<4>(CurveKind::L2, 1_000_000, &uniform(4));
    assert_eq!(pool.split(Money(500)), Err(MathError::SetsNotOffered));
    assert_eq!(pool.merge(Money(500)), Err(MathError::SetsNotOffered));
}

#[test]
fn providers_are_paid_what_winners_leave() {
    let value = liquidity_value(Money(1_000), Money(300)).expect("a value");
    assert_eq!(value, Money(700));
    assert_eq!(
        liquidity_payout(value, Shares(1), Shares(3)),
        Ok(Money(233))
    );
    assert_eq!(
        liquidity_payout(Money(467), Shares(2), Shares(2)),
        Ok(Money(467))
    );
    assert_eq!(
        liquidity_value(Money(1), Money(2)),
        Err(MathError::Insolvent)
    );
}
