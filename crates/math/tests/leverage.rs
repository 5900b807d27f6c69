//! Loans against shares: against mpmath at 50 digits, and what must hold whatever the numbers.

use math::borrow_rates::grown_index;
use math::leverage::{diffusion_limit, is_surely_allowed, liquidation_value};
use math::{
    BasisPoints, BorrowRates, CurveKind, Fees, LeverageError, LoanTerms, MathError, Money, Order,
    Pool, Position, Price, Shares,
};
use proptest::prelude::*;

const MICRO: i128 = 1_000_000;

fn pool_in(kind: CurveKind, depth: u64, state: &[i64]) -> Pool<64> {
    let mut pool = Pool::EMPTY;
    pool.kind = kind as u8;
    pool.outcomes = state.len().try_into().expect("few outcomes");
    pool.depth = depth;
    pool.initial_depth = depth;
    pool.curve[..state.len()].copy_from_slice(state);
    pool.sold = [u64::MAX >> 2; 64];
    pool.cash = u64::MAX >> 1;
    pool
}

fn position(outcome: usize, shares: u64, fee: u16) -> Position {
    Position {
        outcome,
        shares: Shares(shares),
        fees: Fees::from(BasisPoints(fee)),
    }
}

/// Amounts are within a few base units of the value or debt that they answer to: `unit` is how much
/// money a base unit of debt is, and `step` how many shares one of value.
fn check_secured(kind: CurveKind, rows: &str) {
    let mut count = 0;
    for line in rows.lines().skip(1) {
        let fields: Vec<&str> = line.split(',').collect();
        let integer = |place: usize| fields[place].parse::<u64>().expect("an integer");
        let micro = |place: usize| {
            let digits = fields[place].replace('.', "");
            digits.parse::<i128>().expect("a decimal")
        };
        let state: Vec<i64> = fields[1]
            .split(' ')
            .map(|quantity| quantity.parse().expect("a quantity"))
            .collect();
        let outcome = usize::try_from(integer(2)).expect("an outcome");
        let (depth, shares) = (integer(0), integer(3));
        let (debt, part) = (Money(integer(4)), Money(integer(5)));
        let pool = pool_in(kind, depth, &state);
        let held = position(outcome, shares, 0);
        // Values err by up to 2⁻⁴⁹ of depth and spread, in so many millionths of a base unit.
        let error = |unit: i128| unit / 8 + unit * i128::from(depth) / 10_000_000_000_000;

        let money = match pool.opposing_money(held, debt) {
            Ok(money) => i128::from(money.0) * MICRO,
            // A base unit is all that lies between.
            Err(LeverageError::UnderWater) => 0,
            Err(error) => panic!("{error}: {line}"),
        };
        let below = micro(6) - money;
        let most = 2 * MICRO + error(micro(7)) + i128::from(depth) / 20_000_000;
        assert!((-1..=most).contains(&below), "{below} of {most}: {line}");

        let sale = pool.shares_for(held, part).expect("shares");
        let above = i128::from(sale.0) * MICRO - micro(8);
        let most = 2 * MICRO + error(micro(9));
        assert!((-1..=most).contains(&above), "{above} of {most}: {line}");
        count += 1;
    }
    assert_eq!(count, 1_000);
}

#[test]
fn lmsr_closed_forms_are_exact() {
    check_secured(CurveKind::Lmsr, include_str!("vectors/lmsr_secured.csv"));
}

#[test]
fn pm_amm_closed_forms_are_exact() {
    check_secured(CurveKind::PmAmm, include_str!("vectors/pm_amm_secured.csv"));
}

#[test]
fn diffusion_limit_is_exact() {
    for line in include_str!("vectors/diffusion.csv").lines().skip(1) {
        let row: Vec<u64> = line
            .split(',')
            .map(|n| n.parse().expect("a number"))
            .collect();
        let deviations = row[3].try_into().expect("few");
        let limit = diffusion_limit(Price(row[0]), row[1], row[2], deviations).expect("a limit");
        let below = row[4].checked_sub(limit.0).expect("rounded down");
        // 2⁻⁴³ of what is lost, which is below one where anything is left.
        assert!(below <= 1 << 20, "{below}: {line}");
    }
}

