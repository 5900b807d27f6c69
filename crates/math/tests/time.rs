//! What depends on time must not depend on how often it is looked at: slow prices, vesting fees,
//! open interest; and losses of a rolling day.

mod common;

use common::{open, Trading, Watched};
use math::slow_price::{is_far, near_width, priced_slot, Moment, FAR_FLOOR, MIN_TAU_SLOTS};
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

/// A market of depth 10⁹ in which others bought for 500 from even prices long ago; and its supply.
fn stood(kind: CurveKind, smoothing: SlowPrice) -> (Watched<2>, Shares) {
    let half = [Price(1 << 62); 2];
    let (pool, funding) = open::<2>(kind, Money(1_000_000_000), &half, 0).expect("a pool");
    let mut market = Watched::new(pool);
    market.pool.buy(0, Money(500_000_000), FREE).expect("a buy");
    market.observe(LONG, smoothing).expect("prices");
    (market, Shares(funding.0))
}

const LONG: u64 = 10_000;

/// Nearly as far as a purchase may push a price.
const END: Price = Price(Price::ONE.0 / 1_000_000 * 999_998);

/// All liquidity but 700 base units leaves.
fn leave(market: &mut Watched<2>, supply: Shares) -> Shares {
    let gone = Shares(supply.0 - 700);
    market.pool.remove_liquidity(gone, supply).expect("an exit");
    Shares(700)
}

fn push(pool: &mut Pool<2>, outcome: usize, price: Price) -> Shares {
    let (order, trade) = pool
        .amount_until(outcome, price, FREE)
        .expect("an order")
        .expect("some shares");
    pool.execute(outcome, order, FREE).expect("a push");
    trade.shares
}

/// A sole provider takes nearly all liquidity out, pushes the price of what is left, which nobody
/// earns anything by answering, and waits for it to become slow: 483 of 500 were taken so.
#[test]
fn the_price_of_what_liquidity_is_left_weighs_little() {
    let smoothing = SlowPrice::new(100);
    for kind in [CurveKind::Lmsr, CurveKind::PmAmm] {
        let (mut market, supply) = stood(kind, smoothing);
        let before = market.pool.void_payouts().expect("payouts")[0];
        leave(&mut market, supply);
        push(&mut market.pool, 1, END);
        market.observe(LONG + 1_000, smoothing).expect("prices");
        let after = market.pool.void_payouts().expect("payouts")[0];
        // Ten time constants of a price near zero move it by a thousandth.
        assert!(
            before.0 - after.0 < Price::ONE.0 / 1_000,
            "{before} {after}"
        );
    }
}

/// Liquidity that came at even prices and went at one end, within a slot, froze a slow price: nothing
/// was left of the push but a residue in what counted as exposure, for which the price weighed 10⁻⁶.
#[test]
fn liquidity_of_a_moment_does_not_freeze_a_slow_price() {
    let smoothing = SlowPrice::new(100);
    for kind in [CurveKind::Lmsr, CurveKind::PmAmm] {
        let (calm, supply) = stood(kind, smoothing);
        let mut frozen = calm;
        let pool = &mut frozen.pool;
        let held = pool.sold[0];
        pool.sell(0, Shares(held), FREE).expect("even prices");
        let added = pool
            .add_liquidity(Money(900 * pool.cash), supply)
            .expect("liquidity");
        let pushed = push(pool, 0, END);
        let grown = Shares(supply.0 + added.shares.0);
        let removed = pool.remove_liquidity(added.shares, grown).expect("an exit");
        let sets = removed.returned[1].min(pushed.0);
        assert!(sets > 1_000 * held);
        pool.merge(Money(sets)).expect("money");
        let rest = pool.sold[0].min(pushed.0 + removed.returned[0] - sets);
        pool.sell(0, Shares(rest), FREE).expect("a sale");
        pool.buy_shares(0, Shares(held), FREE).expect("as before");

        let after_a_day = |mut market: Watched<2>| {
            market.observe(LONG + 25, smoothing).expect("prices");
            push(&mut market.pool, 1, Price(Price::ONE.0 / 4 * 3));
            market.observe(LONG + 225, smoothing).expect("prices");
            market.pool.void_payouts().expect("payouts")[1]
        };
        let (calm, frozen) = (after_a_day(calm), after_a_day(frozen));
        println!("{kind:?}: {calm} of itself, {frozen} after liquidity of a moment");
        assert!(calm.0 > Price::ONE.0 / 3 * 2);
        assert!(calm.0.abs_diff(frozen.0) < Price::ONE.0 / 10_000_000);
    }
}

