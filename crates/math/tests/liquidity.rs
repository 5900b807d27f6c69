//! Liquidity, complete sets, the switch of curves, fees of providers and averages over time.

mod common;

use common::{Trading, Watched};
use math::liquidity::{liquidity_payout, liquidity_value};
use math::twap::twap;
use math::{
    BasisPoints, Conditions, CurveKind, FeeGrowth, LiquidityRemoved, MathError, MicroTau, Money,
    Order, PmAmm, Pool, Price, Shares, SlowPrice,
};
use proptest::prelude::*;

const FREE: BasisPoints = BasisPoints(0);

fn remove<const N: usize>(
    pool: &mut Pool<N>,
    shares: Shares,
    supply: Shares,
) -> Result<LiquidityRemoved<N>, MathError> {
    pool.remove_liquidity(shares, supply)
}

/// A pool at equal prices, and the supply of its shares.
fn open<const N: usize>(kind: CurveKind, depth: u64, outcomes: usize) -> (Pool<N>, Shares) {
    let prior = vec![Price(Price::ONE.0 / outcomes as u64); outcomes];
    let (pool, funding) =
        common::open(kind, Money(depth), &prior, 0).unwrap_or_else(|error| panic!("{error}"));
    (pool, Shares(funding.0))
}

#[test]
fn liquidity_comes_and_goes_at_the_same_prices() {
    for (kind, outcomes) in [(CurveKind::Lmsr, 3), (CurveKind::PmAmm, 2)] {
        let (mut pool, supply) = open::<16>(kind, 1_000_000_000, outcomes);
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
        let removed = remove(&mut pool, added.shares, supply).expect("removed");
        assert!(moved(&pool) < 4e-9, "{kind:?} {}", moved(&pool));
        pool.check_solvent().expect("solvent");
        let value = removed.cash.0 + removed.returned[1];
        assert!(amount.0 - value <= 1, "{kind:?} {}", amount.0 - value);
        // The last provider gets what is left, and the pool trades no more.
        let supply = Shares(supply.0 - added.shares.0);
        remove(&mut pool, supply, supply).expect("removed");
        assert_eq!(pool.buy(0, Money(1_000), FREE), Err(MathError::NoLiquidity));
        assert!(pool.sold[..outcomes].iter().all(|sold| *sold == pool.cash));
    }
}

