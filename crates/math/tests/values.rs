//! Known values, units, payouts, the vault's shares and the arithmetic of `Real`.

mod common;

use common::{open, Trading};
use math::micro_tau::depth_at_step;
use math::payout::{linear_payouts, scalar_bin};
use math::vault::{
    assets_for_shares, cash_for_withdrawals, dispute_bond, is_ruined, least_staying,
    shares_for_deposit, split_fee, LEAST_STAYING,
};
use math::wide::{divide_ceil, scale_ceil};
use math::{
    covered_payouts, liability, payout, BasisPoints, CurveKind, Lmsr, MathError, MicroTau, Money,
    Order, PmAmm, Price, Real, Shares, L2,
};
use proptest::prelude::*;

const FREE: BasisPoints = BasisPoints(0);

#[test]
fn lmsr_has_the_published_values() {
    // b = 100, 100 shares of one of two outcomes: 62.01145069582775246.
    let even = Lmsr::new(Money(10_000_000_000_000), &[0, 0]).expect("a market");
    let trade = even
        .quote(0, Order::Buy(Shares(10_000_000_000_000)), FREE.into())
        .expect("a buy");
    assert_eq!(trade.cost, Money(6_201_145_069_583));
    // ln 3 = 1.098612288668109691
    let third = Price(Price::ONE.0 / 3);
    let (pool, funding) =
        open::<3>(CurveKind::Lmsr, Money(1_000_000_000_000), &[third; 3], 0).expect("a pool");
    assert_eq!(funding.0 - math::pool::ROUNDING_RESERVE, 1_098_612_288_669);
    assert_eq!(pool.curve, [0; 3]);
}

#[test]
fn lmsr_loses_at_most_the_logarithm_of_the_least_price() {
    // ln 64 = 4.158883083359671857
    let prior = [Price(Price::ONE.0 / 64), Price(Price::ONE.0 / 64 * 63)];
    let (_, funding) =
        open::<2>(CurveKind::Lmsr, Money(1_000_000_000_000), &prior, 0).expect("a pool");
    assert_eq!(funding.0 - math::pool::ROUNDING_RESERVE, 4_158_883_083_360);
}

#[test]
fn l2_has_the_values_of_its_closed_forms() {
    // 16 bins, k = 10¹²: opening quantities of k / 4, computed with mpmath.
    let (mut pool, funding) = open::<16>(
        CurveKind::L2,
        Money(1_000_000_000_000),
        &[Price(Price::ONE.0 / 16); 16],
        0,
    )
    .expect("a pool");
    let loss = funding.0 - math::pool::ROUNDING_RESERVE;
    assert!(
        (750_000_000_000..=750_000_000_001).contains(&loss),
        "{loss}"
    );
    let curve = L2::new(&pool.curve).expect("a curve");
    // √(k² + s (2x + s)) − k = 29563014098.7
    let bought = curve.buy_shares(0, Shares(100_000_000_000), FREE.into());
    assert_eq!(bought.expect("a buy").cost, Money(29_563_014_099));
    // √(x² + c (2k + c)) − x = 272015325445.5
    let bought = curve.buy(0, Money(100_000_000_000), FREE.into());
    assert_eq!(bought.expect("a buy").shares, Shares(272_015_325_445));
    // The prices of a set sum to √N, and a set of every bin costs at least what it is worth.
    let mut cost = 0;
    for outcome in 0..16 {
        let trade = pool.buy_shares(outcome, Shares(1_000_000), FREE);
        cost += trade.expect("a buy").cost.0;
    }
    assert!((4_000_000..4_000_100).contains(&cost), "{cost}");
    let refused = pool.sell(0, Shares(1_000_001), FREE);
    assert_eq!(refused, Err(MathError::MoreThanSold));
}

#[test]
fn pm_amm_opens_with_the_published_value_of_its_reserves() {
    // x = y = L φ(0), and V = L φ(z) in all.
    let (pool, _) = open::<2>(
        CurveKind::PmAmm,
        Money(1_000_000_000_000),
        &[Price(1 << 62); 2],
        0,
    )
    .expect("a pool");
    assert_eq!(pool.curve, [398_942_280_402; 2]);
    let above_curve = |reserve| {
        PmAmm::new(Money(1_000_000_000_000), [Shares(reserve); 2])
            .and_then(|curve| curve.above_curve())
    };
    assert_eq!(above_curve(398_942_280_402), Ok(0));
    assert_eq!(above_curve(398_942_280_401), Ok(-1));
    assert_eq!(above_curve(500_000_000_000), Ok(101_057_719_598));
}

