//! Properties of pools under random trades: solvency, conservation, round trips, splitting.

mod common;

use common::{open, Trading};
use math::micro_tau::MICRO_TAU_STEPS;
use math::pool::ROUNDING_RESERVE;
use math::{
    liability, payout, BasisPoints, Conditions, CurveKind, MathError, MicroTau, Money, Order, Pool,
    Price, Shares, SlowPrice,
};
use proptest::prelude::*;

const N: usize = 10;
const DURATION: i64 = 2_000;

const SMOOTHING: SlowPrice = SlowPrice::new(40);

#[derive(Clone, Debug)]
enum Step {
    /// Outcome, stake in millionths of the depth, slots before it.
    Buy(usize, u64, u64),
    /// Outcome, percent of what is outstanding, slots before it.
    Sell(usize, u64, u64),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let stake = prop_oneof![1..200u64, 1..100_000u64, 1..4_000_000u64];
    let step = prop_oneof![
        3 => (0..N, stake, 0..30u64).prop_map(|(outcome, stake, slots)| Step::Buy(outcome, stake, slots)),
        2 => (0..N, 1..=100u64, 0..30u64).prop_map(|(outcome, part, slots)| Step::Sell(outcome, part, slots)),
    ];
    prop::collection::vec(step, 1..40)
}

fn depths() -> impl Strategy<Value = u64> {
    prop_oneof![
        1_000..10_000u64,
        1_000_000..1_000_000_000u64,
        Just(1_000_000_000_000),
        Just(1_000_000_000_000_000),
    ]
}

/// A pool at a random prior, its funding and its fee rate.
fn pools() -> impl Strategy<Value = (Pool<N>, Money, BasisPoints)> {
    prop_oneof![
        2 => decaying_pools(),
        1 => pools_of((2..=N).prop_map(|outcomes| (CurveKind::L2, outcomes))),
    ]
}

/// The same of the curves whose depth may follow a schedule.
fn decaying_pools() -> impl Strategy<Value = (Pool<N>, Money, BasisPoints)> {
    pools_of(prop_oneof![
        Just((CurveKind::PmAmm, 2)),
        (2..=N).prop_map(|outcomes| (CurveKind::Lmsr, outcomes)),
    ])
}

fn pools_of(
    kinds: impl Strategy<Value = (CurveKind, usize)>,
) -> impl Strategy<Value = (Pool<N>, Money, BasisPoints)> {
    let weights = prop::collection::vec(prop_oneof![Just(100u64), 3..2_000u64], N);
    let rates = prop_oneof![Just(0), Just(100), Just(1_000), 0..=1_000u16];
    (kinds, weights, depths(), rates).prop_map(|((kind, outcomes), weights, depth, rate)| {
        let weights = &weights[..outcomes];
        let sum = weights.iter().sum();
        let prior: Vec<Price> = weights
            .iter()
            .map(|&weight| Price::ratio(weight, sum).expect("a price"))
            .collect();
        let (pool, funding) =
            open(kind, Money(depth), &prior, 0).unwrap_or_else(|error| panic!("{error}"));
        (pool, funding, BasisPoints(rate))
    })
}

/// Money in and out of one pool.
#[derive(Default)]
struct Ledger {
    costs: u64,
    proceeds: u64,
    fees: u64,
}