/// The other way round, liquidity that came at one end and went at even prices gave the price of thin
/// liquidity its whole weight again.
#[test]
fn liquidity_of_a_moment_does_not_free_a_thin_price() {
    let smoothing = SlowPrice::new(100);
    for kind in [CurveKind::Lmsr, CurveKind::PmAmm] {
        let (mut market, supply) = stood(kind, smoothing);
        let before = market.pool.void_payouts().expect("payouts")[0];
        let supply = leave(&mut market, supply);
        let pool = &mut market.pool;
        let even = push(pool, 1, Price(1 << 62));
        let pushed = push(pool, 0, END);
        let added = pool
            .add_liquidity(Money(3_000_000_000_000), supply)
            .expect("liquidity");
        let sale = pushed.0 + added.returned[0];
        push(pool, 1, Price(1 << 62));
        let grown = Shares(supply.0 + added.shares.0);
        pool.remove_liquidity(added.shares, grown).expect("an exit");
        assert!(sale > 1_000_000 * even.0);
        push(pool, 1, END);
        market.observe(LONG + 1_000, smoothing).expect("prices");
        let after = market.pool.void_payouts().expect("payouts")[0];
        println!("{kind:?}: {before} before, {after} after");
        assert!(before.0 - after.0 < Price::ONE.0 / 1_000);
    }
}

/// How a price stands unanswered: beside interest that had long stood or is as fresh as can be, with
/// somebody who looks at the market all the time or nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Manner {
    is_fresh: bool,
    looks: u64,
}

/// However much of the liquidity is left, in a market of 720 time constants (30 days of an hour):
/// who pushes the price to its end and leaves it there moves what is paid in a void by no more than
/// a fortieth, unless whoever pushes it back earns a thousandth of what is at stake.
#[test]
fn moving_the_void_price_pays_those_who_move_it_back() {
    const TIME_CONSTANTS: u64 = 720;
    let smoothing = SlowPrice::new(100);
    let half = [Price(1 << 62); 2];
    let manners = [(false, 1), (true, 1), (true, 7_200)];
    for (kind, (is_fresh, looks)) in [CurveKind::Lmsr, CurveKind::PmAmm]
        .into_iter()
        .flat_map(|kind| manners.map(|manner| (kind, manner)))
    {
        let manner = Manner { is_fresh, looks };
        let (pool, funding) = open::<2>(kind, Money(1_000_000_000_000), &half, 0).expect("a pool");
        let mut market = Watched::new(pool);
        market.observe(LONG, smoothing).expect("prices");
        market
            .pool
            .buy(0, Money(500_000_000_000), FREE)
            .expect("a buy");
        let stake = market.pool.sold[0];
        let fair = market.pool.prices().expect("prices");
        let start = if is_fresh { LONG } else { 2 * LONG };
        market.observe(start, smoothing).expect("prices");
        market.pool.slow_prices = fair.map(|price| price.0);
        let before = market.pool.void_payouts().expect("payouts")[0];
        let mut most = (0.0, 0.0);
        for part in 1..400u64 {
            // What is left: from a millionth of all, by a twenty-fifth more each time.
            let left = (funding.0 as f64 * 1e-6 * 1.04f64.powi(part as i32)) as u64;
            if left >= funding.0 {
                break;
            }
            let mut pushed = market;
            pushed
                .pool
                .remove_liquidity(Shares(funding.0 - left), Shares(funding.0))
                .expect("removed");
            push(&mut pushed.pool, 1, END);
            // Who moves it back buys the other outcome up to its fair price.
            let answer = pushed.pool.amount_until(0, fair[0], FREE);
            let (_, answer) = answer.expect("an order").expect("some shares");
            let worth = answer.shares.0 as f64 * (fair[0].0 as f64 / Price::ONE.0 as f64);
            let earned = (worth - answer.cost.0 as f64) / stake as f64;
            for look in 1..=looks {
                let slot = start + TIME_CONSTANTS * 100 * look / looks;
                pushed.observe(slot, smoothing).expect("prices");
            }
            let after = pushed.pool.void_payouts().expect("payouts")[0];
            let moved = (before.0 - after.0) as f64 / Price::ONE.0 as f64;
            assert!(
                moved < 0.025 || earned > 0.001,
                "{kind:?} {manner:?} {moved} {earned}"
            );
            if earned < 0.001 {
                most = (moved, earned);
            }
        }
        println!(
            "{kind:?}, {manner:?}: moved by {} where an answer earns {}",
            most.0, most.1
        );
        assert!(most.0 > 0.0);
    }
}