#[test]
fn a_price_prints_twelve_digits() {
    for (price, text) in [
        (Price::ZERO, "0.000000000000"),
        (Price::ONE, "1.000000000000"),
        (Price(1 << 62), "0.500000000000"),
        (Price(Price::ONE.0 - 1), "1.000000000000"),
        (Price(Price::ONE.0 / 3), "0.333333333333"),
        (Price(Price::ONE.0 / 3 * 2), "0.666666666667"),
        // 2⁻¹³ = 0.0001220703125, a tie: the even digit.
        (Price(1 << 50), "0.000122070312"),
        (Price(3 << 50), "0.000366210938"),
    ] {
        assert_eq!(price.to_string(), text);
    }
    assert_eq!(Price::ratio(1, 4), Ok(Price(1 << 61)));
    assert_eq!(Price::ratio(5, 4), Err(MathError::OutsideDomain));
    assert_eq!(Price::ratio(0, 0), Err(MathError::OutsideDomain));
}

#[test]
fn depth_falls_with_the_root_of_the_time_left() {
    let schedule = MicroTau {
        opens_at: 1_000,
        locks_at: 3_048,
    };
    let depth = |seconds| {
        schedule
            .step(seconds)
            .and_then(|step| depth_at_step(Money(1_000_000), step))
    };
    assert_eq!(depth(0), Ok(Money(1_000_000)));
    assert_eq!(depth(1_001), Ok(Money(1_000_000)));
    assert_eq!(depth(1_002), Ok(Money(999_511)));
    // A quarter of the time left: half the depth.
    assert_eq!(depth(1_000 + 1_536), Ok(Money(500_000)));
    assert_eq!(depth(3_047), Ok(Money(31_250)));
    assert_eq!(depth(i64::MAX), Ok(Money(31_250)));
    let empty = MicroTau {
        opens_at: 7,
        locks_at: 7,
    };
    assert_eq!(empty.step(7), Err(MathError::EmptySchedule));
    assert_eq!(
        depth_at_step(Money(5), 1_024),
        Err(MathError::OutsideDomain)
    );
    assert_eq!(depth_at_step(Money(5), 1_023), Ok(Money(1)));
}

#[test]
fn a_winner_takes_all() {
    let payouts = [Price::ZERO, Price::ONE, Price::ZERO];
    let sold = [u64::MAX, 10, u64::MAX];
    assert_eq!(liability(&sold, &payouts), Ok(Money(10)));
    assert_eq!(payout(&sold, &payouts), Ok(Money(10)));
    let thirds = [Price(Price::ONE.0 / 3); 3];
    assert_eq!(liability(&[1, 1, 0], &thirds), Ok(Money(1)));
    assert_eq!(payout(&[1, 1, 0], &thirds), Ok(Money(0)));
    // Of a void L2 market.
    assert_eq!(liability(&[7, 7], &[Price::ONE, Price::ONE]), Ok(Money(14)));
    assert_eq!(
        liability(&[0, 0], &[Price::ONE, Price(Price::ONE.0 + 1)]),
        Err(MathError::PayoutAboveOne)
    );
    assert_eq!(
        payout(&[u64::MAX; 4], &[Price::ONE; 4]),
        Err(MathError::Overflow)
    );
}