fn run(
    pool: &mut Pool<N>,
    funding: Money,
    rate: BasisPoints,
    steps: &[Step],
    schedule: Option<MicroTau>,
) -> Ledger {
    let mut ledger = Ledger::default();
    let mut now = 0;
    for step in steps {
        let outcomes = usize::from(pool.outcomes);
        let before = *pool;
        let conditions = |now| Conditions {
            now_slot: now,
            now_seconds: now.cast_signed(),
            schedule,
            smoothing: SMOOTHING,
        };
        let result = match *step {
            Step::Buy(outcome, stake, slots) => {
                now += slots;
                let stake = (u128::from(stake) * u128::from(pool.depth) / 1_000_000) as u64 + 1;
                pool.trade(
                    conditions(now),
                    None,
                    outcome % outcomes,
                    Order::Stake(Money(stake)),
                    rate,
                )
                .inspect(|trade| {
                    assert_eq!(trade.cost.0 + trade.fee.0, stake);
                    ledger.costs += trade.cost.0;
                    ledger.fees += trade.fee.0;
                })
            }
            Step::Sell(outcome, part, slots) => {
                now += slots;
                let outcome = outcome % outcomes;
                let shares = (u128::from(pool.sold[outcome]) * u128::from(part) / 100) as u64;
                pool.trade(
                    conditions(now),
                    None,
                    outcome,
                    Order::Sell(Shares(shares)),
                    rate,
                )
                .inspect(|trade| {
                    assert!(trade.fee <= trade.cost);
                    ledger.proceeds += trade.cost.0;
                    ledger.fees += trade.fee.0;
                })
            }
        };
        match result {
            Ok(_) => {}
            Err(MathError::StakeTooSmall | MathError::NoShares | MathError::PriceBelowMinimum) => {
                // The program reverts a failed instruction.
                *pool = before;
            }
            Err(error) => panic!("{error}: {step:?} on {before:?}"),
        }
        check(pool, funding, &ledger);
    }
    ledger
}

fn check(pool: &Pool<N>, funding: Money, ledger: &Ledger) {
    assert_eq!(pool.check_solvent(), Ok(()), "{pool:?}");
    assert_eq!(pool.cash, funding.0 + ledger.costs - ledger.proceeds);
    assert_eq!(pool.fees, ledger.fees);
    let outcomes = usize::from(pool.outcomes);
    let prices = pool.probabilities().expect("prices");
    let sum: u64 = prices.iter().map(|price| price.0).sum();
    assert!(sum.abs_diff(Price::ONE.0) < 1 << 12, "{prices:?}");
    assert!(prices[outcomes..].iter().all(|price| *price == Price::ZERO));
    let void = pool.void_payouts().expect("payouts");
    let sum: u128 = void.iter().map(|price| u128::from(price.0)).sum();
    let one = u128::from(Price::ONE.0);
    let is_chance = pool.limits().expect("limits").sets;
    assert!(!is_chance || (sum <= one && sum > one - (1 << 12)));
    assert!(void.iter().all(|price| *price <= Price::ONE));
    let owed = liability(&pool.sold, &void).expect("a liability");
    assert!(owed.0 <= pool.cash);
    assert!(payout(&pool.sold, &void).expect("a payout") <= owed);
}

