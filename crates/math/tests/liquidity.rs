//! Liquidity, complete sets, the switch of curves, fees of providers and averages over time.

mod common;

use math::liquidity::{liquidity_payout, liquidity_value};
use math::twap::twap;
use math::{
    BasisPoints, Conditions, CurveKind, FeeGrowth, LiquidityRemoved, MathError, MicroTau, Money,
    PmAmm, Pool, Price, PriceAccumulator, Shares, SlowPrice,
};
use proptest::prelude::*;

const FREE: BasisPoints = BasisPoints(0);

/// Removes liquidity from a pool whose providers took no redeem-only shares before.
fn remove<const N: usize>(
    pool: &mut Pool<N>,
    shares: Shares,
    supply: Shares,
) -> Result<LiquidityRemoved<N>, MathError> {
    pool.remove_liquidity(shares, supply, &mut [0; N])
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

/// Two providers of the same size on L2, who own the pool together.
struct Halves<const N: usize> {
    pool: Pool<N>,
    redeem_only: [u64; N],
    /// Of each of the two.
    half: Shares,
    outcomes: usize,
}

impl<const N: usize> Halves<N> {
    fn open(depth: u64, prior: &[Price]) -> Self {
        let (mut pool, funding) = common::open::<N>(CurveKind::L2, Money(depth), prior, 0)
            .unwrap_or_else(|error| panic!("{error}"));
        let added = pool
            .add_liquidity(funding, Shares(funding.0))
            .expect("liquidity");
        assert_eq!((added.shares, added.returned), (Shares(funding.0), [0; N]));
        Self {
            pool,
            redeem_only: [0; N],
            half: added.shares,
            outcomes: prior.len(),
        }
    }

    fn equal(depth: u64, outcomes: usize) -> Self {
        Self::open(
            depth,
            &vec![Price(Price::ONE.0 / outcomes as u64); outcomes],
        )
    }

    /// Removes so many of all shares, and returns what that is worth by outcome.
    fn remove(&mut self, shares: u64, supply: u64) -> Vec<u64> {
        let removed = self
            .pool
            .remove_liquidity(Shares(shares), Shares(supply), &mut self.redeem_only)
            .expect("removed");
        self.pool.check_solvent().expect("solvent");
        let returned = removed.returned[..self.outcomes].iter();
        returned.map(|shares| shares + removed.cash.0).collect()
    }

    fn sell_back(&mut self, shares: u64) {
        for outcome in 0..self.outcomes {
            self.pool
                .sell(outcome, Shares(shares), FREE)
                .expect("a sale");
        }
    }
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

#[test]
fn a_provider_who_leaves_l2_leaves_what_holders_may_sell() {
    let mut halves = Halves::<4>::equal(1_000_000_000, 4);
    let half = halves.half.0;
    // With nothing sold, what was added comes out again.
    let mut unsold = Halves { ..halves };
    let out = unsold.remove(half, 2 * half);
    assert!(out.iter().all(|value| half - value <= 2), "{out:?}");
    // After a trade the curve keeps for holders what they may sell: all they bought can be sold
    // back, and in the end the other provider has no less than before.
    for outcome in 0..4 {
        let trade = halves
            .pool
            .buy_shares(outcome, Shares(200_000_000), FREE)
            .expect("a buy");
        assert!(trade.cost.0 > 50_000_000);
    }
    let out = halves.remove(half, 2 * half);
    // Three of four were sold for up to a half of 200,000,000 each: most of it is left behind.
    assert!(out.iter().all(|value| *value < half), "{out:?}");
    assert!(out.iter().all(|value| *value > half * 9 / 10), "{out:?}");
    halves.sell_back(200_000_000);
    let left = halves.pool.cash;
    assert!(left >= half && left < half * 11 / 10, "{left} {half}");
}

/// Cheap shares of a bin that nobody believes in do not shut the exit.
#[test]
fn an_exit_from_l2_cannot_be_shut() {
    let parts = [4_999u64, 2_500, 2_500, 1];
    let prior = parts.map(|part| Price::ratio(part, 10_000).expect("a price"));
    let mut halves = Halves::<4>::open(1_000_000_000, &prior);
    let half = halves.half.0;
    let trade = halves.pool.buy(3, Money(9_002), FREE).expect("a buy");
    let out = halves.remove(half, 2 * half);
    let least = out.iter().min().expect("an outcome");
    println!(
        "half of L2 gets {least} of {half} after {} shares for 9,002",
        trade.shares.0
    );
    // In the bin the shares are owed, in the others the price may come back.
    let owed = trade.shares.0 / 2 + 9_002;
    assert!(half - least <= owed, "{half} {least}");
    assert!(out[0] + 9_002 >= half);
}

/// Redeem-only shares cannot be sold, so who left before takes nothing from the next to leave.
#[test]
fn exits_from_l2_do_not_get_worse() {
    let mut halves = Halves::<4>::equal(1_000_000_000, 4);
    let half = halves.half.0;
    halves.pool.buy(0, Money(900_000_000), FREE).expect("a buy");
    let tenth = half / 10;
    let mut outs = Vec::new();
    for number in 0..10 {
        outs.push(halves.remove(tenth, 2 * half - number * tenth));
    }
    println!("exits of a twentieth each: {outs:?}");
    for pair in outs.windows(2) {
        for (first, second) in pair[0].iter().zip(&pair[1]) {
            assert!(second + 3 >= *first, "{first} {second}");
        }
    }
    assert!(halves.redeem_only[0] == 0 && halves.redeem_only[1] > 0);
}

/// Who stays behind with next to nothing does not inherit what the others have earned.
#[test]
fn dust_does_not_hold_providers_of_l2() {
    let (mut pool, supply) = open::<16>(CurveKind::L2, 1_000_000_000, 16);
    let dust = pool
        .add_liquidity(Money(10_000), supply)
        .expect("liquidity")
        .shares;
    for outcome in 0..16 {
        pool.buy_shares(outcome, Shares(500_000_000), FREE)
            .expect("a buy");
    }
    let reserve = pool.cash - pool.sold[0];
    let all = Shares(supply.0 + dust.0);
    remove(&mut pool, supply, all).expect("removed");
    let left = pool.cash - pool.sold.iter().max().expect("an outcome");
    println!("of {reserve} are left {left} to one who brought 10,000");
    // Their part of the reserve, and at most that of the norm: all bins at 3/4 of a billion.
    let most = (reserve + 3_000_000_000) * dust.0 / supply.0 + 3;
    assert!(left <= most, "{left} {most}");
}

/// A sole provider leaves with the premium while the sets are out, and another comes in when they
/// are back: the share of the pool stays worth what it was, so rounding is no one's loss.
#[test]
fn shares_of_an_l2_pool_are_not_inflated() {
    let (mut pool, mut supply) = open::<4>(CurveKind::L2, 1_000_000_000, 4);
    let mut redeem_only = [0; 4];
    loop {
        // A quarter of the quantities, in 64ths of a share.
        let sets = pool.curve[0].unsigned_abs() / 256;
        if sets == 0 {
            break;
        }
        for outcome in 0..4 {
            pool.buy_shares(outcome, Shares(sets), FREE).expect("a buy");
        }
        let before = pool;
        let shares = Shares(supply.0 / 2);
        let removed = pool.remove_liquidity(shares, supply, &mut redeem_only);
        if removed.is_err() {
            assert_eq!(removed, Err(MathError::LiquidityLeftTooSmall));
            pool = before;
        } else {
            supply = Shares(supply.0 - shares.0);
        }
        for outcome in 0..4 {
            pool.sell(outcome, Shares(sets), FREE).expect("a sale");
        }
        if removed.is_err() {
            break;
        }
    }
    println!("a supply of {} with {} of cash", supply.0, pool.cash);
    assert!(supply.0 > 100 && pool.cash / supply.0 < 10);
    let everything = Shares(supply.0 - 1);
    let refused = pool.remove_liquidity(everything, supply, &mut redeem_only);
    assert_eq!(refused, Err(MathError::LiquidityLeftTooSmall));
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
        pool.buy(0, Money(100), FREE).expect("a buy");
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
    let mut averages = PriceAccumulator { cumulative: [0; 2] };
    let smoothing = SlowPrice {
        tau: 10,
        max_step: Price::ONE,
    };
    pool.observe(10, smoothing, Some(&mut averages))
        .expect("prices");
    assert_eq!(pool.slow_prices, slow_prices);
    assert_eq!(
        twap(0, averages.cumulative[0], 10),
        Ok(Price(slow_prices[0]))
    );
    pool.merge(Money(pool.cash)).expect("money");
    assert_eq!((pool.cash, pool.sold), (0, [0; 2]));
}

/// Where trading has left almost nothing of the curve, nobody can leave who must leave enough to trade
/// with. Once trading is over everybody can, with his part to the unit.
#[test]
fn nothing_is_held_back_after_trading() {
    let (mut pool, supply) = open::<16>(CurveKind::L2, 1_000, 16);
    for outcome in 0..16 {
        pool.buy_shares(outcome, Shares(200), FREE).expect("a buy");
    }
    let leaving = Shares(supply.0 - 100);
    let mut copy = pool;
    let refused = remove(&mut copy, leaving, supply);
    assert_eq!(refused, Err(MathError::LiquidityLeftTooSmall));
    let mut leave = |shares| {
        let removed = pool.remove_liquidity_after_trading(shares, supply, &mut [0; 16]);
        removed.map(|removed| (removed, pool))
    };
    assert_eq!(leave(Shares(0)), Err(MathError::NoShares));
    let more = Shares(supply.0 + 1);
    assert_eq!(leave(more), Err(MathError::MoreThanSold));
    let (removed, left) = leave(leaving).expect("removed");
    let reserve = pool.cash + removed.cash.0 - pool.sold[0];
    assert_eq!(removed.cash.0, reserve * leaving.0 / supply.0);
    assert_eq!(removed.returned, [0; 16]);
    assert_eq!((left.depth, left.curve), (0, [0; 16]));
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
        open_slot: 0,
        lock_slot: 1_024,
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
    let released = |slot| {
        let schedule = MicroTau {
            open_slot: 0,
            lock_slot: 1_024,
        };
        let mut later = pool;
        later.decay(schedule, slot).expect("a decay");
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
    let (mut pool, _) = open::<2>(CurveKind::Lmsr, 1_000_000, 2);
    let mut averages = PriceAccumulator { cumulative: [0; 2] };
    let conditions = |now| Conditions {
        now,
        schedule: None,
        smoothing: SlowPrice {
            tau: 10,
            max_step: Price::ONE,
        },
    };
    let half = Price(1 << 62);
    pool.buy_now(conditions(30), Some(&mut averages), 0, Money(500_000), FREE)
        .expect("a buy");
    assert_eq!(twap(0, averages.cumulative[0], 30), Ok(half));
    let earlier = averages;
    let price = pool.prices().expect("prices")[0];
    pool.observe(40, conditions(40).smoothing, Some(&mut averages))
        .expect("prices");
    let average = |slots, earlier: u64| twap(earlier, averages.cumulative[0], slots);
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
    let (mut pool, _) = open::<4>(CurveKind::L2, 1_000_000, 4);
    let mut averages = PriceAccumulator { cumulative: [0; 4] };
    assert_eq!(
        pool.prices().expect("prices")[0].to_string(),
        "0.500000000000"
    );
    let smoothing = SlowPrice {
        tau: 10,
        max_step: Price::ONE,
    };
    pool.observe(10, smoothing, Some(&mut averages))
        .expect("prices");
    let average = twap(0, averages.cumulative[3], 10).expect("a price");
    assert!((1 << 61) - average.0 < 1 << 32);
    assert!((1 << 61) - pool.slow_prices[3] < 64);
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

    /// After trading, on any curve: whoever leaves gets his part of every reserve and not a unit more,
    /// those who stay keep theirs, and nothing is left when all have gone.
    #[test]
    fn exits_after_trading_are_exact(
        kind in prop::sample::select(vec![CurveKind::Lmsr, CurveKind::PmAmm, CurveKind::L2]),
        depth in 1_000..1_000_000_000u64,
        trades in prop::collection::vec((0..16usize, 1..2_000_000u64), 0..20),
        earlier in 1..100u64,
        exits in prop::collection::vec(1..=1_000_000u64, 1..8),
    ) {
        let outcomes = if kind == CurveKind::PmAmm { 2 } else { 16 };
        let (mut pool, mut supply) = open::<16>(kind, depth, outcomes);
        let mut redeem_only = [0; 16];
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
        let before = (pool, redeem_only);
        if pool.remove_liquidity(shares, supply, &mut redeem_only).is_ok() {
            supply = Shares(supply.0 - shares.0);
        } else {
            (pool, redeem_only) = before;
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
            let counted = redeem_only;
            let removed = pool
                .remove_liquidity_after_trading(shares, supply, &mut redeem_only)
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
                let counts = kind == CurveKind::L2;
                let more = if counts { removed.returned[outcome] } else { 0 };
                prop_assert_eq!(redeem_only[outcome], counted[outcome] + more);
            }
            prop_assert!(removed.returned[..outcomes].contains(&0));
            supply = Shares(left);
        }
        prop_assert_eq!(&pool.sold[..outcomes], &vec![pool.cash; outcomes][..]);
    }
}