/// Complete sets freeze a price only while they are held, and if with them more than 16 times the
/// depth is outstanding: at k times that a price has 1 / k² of its weight, once they stood.
#[test]
fn sets_freeze_a_price_for_as_long_as_their_money_is_in_them() {
    let smoothing = SlowPrice::new(100);
    let hold = |times: u64, time: u64| {
        let (mut market, _) = stood(CurveKind::Lmsr, smoothing);
        push(&mut market.pool, 1, Price(1 << 62));
        let sets = Money(times * 16 * market.pool.depth - market.pool.open_interest().0);
        market.pool.split(sets).expect("sets");
        market.observe(LONG + time, smoothing).expect("prices");
        let start = market.pool.slow_prices[0];
        push(&mut market.pool, 1, END);
        market.observe(LONG + time + 10, smoothing).expect("prices");
        let held = market.pool.slow_prices[0];
        market.pool.merge(sets).expect("money");
        market.observe(LONG + time + 20, smoothing).expect("prices");
        let weight = |before: u64, after: u64| 1.0 - after as f64 / before as f64;
        (
            weight(start, held),
            weight(held, market.pool.slow_prices[0]),
        )
    };
    // 1 − e^(−0.1)
    let whole = 0.095_16;
    println!("open interest over 16 depths, time constants, weight of 1/10, after merging");
    for (times, time, weight) in [
        (10, 0, 0.094_6),
        (1_000, 0, 0.001_94),
        (10, 100, 0.002_13),
        (3, 10_000, whole / 9.0),
        (10, 10_000, whole / 100.0),
        (100, 10_000, whole / 10_000.0),
    ] {
        let (held, merged) = hold(times, time);
        println!("{times}, {}, {held}, {merged}", time as f64 / 100.0);
        assert!(
            (held - weight).abs() < weight / 10.0,
            "{times} {time} {held}"
        );
        assert!((merged - whole).abs() < 1e-4, "{times} {time} {merged}");
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

    /// Any parts of a time at the prices that stood give the same where liquidity is thin too, while
    /// the interest rises to what is outstanding or has fallen to it; and what a simulation gives.
    #[test]
    fn thin_prices_compose(
        left in 1_000..1_000_000_000u64,
        fresh in 0..3_000u64,
        sold in 0..100u64,
        parts in prop::collection::vec(0..100u64, 1..200),
    ) {
        let smoothing = SlowPrice::new(1_000);
        let (mut whole, supply) = stood(CurveKind::Lmsr, smoothing);
        let held = whole.pool.sold[0];
        if left < supply.0 {
            let gone = Shares(supply.0 - left);
            prop_assume!(whole.pool.remove_liquidity(gone, supply).is_ok());
        }
        whole.interest = StandingInterest { observed_slot: LONG, ..StandingInterest::default() };
        whole.observe(LONG + fresh, smoothing).expect("prices");
        let part = held * sold / 100;
        whole.pool.split(Money(held)).expect("sets");
        whole.pool.merge(Money(part)).expect("money");
        push(&mut whole.pool, 1, END);
        let mut cut = whole;
        let start = LONG + fresh;
        let mut slot = start;
        for part in &parts {
            slot += part;
            cut.observe(slot, smoothing).expect("prices");
        }
        let before = whole;
        whole.observe(slot, smoothing).expect("prices");
        for (one, other) in whole.pool.slow_prices.iter().zip(&cut.pool.slow_prices) {
            prop_assert!(one.abs_diff(*other) < 1 << 20, "{} {}", one, other);
        }
        let depth = before.pool.depth as f64;
        let outstanding = before.pool.open_interest().0 as f64;
        let mut interest = before.interest.average as f64;
        let mut counted = 0.0;
        for _ in 0..(slot - start) * 10 {
            interest += (outstanding - interest) * 5e-5;
            let part = 16.0 * depth / interest.min(outstanding);
            counted += 1e-4 * part.min(1.0).powi(2);
            interest += (outstanding - interest) * 5e-5;
        }
        let spot = before.pool.prices().expect("prices")[0].0 as f64;
        let way = |market: &Watched<2>| market.pool.slow_prices[0] as f64 - spot;
        let expected = way(&before) * (-f64::min(counted, 700.0)).exp();
        let error = (way(&whole) - expected).abs() / Price::ONE.0 as f64;
        prop_assert!(error < 1e-4, "{} of {}", error, counted);
    }

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

/// A price that is near stays near while the slow price comes to it: so it is enough to look when it begins to stand.
#[test]
fn price_that_is_near_stays_near() {
    let part = |of: u64, parts: u64| (u128::from(of) * u128::from(parts) / 1_000) as u64;
    for slow in (0..=1_000)
        .step_by(7)
        .map(|parts| part(Price::ONE.0, parts))
    {
        let width = near_width(Price(slow), FAR_FLOOR);
        for price in [slow.saturating_sub(width), (slow + width).min(Price::ONE.0)] {
            assert!(!is_far(Price(price), Price(slow), FAR_FLOOR));
            for way in (0..=1_000).step_by(50) {
                let moved = part(slow, 1_000 - way) + part(price, way);
                // What rounding takes of a distance.
                let nearer = if price > slow {
                    price - 4_000
                } else {
                    price + 4_000
                };
                assert!(
                    !is_far(Price(nearer), Price(moved), FAR_FLOOR),
                    "{slow} {price} {way}"
                );
            }
        }
        let beyond = slow.saturating_add(width).saturating_add(1);
        assert!(is_far(Price(beyond), Price(slow), FAR_FLOOR));
    }
}

/// What is lent at a price is less than what is left of it where it is just not far below, and than what it was before
/// it stood just not far above for a time constant.
#[test]
fn what_is_near_leaves_what_is_lent() {
    const OPENING: f64 = 0.6;
    let part = near_width(Price(Price::ONE.0 / 2), Price(0)) as f64 / (Price::ONE.0 / 2) as f64;
    assert!(1.0 - part > OPENING);
    assert!(part.exp() * OPENING < 0.9);
}