const SCHEDULE: MicroTau = MicroTau {
    opens_at: 0,
    locks_at: DURATION,
};

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_pool_stays_solvent((mut pool, funding, rate) in pools(), steps in steps()) {
        run(&mut pool, funding, rate, &steps, None);
    }

    #[test]
    fn a_decaying_pool_stays_solvent(
        (mut pool, funding, rate) in decaying_pools(),
        steps in steps(),
        duration in 50..DURATION,
    ) {
        let schedule = MicroTau { opens_at: 0, locks_at: duration };
        run(&mut pool, funding, rate, &steps, Some(schedule));
    }

    /// With constant depth the curve depends on the shares outstanding alone, so once everything
    /// is sold back the pool has what it began with, or more.
    #[test]
    fn selling_everything_leaves_the_funding(
        (mut pool, funding, rate) in pools(),
        steps in steps(),
    ) {
        let prices = pool.prices().expect("prices");
        run(&mut pool, funding, rate, &steps, None);
        for outcome in 0..usize::from(pool.outcomes) {
            if pool.sold[outcome] > 0 {
                pool.sell(outcome, Shares(pool.sold[outcome]), rate).expect("a sale");
            }
        }
        prop_assert!(pool.cash >= funding.0, "{} < {}", pool.cash, funding.0);
        if pool.kind != CurveKind::PmAmm as u8 {
            prop_assert_eq!(pool.prices().expect("prices"), prices);
        }
    }

    #[test]
    fn a_round_trip_never_profits(
        (mut pool, funding, rate) in pools(),
        steps in steps(),
        outcome in 0..N,
        stake in prop_oneof![1..1_000u64, 1..2_000_000_000u64],
        decays in any::<bool>(),
    ) {
        let decays = decays && pool.kind != CurveKind::L2 as u8;
        run(&mut pool, funding, rate, &steps, decays.then_some(SCHEDULE));
        let outcome = outcome % usize::from(pool.outcomes);
        for rate in [rate, BasisPoints(0)] {
            let mut pool = pool;
            if let Ok(bought) = pool.buy(outcome, Money(stake), rate) {
                let sold = pool.sell(outcome, bought.shares, rate).expect("a sale");
                prop_assert!(sold.cost.0 - sold.fee.0 <= stake, "{:?} {:?}", bought, sold);
                prop_assert!(sold.cost <= bought.cost, "{:?} {:?}", bought, sold);
            }
        }
    }

    #[test]
    fn splitting_a_buy_gains_nothing(
        (mut pool, funding, rate) in pools(),
        steps in steps(),
        outcome in 0..N,
        parts in prop::collection::vec(1..3_000_000u64, 2..6),
    ) {
        run(&mut pool, funding, rate, &steps, None);
        let outcome = outcome % usize::from(pool.outcomes);
        let price = pool.prices().expect("prices")[outcome];
        let (mut whole, mut cut) = (pool, pool);
        let total: u64 = parts.iter().sum();
        let Ok(at_once) = whole.buy(outcome, Money(total), rate) else {
            return Ok(());
        };
        let mut shares = 0;
        for &part in &parts {
            match cut.buy(outcome, Money(part), rate) {
                Ok(trade) => shares += trade.shares.0,
                Err(_) => return Ok(()),
            }
        }
        // On the pm-AMM a fee rounded down by a fraction of a unit becomes slack of the reserves,
        // which the next trade may use: a base unit for a part, and one for the whole.
        let units = (parts.len() as f64 + 1.0) * Price::ONE.0 as f64 / price.0 as f64 + 2.0;
        prop_assert!(
            shares as f64 <= at_once.shares.0 as f64 + units,
            "{} shares in parts, {} at once, price {}", shares, at_once.shares.0, price
        );
    }

    #[test]
    fn splitting_a_sale_gains_nothing(
        (mut pool, funding, rate) in pools(),
        steps in steps(),
        outcome in 0..N,
        cuts in 2..6u64,
    ) {
        run(&mut pool, funding, rate, &steps, None);
        let outcome = outcome % usize::from(pool.outcomes);
        let shares = pool.sold[outcome];
        if shares < cuts {
            return Ok(());
        }
        let (mut whole, mut cut) = (pool, pool);
        let at_once = whole.sell(outcome, Shares(shares), rate).expect("a sale");
        let (mut received, mut left) = (0, shares);
        for index in 0..cuts {
            let part = if index + 1 == cuts { left } else { shares / cuts };
            left -= part;
            let trade = cut.sell(outcome, Shares(part), rate).expect("a sale");
            received += trade.cost.0 - trade.fee.0;
        }
        let at_once = at_once.cost.0 - at_once.fee.0;
        // The margins of computation are 2⁻⁵⁰ of the depth and the amount for each trade.
        let margin = (pool.depth + shares) / 1_000_000_000_000_000 + 1;
        prop_assert!(received <= at_once + 4 + margin, "{} > {}", received, at_once);
    }

    #[test]
    fn more_money_buys_more_and_moves_the_price_further(
        (mut pool, funding, rate) in pools(),
        steps in steps(),
        outcome in 0..N,
        (less, more) in (1..1_000_000u64, 1..1_000_000u64),
    ) {
        run(&mut pool, funding, rate, &steps, None);
        let outcome = outcome % usize::from(pool.outcomes);
        let before = pool.prices().expect("prices");
        let (mut first, mut second) = (pool, pool);
        let smaller = first.buy(outcome, Money(less), rate);
        let greater = second.buy(outcome, Money(less + more), rate);
        if let (Ok(smaller), Ok(greater)) = (smaller, greater) {
            prop_assert!(smaller.shares <= greater.shares);
            prop_assert!(smaller.cost <= greater.cost);
            // Nobody pays less than the spot price, nor more than one, for a share.
            let spot = before[outcome].0 as f64 / Price::ONE.0 as f64;
            let paid = (greater.cost.0 + 1) as f64;
            prop_assert!(paid >= greater.shares.0 as f64 * spot * (1.0 - 1e-9) - 2.0);
            prop_assert!(greater.shares.0 >= greater.cost.0.saturating_sub(2 + pool.depth / 1_000_000_000_000));
            let price = |pool: &Pool<N>| pool.prices().expect("prices")[outcome];
            prop_assert!(before[outcome].0 <= price(&first).0 + 64);
            prop_assert!(price(&first).0 <= price(&second).0 + 64);
        }
    }

    #[test]
    fn outcomes_of_a_pm_amm_are_alike(depth in depths(), percent in 1..100u64, stake in 1..1_000_000u64) {
        let p = Price::ratio(percent, 100).expect("a price");
        let q = Price::ratio(100 - percent, 100).expect("a price");
        let (mut one, _) = open::<2>(CurveKind::PmAmm, Money(depth), &[p, q], 0).expect("a pool");
        let mut other = one;
        other.curve.reverse();
        let rate = BasisPoints(150);
        prop_assert_eq!(one.buy(0, Money(stake), rate), other.buy(1, Money(stake), rate));
        other.curve.reverse();
        prop_assert_eq!(one.curve, other.curve);
    }

    /// An order up to a price never passes it, and stops short of it by little.
    #[test]
    fn orders_stop_at_their_price(
        (mut pool, funding, rate) in pools(),
        steps in steps(),
        outcome in 0..N,
        target in prop_oneof![1..1_000_000u64, 1..1_000u64, 999_000..1_000_000u64],
    ) {
        run(&mut pool, funding, rate, &steps, None);
        let outcome = outcome % usize::from(pool.outcomes);
        let target = Price::ratio(target, 1_000_000).expect("a price");
        let before = pool.prices().expect("prices")[outcome];
        let (order, trade) = match pool.amount_until(outcome, target, rate) {
            Ok(Some(found)) => found,
            Ok(None) | Err(MathError::PriceBelowMinimum) => return Ok(()),
            Err(error) => panic!("{error}"),
        };
        prop_assert_eq!(pool.quote(outcome, order, rate), Ok(trade));
        let sold = pool.sold[outcome];
        let mut traded = pool;
        match traded.execute(outcome, order, rate) {
            // A price near one may ask for more of a bin than the L2 curve takes.
            Err(MathError::Overflow) if pool.kind == CurveKind::L2 as u8 => return Ok(()),
            done => prop_assert_eq!(done, Ok(trade)),
        }
        let after = traded.prices().expect("prices")[outcome];
        let ordered = match order {
            Order::Buy(shares) => {
                prop_assert!(before < target && after <= target, "{} {} {}", before, after, target);
                shares
            }
            Order::Sell(shares) => {
                prop_assert!(before > target && after >= target, "{} {} {}", before, after, target);
                shares
            }
            Order::Stake(_) => panic!("no stake was asked for"),
        };
        if ordered.0 == sold && matches!(order, Order::Sell(_)) {
            return Ok(());
        }
        // A little more would pass it: by 2⁻³⁰ of the depth, or of what was traded.
        let more = Shares(ordered.0 + 3 + (pool.depth.max(ordered.0) >> 30));
        let further = match order {
            Order::Sell(_) if more.0 > sold => return Ok(()),
            Order::Sell(_) => Order::Sell(more),
            _ => Order::Buy(more),
        };
        let mut passed = pool;
        if passed.execute(outcome, further, rate).is_ok() {
            let after = passed.prices().expect("prices")[outcome];
            let is_past = if matches!(order, Order::Sell(_)) { after <= target } else { after >= target };
            prop_assert!(is_past, "{} {} {:?}", after, target, order);
        }
    }

    /// The fee is at most the rate of the stake, and of what the shares pay beyond it.
    #[test]
    fn fees_are_bounded(
        (mut pool, funding, rate) in pools(),
        steps in steps(),
        outcome in 0..N,
        stake in 1..3_000_000u64,
    ) {
        run(&mut pool, funding, rate, &steps, None);
        let outcome = outcome % usize::from(pool.outcomes);
        if let Ok(trade) = pool.buy(outcome, Money(stake), rate) {
            let rate = u64::from(rate.0);
            prop_assert!(trade.fee.0 * 10_000 <= (trade.cost.0 + 1) * rate + 10_000);
            let beyond = (trade.shares.0 + 1).saturating_sub(trade.cost.0.saturating_sub(1));
            let margin = pool.depth / 10_000_000_000_000 * rate;
            prop_assert!(trade.fee.0 * 10_000 <= (beyond + 1) * rate + 10_000 + margin);
        }
    }

    #[test]
    fn decay_keeps_the_price((mut pool, _, rate) in decaying_pools(), stake in 1..100_000u64, now in 1..DURATION) {
        let _ = pool.buy(0, Money(stake), rate);
        let before = pool.prices().expect("prices");
        pool.decay(SCHEDULE, now).expect("a decay");
        let after = pool.prices().expect("prices");
        // A quantity is rounded by up to two units of a depth reduced to at least 1/32.
        let tolerance = 4.0 / pool.depth as f64 + 1e-15;
        for (before, after) in before.iter().zip(&after) {
            let moved = before.0.abs_diff(after.0) as f64 / Price::ONE.0 as f64;
            prop_assert!(moved <= tolerance, "{} > {}", moved, tolerance);
        }
    }
}