#[test]
fn sets_are_worth_one_unit_but_not_offered_on_l2() {
    let (mut pool, _) = open::<4>(CurveKind::Lmsr, 1_000_000, 4);
    let before = pool;
    pool.split(Money(500)).expect("sets");
    assert_eq!(pool.sold, [500; 4]);
    assert_eq!(pool.merge(Money(501)), Err(MathError::MoreThanSold));
    pool.merge(Money(500)).expect("money");
    assert_eq!(pool, before);
    let (mut pool, _) = open::<4>(CurveKind::L2, 1_000_000, 4);
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

/// A complete set costs more than it is worth and can be sold back for what it cost. Who comes in
/// between would pay for a reserve that the holder then takes away.
#[test]
fn l2_takes_no_liquidity_while_shares_are_out() {
    const UNIT: u64 = 1_000_000;
    let (mut pool, supply) = open::<64>(CurveKind::L2, 1_000 * UNIT, 64);
    let mut spent = 0;
    for bin in 0..64 {
        let trade = pool.buy_shares(bin, Shares(1_000 * UNIT), FREE);
        spent += trade.expect("a buy").cost.0;
    }
    assert!(spent.abs_diff(8_000 * UNIT) <= 64, "{spent}");
    // All that the providers have now: as much again is half of the pool.
    let reserve = pool.cash - pool.sold[0];
    assert!(reserve.abs_diff(7_875 * UNIT) < UNIT, "{reserve}");
    let before = pool;
    let refused = pool.add_liquidity(Money(reserve), supply);
    assert_eq!(refused, Err(MathError::SharesOutstanding));
    // Nor with a single share.
    pool = before;
    for bin in 0..64 {
        let kept = u64::from(bin == 63);
        pool.sell(bin, Shares(1_000 * UNIT - kept), FREE)
            .expect("a sale");
    }
    let refused = pool.add_liquidity(Money(UNIT), supply);
    assert_eq!(refused, Err(MathError::SharesOutstanding));
    pool.sell(63, Shares(1), FREE).expect("a sale");
    let value = pool.cash;
    let added = pool.add_liquidity(Money(value), supply).expect("liquidity");
    assert_eq!(added.shares, supply);
}

/// Who went while shares are out would take along what the others have to buy them back with (808
/// paid, 200 left in a trial), in one step or in many; after trading too, since what is void pays
/// more than chances.
#[test]
fn l2_lets_no_liquidity_go_while_shares_are_out() {
    let (mut pool, supply) = open::<16>(CurveKind::L2, 1_000_000_000, 16);
    pool.buy(0, Money(1), FREE).expect("a buy");
    let before = pool;
    for shares in [1, supply.0 / 2, supply.0] {
        let refused = remove(&mut pool, Shares(shares), supply);
        assert_eq!(refused, Err(MathError::SharesOutstanding));
        let refused = pool.remove_liquidity_after_trading(Shares(shares), supply);
        assert_eq!(refused, Err(MathError::SharesOutstanding));
    }
    assert_eq!(pool, before);
    pool.sell(0, Shares(pool.sold[0]), FREE).expect("a sale");
    let removed = remove(&mut pool, supply, supply).expect("removed");
    assert_eq!((removed.cash.0, pool.cash), (supply.0 + 1, 0));
}

/// Each removal costs the depth a few units of rounding, but none ends trading before the last.
#[test]
fn small_removals_do_not_end_trading() {
    for (kind, outcomes) in [
        (CurveKind::Lmsr, 3),
        (CurveKind::PmAmm, 2),
        (CurveKind::L2, 16),
    ] {
        let (mut pool, mut supply) = open::<16>(kind, 1_000, outcomes);
        let mut removals = 0;
        loop {
            let before = pool;
            match remove(&mut pool, Shares(1), supply) {
                Ok(_) => (supply, removals) = (Shares(supply.0 - 1), removals + 1),
                Err(error) => {
                    assert_eq!(error, MathError::LiquidityLeftTooSmall);
                    pool = before;
                    break;
                }
            }
        }
        println!("{kind:?}: {removals} removals to a depth of {}", pool.depth);
        assert!(pool.depth >= 500 && removals >= 100);
        let bought = pool.buy(0, Money(100), FREE).expect("a buy");
        pool.sell(0, bought.shares, FREE).expect("a sale");
        remove(&mut pool, supply, supply).expect("removed");
        assert_eq!(pool.depth, 0);
    }
}

#[test]
fn the_last_provider_ends_trading_and_nothing_is_stuck() {
    let (mut pool, supply) = open::<2>(CurveKind::Lmsr, 1_000_000, 2);
    let bought = pool.buy(0, Money(400_000), FREE).expect("a buy");
    let refused = remove(&mut pool, Shares(0), supply);
    assert_eq!(refused, Err(MathError::NoShares));
    let refused = remove(&mut pool, Shares(supply.0 + 1), supply);
    assert_eq!(refused, Err(MathError::MoreThanSold));
    // All but a hundredth: the depth is above the least, and trading goes on.
    let most = Shares(supply.0 / 100 * 99);
    remove(&mut pool, most, supply).expect("removed");
    pool.buy(1, Money(10), FREE).expect("a buy");
    // What would leave less than the least is refused, but not what leaves nothing.
    let supply = Shares(supply.0 - most.0);
    let mut copy = pool;
    let refused = remove(&mut copy, Shares(supply.0 / 100 * 99), supply);
    assert_eq!(refused, Err(MathError::LiquidityLeftTooSmall));
    remove(&mut pool, supply, supply).expect("removed");
    assert_eq!(pool.depth, 0);
    assert_eq!(pool.prices(), Err(MathError::NoLiquidity));
    let refused = pool.add_liquidity(Money(1_000), supply);
    assert_eq!(refused, Err(MathError::NoLiquidity));
    assert!(pool.cash >= bought.shares.0);
    assert_eq!(pool.sold, [pool.cash; 2]);
    // Slow prices and averages stay what they were.
    let slow_prices = pool.slow_prices;
    let mut watched = Watched::new(pool);
    watched.observe(10, SlowPrice::new(20)).expect("prices");
    let mut pool = watched.pool;
    assert_eq!(pool.slow_prices, slow_prices);
    assert_eq!(
        twap(0, watched.averages.cumulative[0], 10),
        Ok(Price(slow_prices[0]))
    );
    pool.merge(Money(pool.cash)).expect("money");
    assert_eq!((pool.cash, pool.sold), (0, [0; 2]));
}

#[test]
fn liquidity_is_bounded() {
    let (mut pool, supply) = open::<2>(CurveKind::Lmsr, 900_000_000_000_000, 2);
    let refused = pool.add_liquidity(Money(supply.0), supply);
    assert_eq!(refused, Err(MathError::DepthOutOfRange));
    let (mut pool, supply) = open::<2>(CurveKind::Lmsr, 1_000_000, 2);
    pool.split(Money(100_000_000)).expect("sets");
    for _ in 0..40 {
        let _ = pool.buy(0, Money(1_000_000), FREE);
    }
    // A reserve of several units for each share of the pool: one unit is no share.
    let refused = pool.add_liquidity(Money(1), supply);
    assert_eq!(refused, Err(MathError::LiquidityTooSmall));
}

#[test]
fn a_schedule_goes_on_after_liquidity() {
    let schedule = MicroTau {
        opens_at: 0,
        locks_at: 1_024,
    };
    for kind in [CurveKind::Lmsr, CurveKind::PmAmm] {
        let (mut pool, supply) = open::<2>(kind, 1_000_000_000, 2);
        pool.decay(schedule, 512).expect("a decay");
        let amount = Money(pool.cash);
        pool.add_liquidity(amount, supply).expect("liquidity");
        assert!(pool.initial_depth.abs_diff(2_000_000_000) < 8);
        // A quarter of the time left: half of the depth at opening.
        pool.decay(schedule, 768).expect("a decay");
        assert!(pool.depth.abs_diff(1_000_000_000) < 8, "{}", pool.depth);
        pool.check_solvent().expect("solvent");
    }
    let (mut pool, _) = open::<2>(CurveKind::L2, 1_000_000_000, 2);
    assert_eq!(
        pool.decay(schedule, 512),
        Err(MathError::ScheduleNotOffered)
    );
}

#[test]
fn pm_amm_releases_the_published_amount() {
    // L = 10 √τ with τ in seconds, 7 days at price one half, after a day: 230.145348605 of each
    // reserve. A day is between two steps of the schedule.
    let depth = 7_776_888_838_089; // 10 √604800, in 10⁻⁹
    let (pool, _) = open::<2>(CurveKind::PmAmm, depth, 2);
    let released = |seconds| {
        let schedule = MicroTau {
            opens_at: 0,
            locks_at: 1_024,
        };
        let mut later = pool;
        later.decay(schedule, seconds).expect("a decay");
        assert_eq!(later.curve[0], later.curve[1]);
        pool.curve[0] - later.curve[0]
    };
    assert!(released(146) < 230_145_348_605 && 230_145_348_605 < released(147));
    // An eighth of the time: L φ(0) (1 − √(7/8)).
    assert!(
        released(128).abs_diff(200_378_911_937) <= 2,
        "{}",
        released(128)
    );
}

#[test]
fn a_switch_keeps_the_price_and_what_is_owed() {
    for stake in [0, 1_000_000_000, 700_000_000_000, 4_000_000_000_000] {
        let (mut pool, _) = open::<2>(CurveKind::Lmsr, 1_000_000_000_000, 2);
        if stake > 0 {
            pool.buy(1, Money(stake), FREE).expect("a buy");
        }
        let (before, cash, sold) = (pool.prices().expect("prices"), pool.cash, pool.sold);
        pool.switch_to_pm_amm().expect("a switch");
        assert_eq!(pool.kind, CurveKind::PmAmm as u8);
        // 4 φ(0) b
        assert_eq!(pool.depth, 1_595_769_121_605);
        assert_eq!((pool.cash, pool.sold), (cash, sold));
        for (before, after) in before.iter().zip(pool.prices().expect("prices")) {
            let moved = before.0.abs_diff(after.0) as f64 / Price::ONE.0 as f64;
            assert!(moved < 1e-12, "{moved}");
        }
        let reserves = pool.curve.map(|reserve| Shares(reserve as u64));
        let curve = PmAmm::new(Money(pool.depth), reserves).expect("a curve");
        assert_eq!(curve.above_curve(), Ok(-1));
        assert_eq!(pool.switch_to_pm_amm(), Err(MathError::SwitchNotOffered));
    }
    let (mut pool, _) = open::<3>(CurveKind::Lmsr, 1_000_000, 3);
    assert_eq!(pool.switch_to_pm_amm(), Err(MathError::SwitchNotOffered));
}

#[test]
fn averages_are_of_the_price_that_stood() {
    let (pool, _) = open::<2>(CurveKind::Lmsr, 1_000_000, 2);
    let mut watched = Watched::new(pool);
    let conditions = |now| Conditions {
        now_slot: now,
        now_seconds: 0,
        schedule: None,
        smoothing: SlowPrice::new(20),
    };
    let half = Price(1 << 62);
    let order = Order::Stake(Money(500_000));
    let (pool, history) = watched.parts();
    pool.trade(conditions(30), Some(history), 0, order, FREE)
        .expect("a buy");
    assert_eq!(twap(0, watched.averages.cumulative[0], 30), Ok(half));
    let earlier = watched.averages;
    let price = watched.pool.prices().expect("prices")[0];
    watched.observe(40, SlowPrice::new(20)).expect("prices");
    let average = |slots, earlier: u64| twap(earlier, watched.averages.cumulative[0], slots);
    let recent = average(10, earlier.cumulative[0]).expect("a price");
    assert!(recent <= price && price.0 - recent.0 < 1 << 31);
    let all = average(40, 0).expect("a price");
    let expected = (30 * u128::from(half.0) + 10 * u128::from(price.0)) / 40;
    assert!(expected.abs_diff(u128::from(all.0)) < 1 << 31);
    // Sums wrap around.
    assert_eq!(
        twap(u64::MAX - 9, 10 << 31, 0),
        Err(MathError::DivisionByZero)
    );
    assert_eq!(twap((10u64 << 31).wrapping_neg(), 0, 10), Ok(half));
    assert_eq!(twap(0, 11 << 32, 10), Err(MathError::OutsideDomain));
}

#[test]
fn l2_averages_are_of_chances() {
    let (pool, _) = open::<4>(CurveKind::L2, 1_000_000, 4);
    assert_eq!(
        pool.prices().expect("prices")[0].to_string(),
        "0.500000000000"
    );
    let mut watched = Watched::new(pool);
    watched.observe(10, SlowPrice::new(20)).expect("prices");
    let average = twap(0, watched.averages.cumulative[3], 10).expect("a price");
    assert!((1 << 61) - average.0 < 1 << 32);
    assert!((1 << 61) - watched.pool.slow_prices[3] < 64);
}

#[test]
fn fees_wait_for_the_next_when_they_do_not_divide() {
    let mut growth = FeeGrowth::default();
    assert_eq!(
        growth.accrue(Money(5), Shares(0)),
        Err(MathError::NoLiquidity)
    );
    let start = growth.per_share;
    growth.accrue(Money(1), Shares(3)).expect("a fee");
    assert_eq!(growth.owed(Shares(3), start), Ok(Money(0)));
    growth.accrue(Money(1), Shares(3)).expect("a fee");
    growth.accrue(Money(1), Shares(3)).expect("a fee");
    assert_eq!(growth.owed(Shares(1), start), Ok(Money(1)));
    assert_eq!(growth.remainder, 0);
    assert_eq!(
        growth.owed(Shares(1), growth.per_share + 1),
        Err(MathError::Underflow)
    );
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Providers come, go and collect at any time; together they never get more than the fees, nor
    /// less by more than a unit each time one collects.
    #[test]
    fn providers_never_get_more_than_the_fees(
        steps in prop::collection::vec((0..4u64, 0..3usize, 1..1_000_000_000u64), 1..100),
    ) {
        let mut growth = FeeGrowth::default();
        let mut providers = [(1_000u64, 0u128); 3];
        let (mut fees, mut paid, mut collections) = (0u128, 0u128, 0);
        for (action, who, amount) in steps {
            let supply: u64 = providers.iter().map(|(shares, _)| shares).sum();
            if action < 2 {
                growth.accrue(Money(amount), Shares(supply)).expect("a fee");
                fees += u128::from(amount);
                continue;
            }
            let (shares, checkpoint) = &mut providers[who];
            paid += u128::from(growth.owed(Shares(*shares), *checkpoint).expect("a sum").0);
            collections += 1;
            *checkpoint = growth.per_share;
            *shares = if action == 2 { *shares + amount } else { 1_000.min(*shares) };
        }
        for (shares, checkpoint) in providers {
            paid += u128::from(growth.owed(Shares(shares), checkpoint).expect("a sum").0);
            collections += 1;
        }
        prop_assert!(paid <= fees);
        prop_assert!(fees - paid <= collections + 1, "{} of {}", paid, fees);
    }

    /// After trading: whoever leaves gets his part of every reserve and not a unit more,
    /// those who stay keep theirs, and nothing is left when all have gone.
    #[test]
    fn exits_after_trading_are_exact(
        kind in prop::sample::select(vec![CurveKind::Lmsr, CurveKind::PmAmm]),
        depth in 1_000..1_000_000_000u64,
        trades in prop::collection::vec((0..16usize, 1..2_000_000u64), 0..20),
        earlier in 1..100u64,
        exits in prop::collection::vec(1..=1_000_000u64, 1..8),
    ) {
        let outcomes = if kind == CurveKind::PmAmm { 2 } else { 16 };
        let (mut pool, mut supply) = open::<16>(kind, depth, outcomes);
        for (outcome, millionths) in trades {
            let shares = Shares(u64::try_from(
                u128::from(depth) * u128::from(millionths) / 1_000_000,
            ).expect("an amount"));
            let before = pool;
            if pool.buy_shares(outcome % outcomes, shares, FREE).is_err() {
                pool = before;
            }
        }
        // One has left while it was traded.
        let shares = Shares((supply.0 * earlier / 100).max(1));
        let before = pool;
        if pool.remove_liquidity(shares, supply).is_ok() {
            supply = Shares(supply.0 - shares.0);
        } else {
            pool = before;
        }
        let payouts = pool.void_payouts().expect("payouts");
        for part in exits.into_iter().chain([1_000_000]) {
            if supply == Shares::ZERO {
                break;
            }
            let shares = Shares(u64::try_from(
                u128::from(supply.0) * u128::from(part) / 1_000_000,
            ).expect("an amount").max(1));
            let before = pool;
            let removed = pool
                .remove_liquidity_after_trading(shares, supply)
                .expect("removed");
            pool.check_solvent().expect("solvent");
            prop_assert_eq!(pool.void_payouts(), Ok(payouts));
            let left = supply.0 - shares.0;
            for outcome in 0..outcomes {
                let reserve = |pool: &Pool<16>| u128::from(pool.cash - pool.sold[outcome]);
                let got = u128::from(removed.cash.0 + removed.returned[outcome]);
                let (whole, all) = (reserve(&before), u128::from(supply.0));
                prop_assert_eq!(got, whole * u128::from(shares.0) / all);
                prop_assert_eq!(reserve(&pool), whole - got);
                prop_assert!(reserve(&pool) * all >= whole * u128::from(left));
            }
            prop_assert!(removed.returned[..outcomes].contains(&0));
            supply = Shares(left);
        }
        prop_assert_eq!(&pool.sold[..outcomes], &vec![pool.cash; outcomes][..]);
    }
}