#[test]
fn a_scalar_pays_its_bin_or_its_part() {
    let bin = |value| scalar_bin(value, -100, 100, 8);
    assert_eq!(bin(-100), Ok(0));
    assert_eq!(bin(-76), Ok(0));
    assert_eq!(bin(-75), Ok(1));
    assert_eq!(bin(99), Ok(7));
    assert_eq!(bin(100), Ok(7));
    assert_eq!((bin(i64::MIN), bin(i64::MAX)), (Ok(0), Ok(7)));
    assert_eq!(scalar_bin(0, i64::MIN, i64::MAX, 64), Ok(32));
    assert_eq!(scalar_bin(0, 5, 5, 8), Err(MathError::EmptyRange));
    assert_eq!(scalar_bin(0, 0, 5, 0), Err(MathError::EmptyRange));

    assert_eq!(
        linear_payouts(50, 0, 200),
        Ok([Price(1 << 61), Price(3 << 61)])
    );
    assert_eq!(linear_payouts(-1, 0, 200), Ok([Price::ZERO, Price::ONE]));
    assert_eq!(linear_payouts(201, 0, 200), Ok([Price::ONE, Price::ZERO]));
    let thirds = linear_payouts(1, 0, 3).expect("payouts");
    assert_eq!(thirds[0].0 + thirds[1].0, Price::ONE.0 - 1);
    assert_eq!(
        linear_payouts(i64::MAX, i64::MIN, i64::MAX),
        Ok([Price::ONE, Price::ZERO])
    );
    assert_eq!(linear_payouts(0, 3, 3), Err(MathError::EmptyRange));
}

#[test]
fn a_bond_is_a_share_of_the_open_interest_or_the_floor() {
    let bond = |interest| dispute_bond(Money(interest), BasisPoints(50), Money(1_000));
    assert_eq!(bond(0), Ok(Money(1_000)));
    assert_eq!(bond(200_000), Ok(Money(1_000)));
    assert_eq!(bond(200_001), Ok(Money(1_001)));
    assert_eq!(
        dispute_bond(Money(u64::MAX), BasisPoints(20_000), Money(0)),
        Err(MathError::Overflow)
    );
}

#[test]
fn a_donation_does_not_steal_the_first_deposits() {
    // The attacker owns one unit's shares and raises the equity to just below two deposits.
    let attacker = shares_for_deposit(Money(1), Shares(0), Money(0)).expect("shares");
    let equity = Money(1 + 1_000_000_000);
    let victim = shares_for_deposit(Money(999_999_999), attacker, equity).expect("shares");
    let supply = Shares(attacker.0 + victim.0);
    let cash = Money(equity.0 + 999_999_999);
    let taken = assets_for_shares(attacker, supply, cash).expect("assets");
    assert!(taken.0 < 1_000_000_000, "the attack pays: {taken:?}");
    let kept = assets_for_shares(victim, supply, cash).expect("assets");
    assert!(kept.0 > 990_000_000, "the victim loses: {kept:?}");
}

#[test]
fn withdrawals_that_wait_are_covered() {
    let cash = |requested, supply, equity| {
        cash_for_withdrawals(Shares(requested), Shares(supply), Money(equity))
    };
    // 500,000 · (10 + 1) / (1,999,000 + 1,000) = 2.75
    assert_eq!(cash(500_000, 1_999_000, 10), Ok(Money(3)));
    assert_eq!(cash(1_000_000, 2_000_000, 1_000), Ok(Money(501)));
    assert_eq!(
        cash(1_997_999, 2_000_000, 1_000),
        Ok(Money(1_000)),
        "too few stay"
    );
    assert_eq!(cash(1_997_998, 2_000_000, 1_000_000), Ok(Money(998_501)));
    assert_eq!(cash(1, 1, 10), Ok(Money(10)), "nobody else is left");
    assert_eq!(cash(0, 1_000, 10), Ok(Money(0)));
    assert_eq!(cash(0, 0, 10), Ok(Money(0)), "nobody is");
    assert_eq!(cash(1, u64::MAX, 0), Ok(Money(0)));
    // (2⁶⁴ − 1 − 10⁶) · 2⁶⁴ / (2⁶⁴ + 999) = 2⁶⁴ − 1,001,000 and a little
    assert_eq!(
        cash(u64::MAX - 1_000_000, u64::MAX, u64::MAX),
        Ok(Money(u64::MAX - 1_000_998))
    );
    assert_eq!(cash(2, 1, 10), Err(MathError::MoreThanSold));
}

#[test]
fn shares_that_stay_are_a_thousandth_or_a_million() {
    for (supply, staying) in [
        (0, 1),
        (1, 1),
        (999, 1),
        (1_000, 2),
        (2_000_000, 2_001),
        (999_998_999, 999_999),
        (999_999_000, LEAST_STAYING.0),
        (u64::MAX, LEAST_STAYING.0),
    ] {
        assert_eq!(least_staying(Shares(supply)), Shares(staying), "{supply}");
    }
}