#[test]
fn rounding_of_every_step_is_reserved() {
    // Each of the most rescalings possible, with quantities that never divide evenly.
    let prior = [Price::ratio(1, 7), Price::ratio(2, 7), Price::ratio(4, 7)].map(Result::unwrap);
    let depth = 99_999_999_977;
    let (mut pool, funding) = open::<3>(CurveKind::Lmsr, Money(depth), &prior, 0).expect("a pool");
    pool.buy(1, Money(5_000_000_019), BasisPoints(0))
        .expect("a buy");
    let locks_at = i64::from(MICRO_TAU_STEPS);
    let schedule = MicroTau {
        opens_at: 0,
        locks_at,
    };
    // What the solvency argument keeps: the least of cash − C(q) − (sold − q).
    let cushion = |pool: &Pool<3>| {
        let price = pool.prices().expect("prices")[0].0 as f64 / Price::ONE.0 as f64;
        let cost_function = pool.curve[0] as f64 - pool.depth as f64 * price.ln();
        (0..3)
            .map(|i| pool.cash as f64 - cost_function - pool.sold[i] as f64 + pool.curve[i] as f64)
            .fold(f64::INFINITY, f64::min)
    };
    let mut before = cushion(&pool);
    assert!(before >= ROUNDING_RESERVE as f64 - 1.0);
    for now in 0..=locks_at {
        pool.decay(schedule, now).expect("a decay");
        pool.check_solvent().expect("solvent");
        let after = cushion(&pool);
        assert!(after >= before - 2.0, "a rescaling cost {}", before - after);
        before = after;
    }
    assert_eq!(pool.step, MICRO_TAU_STEPS - 1);
    assert_eq!(pool.depth, depth / 32);
    assert!(funding.0 > ROUNDING_RESERVE);
}