#[test]
fn rates_and_indices_are_exact() {
    for line in include_str!("vectors/borrow_rates.csv").lines().skip(1) {
        let row: Vec<u128> = line
            .split(',')
            .map(|n| n.parse().expect("a number"))
            .collect();
        let rate = |place: usize| BasisPoints(row[place].try_into().expect("a rate"));
        let word = |place: usize| u64::try_from(row[place]).expect("a word");
        let rates = BorrowRates {
            idle: rate(0),
            at_kink: rate(1),
            full: rate(2),
            kink: rate(3),
        };
        let yearly = rates
            .yearly(Money(word(4)), Money(word(5)))
            .expect("a rate");
        let above = yearly.0.checked_sub(word(8)).expect("rounded up");
        // Near the kink a step of the part lent is many of the rate.
        assert!(
            above <= 4 + (1 << 16) / u64::from(rates.kink.0),
            "{above}: {line}"
        );
        let grown = grown_index(row[6], yearly, word(7)).expect("an index");
        let above = grown.checked_sub(row[9]).expect("rounded up");
        assert!(above <= row[6] >> 40, "{above}: {line}");
    }
}

#[test]
fn an_index_grows_by_the_rate() {
    let one = 1u128 << 64;
    let half = Price(1 << 62);
    assert_eq!(grown_index(one, half, 31_536_000), Ok(one + (one >> 1)));
    assert_eq!(grown_index(one, half, 0), Ok(one));
    assert_eq!(grown_index(one, Price::ZERO, 1 << 40), Ok(one));
    assert_eq!(grown_index(u128::MAX, half, 1), Err(MathError::Overflow));
}

#[test]
fn rates_that_fall_are_refused() {
    let rates = |rates: [u16; 4]| {
        let [idle, at_kink, full, kink] = rates.map(BasisPoints);
        BorrowRates {
            idle,
            at_kink,
            full,
            kink,
        }
    };
    let usual = rates([200, 1_000, 10_000, 8_000]);
    let (of, cash) = (Money(80), Money(20));
    let percent = |rate: Price| (rate.0 + (1 << 40)) / (Price::ONE.0 / 10_000);
    assert_eq!(usual.yearly(of, cash).map(percent), Ok(1_000));
    assert_eq!(usual.yearly(Money(0), Money(0)).map(percent), Ok(200));
    assert_eq!(usual.yearly(of, Money(0)).map(percent), Ok(10_000));
    for refused in [
        [201, 200, 300, 8_000],
        [0, 400, 300, 8_000],
        [0, 1, 10_001, 8_000],
        [0, 1, 2, 0],
        [0, 1, 2, 10_000],
    ] {
        assert_eq!(
            rates(refused).yearly(of, cash),
            Err(MathError::OutsideDomain)
        );
    }
}

#[test]
fn terms_close_towards_the_end() {
    let terms = LoanTerms {
        opening: BasisPoints(6_000),
        maintenance: BasisPoints(7_500),
        decay_seconds: 3 * 3_600,
        latency_seconds: 60,
        opening_deviations: 8,
        maintenance_deviations: 8,
    };
    let at = |left: u64| {
        let opening = terms.opening_at(Price(1 << 62), left).expect("terms");
        let maintenance = terms.maintenance_at(Price(1 << 62), left).expect("terms");
        (opening.0 >> 40, maintenance.0 >> 40)
    };
    let part = |parts: u64| (parts << 23) / 10_000;
    // 1 − 8 · 2 φ(0) √(60 / 86400) is 0.8318, above both.
    assert_eq!(at(86_400), (part(6_000), part(7_500)));
    // With half the decay left the diffusion leaves 0.3271, less than half the maintenance.
    let (opening, maintenance) = at(3 * 1_800);
    assert_eq!(opening, part(3_000));
    assert!((part(3_270)..part(3_280)).contains(&maintenance));
    // With an hour left 95 % of it are less than what is left of the opening's own.
    let (opening, maintenance) = at(3_600);
    assert!(opening.abs_diff(maintenance * 95 / 100) <= 1 && opening < part(2_000));
    assert_eq!(at(60), (0, 0));
    assert_eq!(at(0), (0, 0));
    for price in [Price::ZERO, Price::ONE] {
        assert_eq!(
            terms.opening_at(price, 86_400),
            Err(LeverageError::PriceOutOfRange)
        );
    }
}

