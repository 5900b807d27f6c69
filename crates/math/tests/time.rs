//! What depends on time must not depend on how often it is looked at: slow prices, vesting fees,
//! open interest; and losses of a rolling day.

mod common;

use common::{open, Trading};
use math::slow_price::{priced_slot, Moment, MIN_TAU_SLOTS};
use math::vesting::VESTING_SLOTS;
use math::{
    BasisPoints, CurveKind, DailyLosses, FeeGrowth, Money, Pool, Price, Shares, SlowPrice,
    StandingInterest, VestingFees,
};
use proptest::prelude::*;

const FREE: BasisPoints = BasisPoints(0);
const HOUR: i64 = 3_600;

fn kinds() -> impl Strategy<Value = CurveKind> {
    prop::sample::select(vec![CurveKind::Lmsr, CurveKind::PmAmm, CurveKind::L2])
}

fn pushed(kind: CurveKind, stake: u64) -> Pool<2> {
    let (mut pool, _) =
        open::<2>(kind, Money(1_000_000_000), &[Price(1 << 62); 2], 0).expect("a pool");
    pool.buy(0, Money(stake), FREE).expect("a buy");
    pool
}

#[test]
fn a_slow_price_follows_the_exponential() {
    // 1 − 1/e = 0.632120558828557678, 1 − e^(−10) = 0.999954600070237515
    let smoothing = SlowPrice::new(1_000);
    let updated = |slots| {
        let price = smoothing.updated(Price::ZERO, Price::ONE, slots);
        price.expect("a price").to_string()
    };
    assert_eq!(updated(0), "0.000000000000");
    assert_eq!(updated(1_000), "0.632120558829");
    assert_eq!(updated(10_000), "0.999954600070");
    assert_eq!(updated(u64::MAX), "1.000000000000");
    let least = SlowPrice::new(0);
    assert_eq!(least, SlowPrice::new(MIN_TAU_SLOTS));
    // 1 − e^(−1/16) = 0.060586937186524213: a price pushed for one slot weighs 6 %.
    let price = least.updated(Price::ZERO, Price::ONE, 1).expect("a price");
    assert_eq!(price.to_string(), "0.060586937187");
}

/// The same path paid .943 or .996 with trades of one unit in between.
#[test]
fn dust_and_pokes_change_no_payout() {
    const TOLERANCE: u64 = 1 << 24;
    let smoothing = SlowPrice::new(40);
    for kind in [CurveKind::Lmsr, CurveKind::PmAmm, CurveKind::L2] {
        let mut calm = pushed(kind, 900_000_000);
        let mut poked = calm;
        let mut dusty = calm;
        calm.observe(400, smoothing, None).expect("prices");
        for slot in 1..=400 {
            poked.observe(slot, smoothing, None).expect("prices");
            dusty.observe(slot, smoothing, None).expect("prices");
            if slot < 400 {
                let bought = dusty.buy(0, Money(2), FREE).expect("a buy");
                dusty.sell(0, bought.shares, FREE).expect("a sale");
            }
        }
        let payouts = calm.void_payouts().expect("payouts");
        for (pool, tolerance) in [(poked, 1 << 12), (dusty, TOLERANCE << 12)] {
            for (one, other) in payouts.iter().zip(pool.void_payouts().expect("payouts")) {
                assert!(
                    one.0.abs_diff(other.0) < tolerance,
                    "{kind:?} {one} {other}"
                );
            }
        }
    }
}

#[test]
fn what_is_skipped_has_no_weight() {
    let smoothing = SlowPrice::new(40);
    let mut pool = pushed(CurveKind::Lmsr, 900_000_000);
    pool.observe(500, smoothing, None).expect("prices");
    let mut skipping = pool;
    skipping.skip(10_000);
    skipping.observe(10_000, smoothing, None).expect("prices");
    assert_eq!(skipping.slow_prices, pool.slow_prices);
    skipping.observe(10_040, smoothing, None).expect("prices");
    pool.observe(540, smoothing, None).expect("prices");
    assert_eq!(skipping.slow_prices, pool.slow_prices);
}

#[test]
fn trading_ends_by_the_clock_however_fast_slots_are() {
    let observed = Moment {
        slot: 1_000,
        seconds: 10_000,
    };
    let at = |slot, seconds| priced_slot(observed, Moment { slot, seconds }, 10_100);
    assert_eq!(at(1_999, 10_099), 1_999);
    assert_eq!(at(2_000, 10_100), 2_000);
    assert_eq!(at(3_000, 10_200), 2_000);
    assert_eq!(at(1_500, 10_200), 1_250);
}