#[test]
fn a_share_of_nothing_buys_too_many() {
    let shares = |amount| shares_for_deposit(Money(amount), Shares(10_000_000_000_000), Money(0));
    assert_eq!(shares(1_000_000), Ok(Shares(10_000_000_001_000_000_000)));
    assert_eq!(shares(2_000_000), Err(MathError::Overflow));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_deposit_withdrawn_never_profits(
        amount in 1..u64::from(u32::MAX),
        supply in 0..u64::from(u32::MAX) * 1_000,
        equity in 0..u64::from(u32::MAX),
    ) {
        if let Ok(shares) = shares_for_deposit(Money(amount), Shares(supply), Money(equity)) {
            let back = assets_for_shares(shares, Shares(supply + shares.0), Money(equity + amount))
                .expect("assets");
            prop_assert!(back.0 <= amount);
        }
    }

    #[test]
    fn cash_for_withdrawals_covers_the_high_estimate(supply: u64, part: u64, equity: u64) {
        let (requested, supply, equity) = (Shares(part.min(supply)), Shares(supply), Money(equity));
        let kept = cash_for_withdrawals(requested, supply, equity).expect("cash");
        let due = assets_for_shares(requested, supply, equity).expect("assets");
        prop_assert!(due <= kept && kept <= equity);
        prop_assert!(kept.0 - due.0 <= 1 || supply.0 - requested.0 < least_staying(supply).0);
    }

    #[test]
    fn the_parts_of_a_fee_sum_to_it(fee: u64, protocol in 0..=10_000u16, operator in 0..=10_000u16) {
        match split_fee(Money(fee), BasisPoints(protocol), BasisPoints(operator)) {
            Ok(parts) => prop_assert_eq!(
                u128::from(parts.liquidity.0) + u128::from(parts.protocol.0) + u128::from(parts.operator.0),
                u128::from(fee)
            ),
            Err(error) => {
                prop_assert_eq!(error, MathError::SplitAboveWhole);
                prop_assert!(protocol + operator > 10_000);
            }
        }
    }

    #[test]
    fn a_rate_is_rounded_as_it_says(rate in 0..=10_000u16, amount: u64) {
        let exact = u128::from(amount) * u128::from(rate);
        prop_assert_eq!(u128::from(BasisPoints(rate).of_floor(amount).unwrap()), exact / 10_000);
        prop_assert_eq!(u128::from(BasisPoints(rate).of_ceil(amount).unwrap()), exact.div_ceil(10_000));
        let one = u128::from(rate) << 63;
        prop_assert_eq!(u128::from(BasisPoints(rate).to_price().0), one / 10_000);
        prop_assert_eq!(u128::from(BasisPoints(rate).to_price_ceil().0), one.div_ceil(10_000));
    }

    /// Whatever came, and whatever the market says: the shares are paid no more than that, each outcome's rounded
    /// down, and what the market says wherever it came.
    #[test]
    fn shares_are_paid_out_of_what_came_for_them(
        shares in [0..1u64 << 60, 0..1u64 << 60, 0..9u64], parts: [u32; 3], received in prop_oneof![0..1u64 << 62, 0..9u64],
        is_known: bool, is_enough: bool,
    ) {
        let whole = parts.iter().copied().map(u64::from).sum::<u64>().max(1);
        let says = parts.map(|part| Price::ratio(part.into(), whole).unwrap());
        let owed = payout(&shares, &says).unwrap().0;
        let received = if is_enough { received.max(owed) } else { received };
        let payouts = covered_payouts(is_known.then_some(says), Money(received), &shares);
        let paid = shares.iter().zip(payouts).map(|(shares, price)| payout(&[*shares], &[price]).unwrap().0);
        prop_assert!(paid.sum::<u64>() <= received);
        if is_known && owed <= received {
            prop_assert_eq!(payouts, says);
        }
    }

    #[test]
    fn quotients_are_rounded_up(
        numerator: u128, denominator in prop_oneof![1..=u128::MAX, 1..=1u128 << 64, 1..=9u128],
        amount: u64, times: u32, parts: u32, multiple: u64,
    ) {
        prop_assert_eq!(divide_ceil(numerator, denominator), Ok(numerator.div_ceil(denominator)));
        let exact = u128::from(multiple) * u128::from(amount);
        prop_assert_eq!(divide_ceil(exact, u128::from(amount).max(1)), Ok(exact.div_ceil(u128::from(amount).max(1))));
        let parts = u64::from(parts).max(1);
        let scaled = (u128::from(amount) * u128::from(times)).div_ceil(parts.into());
        prop_assert_eq!(scale_ceil(amount, times.into(), parts), Ok(scaled));
        prop_assert_eq!(divide_ceil(numerator, 0), Err(MathError::DivisionByZero));
        prop_assert_eq!(scale_ceil(amount, 1, 0), Err(MathError::DivisionByZero));
    }

    /// Against exact integers: sums and products of 62-bit numbers, in 128 bits.
    #[test]
    fn arithmetic_is_within_its_bound(a in -(1i64 << 62)..1 << 62, b in -(1i64 << 62)..1 << 62, shift in 0..62) {
        let (a, b) = (a >> shift, b >> (61 - shift));
        let (x, y) = (Real::from_i64(a), Real::from_i64(b));
        prop_assert!(is_near(x * y, i128::from(a) * i128::from(b)));
        prop_assert!(is_near(x + y, i128::from(a) + i128::from(b)));
        prop_assert!(is_near(x - y, i128::from(a) - i128::from(b)));
        prop_assert_eq!(x.cmp(&y), a.cmp(&b));
        if b != 0 {
            prop_assert!(is_near(x.divide(y).unwrap() * y, i128::from(a)));
        }
    }

    #[test]
    fn differences_of_near_numbers_are_exact(a in 1u64 << 63..=u64::MAX, b in 1u64 << 63..=u64::MAX, halve: bool) {
        // b / 2 and a, within a factor of four: twice the difference is an integer of 65 bits.
        let (x, y) = (Real::from_u64(a), Real::from_u64(b).shifted(-i64::from(halve)));
        let twice = 2 * i128::from(a) - i128::from(b) * if halve { 1 } else { 2 };
        let difference = x - y;
        if twice.unsigned_abs() < 1 << 64 {
            let (negative, mantissa, exponent) = difference.shifted(1).parts();
            let magnitude = if mantissa == 0 { 0 } else { u128::from(mantissa) >> -exponent };
            prop_assert_eq!(magnitude, twice.unsigned_abs());
            prop_assert_eq!(negative, twice < 0);
        }
    }

    #[test]
    fn floors_and_ceilings_bracket(numerator: i64, denominator in 1..u64::MAX) {
        let value = Real::from_i64(numerator).divide(Real::from_u64(denominator)).unwrap();
        let (floor, ceil) = (value.floor().unwrap(), value.ceil().unwrap());
        prop_assert!(Real::from_i64(floor) <= value && value <= Real::from_i64(ceil));
        prop_assert!(ceil - floor <= 1);
    }
}

/// Within 2⁻⁵⁸ of the exact value, relatively.
fn is_near(value: Real, exact: i128) -> bool {
    let (negative, mantissa, exponent) = value.parts();
    let magnitude = if exponent >= 0 {
        u128::from(mantissa) << exponent
    } else {
        u128::from(mantissa) >> -exponent
    };
    let signed = if negative {
        -(magnitude as i128)
    } else {
        magnitude as i128
    };
    signed.abs_diff(exact) <= (exact.unsigned_abs() >> 58) + u128::from(exponent < 0)
}

#[test]
fn a_vault_that_lost_everything_is_ruined_and_no_other() {
    let billion = Shares(1_000_000_000);
    assert!(!is_ruined(Shares(0), Money(0)));
    assert!(is_ruined(Shares(1), Money(0)));
    assert!(!is_ruined(Shares(1), Money(1)));
    assert!(!is_ruined(billion, Money(1)));
    assert!(is_ruined(Shares(2 * billion.0), Money(1)));
    // While it is not, deposits of any usual size are possible.
    let deposit = shares_for_deposit(Money(1_000_000_000), billion, Money(1));
    assert!(deposit.is_ok());
}