#[test]
fn l2_shares_secure_nothing() {
    let pool = pool_in(CurveKind::L2, 1_000_000, &[64_000_000; 4]);
    let held = position(0, 1_000, 0);
    assert_eq!(pool.sale_value(held), Err(LeverageError::NotOffered));
    assert_eq!(
        pool.opposing_money(held, Money(1)),
        Err(LeverageError::NotOffered)
    );
    assert_eq!(
        pool.shares_for(held, Money(1)),
        Err(LeverageError::NotOffered)
    );
}

#[test]
fn targets_above_what_the_reward_leaves_are_refused() {
    let [half, tenth] = [Price(1 << 62), Price::ratio(1, 10).expect("a price")];
    let sale = |debt: u64, target, reward| {
        liquidation_value(Money(1_000), Money(debt), target, reward).map(|money| money.0)
    };
    assert_eq!(sale(600, half, tenth), Ok(250));
    assert_eq!(sale(500, half, tenth), Ok(0));
    assert_eq!(sale(499, half, tenth), Ok(0));
    assert_eq!(sale(900, half, tenth), Ok(1_000));
    assert_eq!(sale(2_000, half, tenth), Ok(1_000));
    for (target, reward) in [
        (half, half),
        (Price::ONE, Price::ZERO),
        (Price::ZERO, tenth),
    ] {
        assert_eq!(
            sale(600, target, reward),
            Err(LeverageError::TargetOutOfRange)
        );
    }
}

fn any_pool() -> impl Strategy<Value = Pool<64>> {
    let lmsr = (
        1_000_000u64..1_000_000_000_000,
        prop::collection::vec(0.0f64..3.0, 2..6),
    )
        .prop_map(|(depth, reach)| {
            let state: Vec<i64> = reach.iter().map(|r| (r * depth as f64) as i64).collect();
            pool_in(CurveKind::Lmsr, depth, &state)
        });
    let pm_amm = (1_000_000u64..1_000_000_000_000, 100u64..9_900).prop_map(|(depth, price)| {
        let mut pool = Pool::EMPTY;
        let prior = [price, 10_000 - price].map(|part| Price::ratio(part, 10_000).expect("a part"));
        pool.open(CurveKind::PmAmm, Money(depth), &prior, 0)
            .expect("a pool");
        pool.sold = [u64::MAX >> 2; 64];
        pool.cash = u64::MAX >> 1;
        pool
    });
    prop_oneof![lmsr, pm_amm]
}