/// A sole provider takes nearly all liquidity out, pushes the price of what is left, which nobody
/// earns anything by answering, and waits for it to become slow: 483 of 500 were taken so.
#[test]
fn the_price_of_what_liquidity_is_left_weighs_little() {
    let smoothing = SlowPrice::new(100);
    let half = [Price(1 << 62); 2];
    let (mut pool, funding) =
        open::<2>(CurveKind::Lmsr, Money(1_000_000_000), &half, 0).expect("a pool");
    // What others hold.
    pool.buy(0, Money(500_000_000), FREE).expect("a buy");
    pool.observe(10_000, smoothing, None).expect("prices");
    let before = pool.void_payouts().expect("payouts")[0];
    let supply = Shares(funding.0);
    let exposure = |pool: &Pool<2>| {
        let spread = i128::from(pool.sold[0]) - i128::from(pool.sold[1]);
        spread + i128::from(pool.exposure_left)
    };
    let stood = exposure(&pool);
    let gone = Shares(supply.0 - 700);
    let mut left = pool;
    left.remove_liquidity(gone, supply).expect("removed");
    assert!(exposure(&left).abs_diff(stood) <= 2);
    left.buy(1, Money(7_000), FREE).expect("a buy");
    assert!(left.prices().expect("prices")[1] > Price(Price::ONE.0 / 1_000 * 995));
    left.observe(10_000 + 1_000, smoothing, None)
        .expect("prices");
    let after = left.void_payouts().expect("payouts")[0];
    // Ten time constants of a price near zero move it by a thousandth.
    assert!(
        before.0 - after.0 < Price::ONE.0 / 1_000,
        "{before} {after}"
    );
    // Coming and going does not change what is counted.
    let mut moved = pool;
    let mut supply = supply;
    for _ in 0..5 {
        let added = moved
            .add_liquidity(Money(700_000_000), supply)
            .expect("liquidity");
        supply = Shares(supply.0 + added.shares.0);
        moved
            .remove_liquidity(added.shares, supply)
            .expect("removed");
        supply = Shares(supply.0 - added.shares.0);
    }
    assert!(
        exposure(&moved).abs_diff(stood) <= 20,
        "{}",
        exposure(&moved)
    );
}

/// However much of the liquidity is left, in a market of 720 time constants (30 days of an hour):
/// who pushes the price to its end and leaves it there moves what is paid in a void by no more than
/// a fiftieth, unless whoever pushes it back earns a thousandth of what is at stake.
#[test]
fn moving_the_void_price_pays_those_who_move_it_back() {
    const TIME_CONSTANTS: u64 = 720;
    let smoothing = SlowPrice::new(100);
    let half = [Price(1 << 62); 2];
    for kind in [CurveKind::Lmsr, CurveKind::PmAmm] {
        let (mut pool, funding) =
            open::<2>(kind, Money(1_000_000_000_000), &half, 0).expect("a pool");
        pool.buy(0, Money(500_000_000_000), FREE).expect("a buy");
        let stake = pool.sold[0];
        pool.observe(100_000, smoothing, None).expect("prices");
        let fair = pool.prices().expect("prices");
        let before = pool.void_payouts().expect("payouts")[0];
        let mut most = (0.0, 0.0);
        for part in 1..400u64 {
            // What is left: from a millionth of all, by a twenty-fifth more each time.
            let left = (funding.0 as f64 * 1e-6 * 1.04f64.powi(part as i32)) as u64;
            if left >= funding.0 {
                break;
            }
            let mut pushed = pool;
            pushed
                .remove_liquidity(Shares(funding.0 - left), Shares(funding.0))
                .expect("removed");
            let end = Price::ratio(999_998, 1_000_000).expect("a price");
            let (order, _) = pushed
                .amount_until(1, end, FREE)
                .expect("an order")
                .expect("some shares");
            pushed.execute(1, order, FREE).expect("a push");
            // Who moves it back buys the other outcome up to its fair price.
            let answer = pushed.amount_until(0, fair[0], FREE).expect("an order");
            let (_, answer) = answer.expect("some shares");
            let worth = answer.shares.0 as f64 * (fair[0].0 as f64 / Price::ONE.0 as f64);
            let earned = (worth - answer.cost.0 as f64) / stake as f64;
            pushed
                .observe(100_000 + TIME_CONSTANTS * 100, smoothing, None)
                .expect("prices");
            let after = pushed.void_payouts().expect("payouts")[0];
            let moved = (before.0 - after.0) as f64 / Price::ONE.0 as f64;
            assert!(moved < 0.02 || earned > 0.001, "{kind:?} {moved} {earned}");
            if earned < 0.001 {
                most = (moved, earned);
            }
        }
        println!(
            "{kind:?}: moved by {} where an answer earns {}",
            most.0, most.1
        );
        assert!(most.0 > 0.0);
    }
}