#[test]
fn the_last_trade_before_the_lock_has_no_weight() {
    let prior = [Price(1 << 62); 2];
    let (pool, _) = open::<2>(CurveKind::Lmsr, Money(1_000_000), &prior, 100).expect("a pool");
    let smoothing = SlowPrice::new(20);
    let (mut calm, mut pumped) = (pool, pool);
    for pool in [&mut calm, &mut pumped] {
        pool.observe(150, smoothing, None).expect("prices");
    }
    let conditions = Conditions {
        now_slot: 200,
        now_seconds: 0,
        schedule: None,
        smoothing,
    };
    pumped
        .trade(
            conditions,
            None,
            0,
            Order::Stake(Money(3_000_000)),
            BasisPoints(0),
        )
        .expect("a buy");
    // Settlement observes at the lock, slot 200.
    for pool in [&mut calm, &mut pumped] {
        pool.observe(200, smoothing, None).expect("prices");
    }
    assert_eq!(calm.void_payouts(), pumped.void_payouts());
    pumped.observe(201, smoothing, None).expect("prices");
    assert_ne!(calm.void_payouts(), pumped.void_payouts());
}

/// Whatever stood before, and however often the slow price was updated between the two.
#[test]
fn average_between_two_slow_prices_is_of_what_stood_between_them() {
    let price = |parts: u64| Price::ratio(parts, 1_000).expect("a price");
    let of_one = |price: Price| price.0 as f64 / Price::ONE.0 as f64;
    let path = [(20, 300), (1, 900), (7, 10), (50, 640), (3, 641), (69, 350)];
    for tau in [16, 60, 562, 2_250] {
        let smoothing = SlowPrice::new(tau);
        for before in [1, 500, 999] {
            let earlier = price(before);
            let (mut slow, mut weighed, mut weight, mut slots) = (earlier, 0.0, 0.0, 0);
            for (elapsed, parts) in path {
                slow = smoothing
                    .updated(slow, price(parts), elapsed)
                    .expect("a price");
                slots += elapsed;
                let kept = (-(elapsed as f64) / tau as f64).exp();
                weighed = weighed * kept + (1.0 - kept) * parts as f64 / 1_000.0;
                weight = weight * kept + (1.0 - kept);
            }
            let average = smoothing.average_between(earlier, slow, slots);
            let average = of_one(average.expect("an average"));
            let expected = weighed / weight;
            assert!((average - expected).abs() < 1e-12, "{average} {expected}");
            if tau == 2_250 {
                let plain: u64 = path.iter().map(|(elapsed, parts)| elapsed * parts).sum();
                let plain = plain as f64 / 150.0 / 1_000.0;
                assert!((average - plain).abs() < 0.002, "{average} {plain}");
            }
        }
        let half = price(500);
        let none = smoothing.average_between(half, half, 0);
        assert_eq!(none, Err(MathError::DivisionByZero));
        let far = smoothing.average_between(price(1), price(999), 1);
        assert_eq!(
            far,
            Err(MathError::OutsideDomain),
            "no price leads so far in a slot"
        );
    }
}