/// Buys the outcome's opposite for no more than so much money.
fn oppose(pool: &mut Pool<64>, outcome: usize, money: u64) {
    let (mut low, mut high) = (0u64, 1 << 60);
    while high > low + 1 {
        let middle = low.midpoint(high);
        let sale = pool.quote(outcome, Order::Sell(Shares(middle)), Fees::default());
        match sale {
            Ok(sale) if middle - sale.cost.0 <= money => low = middle,
            _ => high = middle,
        }
    }
    if low > 0 {
        let before = pool.sold[outcome];
        pool.execute(outcome, Order::Sell(Shares(low)), Fees::default())
            .expect("a sale");
        pool.sold[outcome] = before;
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// A position is worth no less than its debt up to that money, and less just after it.
    #[test]
    fn opposing_money_is_where_the_debt_goes_under(
        pool in any_pool(), size in 0.001f64..0.5, part in 0.05f64..0.95, fee in 0u16..200,
    ) {
        let shares = (pool.depth as f64 * size) as u64;
        let held = position(0, shares, fee);
        let value = pool.sale_value(held).expect("a value").0;
        prop_assume!(value > 1_000);
        let debt = (value as f64 * part) as u64;
        let money = pool.opposing_money(held, Money(debt)).expect("money").0;
        let value_after = |money: u64| {
            let mut pool = pool;
            oppose(&mut pool, 0, money);
            pool.sale_value(held).expect("a value").0
        };
        prop_assert!(value_after(money) + 3 >= debt);
        prop_assert!(value_after(money + money / 100 + 1_000) <= debt);
    }

    /// The shortcut past the quantile never says more than the limit, and what may be owed is the same with it.
    #[test]
    fn what_is_surely_allowed_is_below_the_limit(
        price in 1_000u64..u64::MAX >> 1, latency in 1u64..3_600, left in 0u64..10_000_000, deviations in 1u16..20,
        part in 0u64..=1 << 63,
    ) {
        let price = Price(price.min(Price::ONE.0 - 1_000));
        let limit = diffusion_limit(price, latency, left, deviations).expect("a limit");
        if is_surely_allowed(Price(part), price, latency, left, deviations) {
            // The limit is rounded down by 2⁻⁴⁴ of what it takes off.
            prop_assert!(part <= limit.0.saturating_add(1 << 20), "{part} {limit}");
        }
        let terms = LoanTerms {
            opening: BasisPoints(6_000),
            maintenance: BasisPoints(7_500),
            decay_seconds: 0,
            latency_seconds: latency,
            opening_deviations: deviations,
            maintenance_deviations: deviations,
        };
        let own = BasisPoints(7_500).to_price();
        let most = terms.maintenance_at(price, left).expect("a part").0;
        prop_assert!(most.abs_diff(own.min(limit).0) <= 1 << 24);
    }

    /// A liquidation leaves the debt at the target of what is left, to rounding, and no fewer shares do.
    #[test]
    fn a_liquidation_restores_the_target(
        pool in any_pool(), size in 0.001f64..0.5, part in 0.56f64..0.96, fee in 0u16..200,
    ) {
        let shares = (pool.depth as f64 * size) as u64;
        let held = position(0, shares, fee);
        let value = pool.sale_value(held).expect("a value").0;
        prop_assume!(value > 1_000);
        let debt = (value as f64 * part) as u64;
        let [target, reward] = [55, 3].map(|part| Price::ratio(part, 100).expect("a part"));
        let due = liquidation_value(Money(value), Money(debt), target, reward).expect("a sale");
        prop_assert!(due > Money(0) && due.0 <= value);
        let sale = pool.shares_for(held, due).expect("shares");
        prop_assert!(sale.0 <= shares);
        let fees = held.fees;
        let mut after = pool;
        let trade = after.execute(0, Order::Sell(sale), fees).expect("a sale");
        let returned = trade.cost.0 - trade.fee.0;
        prop_assert!(returned + 2 >= due.0);
        prop_assert!(returned <= due.0 + 4 || due.0 == value, "{returned} for {}", due.0);
        if debt * 100 < value * 97 && sale.0 < shares {
            let left = Position { shares: Shares(shares - sale.0), ..held };
            let value_left = after.sale_value(left).expect("a value").0 as f64;
            let debt_left = debt as f64 - 0.97 * returned as f64;
            prop_assert!((debt_left - 0.55 * value_left).abs() < 6.0 + 1e-9 * value_left);
        }
        if sale.0 > 1_000 {
            let fewer = Position { shares: Shares(sale.0 - sale.0 / 100), ..held };
            prop_assert!(pool.sale_value(fewer).expect("a value").0 <= due.0);
        }
    }
}