/// Liquidity for the moment of one trade took 6.59 of 6.65 of its fees.
#[test]
fn liquidity_of_a_moment_takes_no_fees() {
    let (mut growth, mut fees) = (FeeGrowth::default(), VestingFees::default());
    let (old, new) = (Shares(1_000_000), Shares(99_000_000));
    fees.vest(&mut growth, old, 100).expect("vested");
    // In comes the other, the trade is made, and out it goes.
    let checkpoint = growth.per_share;
    fees.vest(&mut growth, Shares(100_000_000), 100)
        .expect("vested");
    fees.add(Money(6_650_000)).expect("a fee");
    fees.vest(&mut growth, Shares(100_000_000), 100)
        .expect("vested");
    assert_eq!(growth.owed(new, checkpoint), Ok(Money(0)));
    // Who stays gets all of it in time.
    fees.vest(&mut growth, old, 100 + VESTING_SLOTS)
        .expect("vested");
    let owed = growth.owed(old, checkpoint).expect("fees");
    assert_eq!(owed, Money(4_203_601));
    fees.vest_all(&mut growth, old).expect("vested");
    // All but the part of a unit that waits for the next.
    assert_eq!(growth.owed(old, checkpoint), Ok(Money(6_649_999)));
    assert_eq!(fees.unvested, 0);
}

/// Sets for a million made a bond of a million, in one transaction.
#[test]
fn sets_of_a_moment_leave_no_trace_in_the_interest() {
    let smoothing = SlowPrice::new(1_000);
    let mut interest = StandingInterest::default();
    interest
        .observe(Money(6_600_000), 50_000, smoothing)
        .expect("interest");
    let before = interest;
    // The interest that stood is counted before every change.
    interest
        .observe(Money(6_600_000), 50_000, smoothing)
        .expect("interest");
    interest
        .observe(Money(1_000_000_000_000), 50_000, smoothing)
        .expect("interest");
    assert_eq!(interest, before);
    assert_eq!(interest.value(), Money(6_600_000));
    interest
        .observe(Money(0), 51_000, smoothing)
        .expect("interest");
    assert_eq!(interest.value(), Money(2_428_005));
}