#[test]
fn errors_name_their_cause() {
    let refused = |kind, depth, prior: &[Price]| open::<N>(kind, Money(depth), prior, 0).err();
    let half = [Price(1 << 62); 2];
    let fifth = [Price(Price::ONE.0 / 5); 5];
    assert_eq!(
        refused(CurveKind::Lmsr, 999, &half),
        Some(MathError::DepthOutOfRange)
    );
    assert_eq!(
        refused(CurveKind::Lmsr, 1_000_000_000_000_001, &half),
        Some(MathError::DepthOutOfRange)
    );
    assert_eq!(
        refused(CurveKind::PmAmm, 1_000, &fifth),
        Some(MathError::OutcomeCountOutOfRange)
    );
    assert_eq!(
        refused(CurveKind::Lmsr, 1_000, &half[..1]),
        Some(MathError::OutcomeCountOutOfRange)
    );
    assert_eq!(
        refused(CurveKind::Lmsr, 1_000, &[Price(1 << 59); 11]),
        Some(MathError::OutcomeCountOutOfRange)
    );
    assert_eq!(
        refused(CurveKind::Lmsr, 1_000, &fifth[..4]),
        Some(MathError::PriorSumNotOne)
    );
    let tiny = [Price(1 << 49), Price(Price::ONE.0 - (1 << 49))];
    assert_eq!(
        refused(CurveKind::Lmsr, 1_000, &tiny),
        Some(MathError::PriorPriceTooLow)
    );

    for kind in [CurveKind::Lmsr, CurveKind::PmAmm] {
        let (mut pool, _) = open::<2>(kind, Money(1_000_000), &half, 0).expect("a pool");
        let free = BasisPoints(0);
        assert_eq!(pool.buy(0, Money(0), free), Err(MathError::StakeTooSmall));
        assert_eq!(
            pool.buy(2, Money(10), free),
            Err(MathError::OutcomeOutOfRange)
        );
        assert_eq!(
            pool.buy(0, Money(10), BasisPoints(1_001)),
            Err(MathError::FeeRateTooHigh)
        );
        assert_eq!(
            pool.buy(0, Money(100_000_000), free),
            Err(MathError::PriceBelowMinimum)
        );
        assert_eq!(
            pool.buy(0, Money(u64::MAX), free),
            Err(MathError::PriceBelowMinimum)
        );
        assert_eq!(
            pool.buy(0, Money(u64::MAX), BasisPoints(100)),
            Err(MathError::PriceBelowMinimum)
        );
        assert_eq!(pool.sell(0, Shares(1), free), Err(MathError::MoreThanSold));
        assert_eq!(pool.sell(0, Shares(0), free), Err(MathError::NoShares));
        pool.kind = 4;
        assert_eq!(pool.prices(), Err(MathError::UnknownCurve));
    }
}

#[test]
fn pools_are_plain_bytes() {
    let (pool, _) =
        open::<2>(CurveKind::Lmsr, Money(1_000), &[Price(1 << 62); 2], 7).expect("a pool");
    let bytes = bytemuck::bytes_of(&pool);
    assert_eq!(bytes.len(), 48 + 3 * 2 * 8);
    assert_eq!(bytemuck::pod_read_unaligned::<Pool<2>>(bytes), pool);
}

/// Teams drop out and their holders sell: what falls below the least price so blocks no trade in
/// the others, in either direction.
#[test]
fn eliminated_outcomes_block_nobody() {
    let free = BasisPoints(0);
    for outcomes in [2usize, 3, 10] {
        let prior = vec![Price(Price::ONE.0 / outcomes as u64); outcomes];
        let depth = 1_000_000_000;
        let (mut pool, funding) =
            open::<N>(CurveKind::Lmsr, Money(depth), &prior, 0).expect("a pool");
        // Bought while they had a chance, and sold once the rest is ahead.
        for outcome in 1..outcomes {
            pool.buy_shares(outcome, Shares(9 * depth), free)
                .expect("a buy");
        }
        pool.buy_shares(0, Shares(20 * depth), free).expect("a buy");
        for outcome in 1..outcomes {
            pool.sell(outcome, Shares(9 * depth), free).expect("a sale");
        }
        let prices = pool.prices().expect("prices");
        let least = math::trade::MIN_TRADING_PRICE;
        assert!(prices[1..outcomes].iter().all(|price| *price < least));
        for outcome in 0..outcomes {
            let mut pool = pool;
            let cost = pool
                .buy_shares(outcome, Shares(depth), free)
                .expect("a buy")
                .cost;
            let proceeds = pool
                .sell(outcome, Shares(depth), free)
                .expect("a sale")
                .cost;
            assert!(proceeds <= cost);
            pool.buy(outcome, Money(1_000), free).expect("a buy");
            pool.check_solvent().expect("solvent");
        }
        // One of several: the others stay guarded.
        if outcomes > 2 {
            let mut pool = pool;
            pool.buy_shares(1, Shares(18 * depth), free).expect("a buy");
            let blocked = pool.buy_shares(0, Shares(40 * depth), free);
            assert_eq!(blocked, Err(MathError::PriceBelowMinimum));
        }
        pool.sell(0, Shares(20 * depth), free).expect("a sale");
        assert!(pool.cash >= funding.0);
    }
}