#[test]
fn losses_count_for_a_day() {
    let mut losses = DailyLosses::default();
    let start = 1_000_000 * HOUR + 1_799;
    losses.record(Money(5), start).expect("a loss");
    losses.record(Money(7), start + 3 * HOUR).expect("a loss");
    for (later, lost) in [
        (0, 12),
        (3 * HOUR, 12),
        (24 * HOUR, 12),
        (25 * HOUR, 7),
        (27 * HOUR, 7),
        (28 * HOUR, 0),
        (1_000 * HOUR, 0),
    ] {
        assert_eq!(losses.lost(start + later), Ok(Money(lost)), "{later}");
    }
    // A clock behind frees nothing.
    assert_eq!(losses.lost(start - 100 * HOUR), Ok(Money(12)));
    losses.record(Money(1), i64::MIN).expect("a loss");
    assert_eq!(losses.lost(start + 3 * HOUR), Ok(Money(13)));
    losses
        .record(Money(2), start + 1_000 * HOUR)
        .expect("a loss");
    assert_eq!(losses.hours.iter().sum::<u64>(), 2);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Any parts of a time at the prices that stood give the same, to rounding.
    #[test]
    fn slow_prices_compose(
        kind in kinds(),
        stake in 1_000..3_000_000_000u64,
        tau in 1..100_000u64,
        parts in prop::collection::vec(0..5_000u64, 1..200),
    ) {
        let smoothing = SlowPrice::new(tau);
        let (mut whole, mut cut) = (pushed(kind, stake), pushed(kind, stake));
        whole.observe(parts.iter().sum(), smoothing, None).expect("prices");
        let mut slot = 0;
        for part in parts {
            slot += part;
            cut.observe(slot, smoothing, None).expect("prices");
        }
        for (one, other) in whole.slow_prices.iter().zip(&cut.slow_prices) {
            prop_assert!(one.abs_diff(*other) < 1 << 16, "{} {}", one, other);
        }
    }

    #[test]
    fn vesting_composes_and_loses_nothing(
        fee in 1..1_000_000_000_000u64,
        supply in 1..1_000_000_000_000u64,
        parts in prop::collection::vec(0..500u64, 1..200),
    ) {
        let once = |parts: &[u64]| {
            let (mut growth, mut fees) = (FeeGrowth::default(), VestingFees::default());
            fees.add(Money(fee)).expect("a fee");
            let mut slot = 0;
            for part in parts {
                slot += part;
                fees.vest(&mut growth, Shares(supply), slot).expect("vested");
            }
            let owed = growth.owed(Shares(supply), 0).expect("fees").0;
            let held = (fees.unvested >> 64) as u64;
            assert!(owed + held <= fee && fee - owed - held <= 2);
            owed
        };
        let total: u64 = parts.iter().sum();
        prop_assert!(once(&[total]).abs_diff(once(&parts)) <= 1 + (fee >> 40));
    }

    /// Whoever adds liquidity brings its part of what is unvested: the others' does not fall, and it
    /// gets no more than it brought, whatever vests then.
    #[test]
    fn newcomers_take_no_unvested_fees(
        unvested in 0..u128::MAX >> 2,
        reserve in 1..1_000_000_000_000_000u64,
        supply in 1..1_000_000_000_000_000u64,
        amount in 1..1_000_000_000_000_000u64,
    ) {
        let mut fees = VestingFees { unvested, vested_slot: 0 };
        let part = fees.part_of(Money(amount), reserve).expect("a part").0;
        prop_assert!(part <= amount);
        let added = u128::from(amount - part) * u128::from(supply) / u128::from(reserve);
        let Ok(added) = u64::try_from(added) else {
            return Ok(());
        };
        fees.add(Money(part)).expect("a fee");
        let mut growth = FeeGrowth::default();
        let Some(all) = supply.checked_add(added) else {
            return Ok(());
        };
        fees.vest_all(&mut growth, Shares(all)).expect("vested");
        prop_assert!(growth.owed(Shares(added), 0).expect("fees").0 <= part);
        let others = growth.owed(Shares(supply), 0).expect("fees").0;
        // All but the part of a unit that waits for the next, and what rounds down.
        prop_assert!(u128::from(others) + 1 >= unvested >> 64, "{} of {}", others, unvested >> 64);
    }

    #[test]
    fn interest_composes(
        stood in 0..1_000_000_000_000_000u64,
        parts in prop::collection::vec(0..500u64, 1..200),
    ) {
        let smoothing = SlowPrice::new(9_000);
        let once = |parts: &[u64]| {
            let mut interest = StandingInterest::default();
            let mut slot = 0;
            for part in parts {
                slot += part;
                interest.observe(Money(stood), slot, smoothing).expect("interest");
            }
            interest.value().0
        };
        let total: u64 = parts.iter().sum();
        prop_assert!(once(&[total]).abs_diff(once(&parts)) <= 1 + (stood >> 40));
    }

    /// Never less than the losses of 24 hours, never more than those of 25.
    #[test]
    fn losses_bound_those_of_a_day(
        bookings in prop::collection::vec((0..8 * HOUR, 0..1_000u64), 1..60),
    ) {
        let mut losses = DailyLosses::default();
        let mut now = 1_700_000_000;
        let mut booked: Vec<(i64, u64)> = Vec::new();
        for (later, loss) in bookings {
            now += later;
            let within = |hours: i64| -> u64 {
                let recent = booked.iter().filter(|(at, _)| *at > now - hours * HOUR);
                recent.map(|(_, loss)| loss).sum()
            };
            let lost = losses.lost(now).expect("losses").0;
            prop_assert!((within(24)..=within(25)).contains(&lost));
            losses.record(Money(loss), now).expect("a loss");
            booked.push((now, loss));
        }
    }
}
