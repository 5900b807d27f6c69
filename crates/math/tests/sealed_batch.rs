//! Bonds of sealed orders against closed values and against the option that they pay for, and crossings of
//! two sides under random stakes.

use math::{
    sealed_batch::{bond_part, cross, next_claim, GREATEST_BOND},
    Money, Price,
};
use proptest::{
    prelude::Rng,
    test_runner::{RngAlgorithm, TestRng},
};

fn ratio(parts: u64) -> Price {
    Price::ratio(parts, 1_000).unwrap()
}

fn float(price: Price) -> f64 {
    price.0 as f64 / Price::ONE.0 as f64
}

#[test]
fn bonds_are_what_the_formula_says() {
    // 0.6 · φ(Φ⁻¹(p)) · √(W / τ) / min(p, 1 − p), with mpmath.
    for (parts, window, left, expected) in [
        (500, 300, 86_400, 0.028_209_479_177_387_815),
        (500, 300, 14_400, 0.069_098_829_894_267_09),
        (300, 300, 14_400, 0.100_370_212_201_828_65),
        (700, 300, 14_400, 0.100_370_212_201_828_65),
        (100, 300, 86_400, 0.062_048_030_298_194_49),
    ] {
        let part = float(bond_part(ratio(parts), window, left).unwrap());
        assert!((part - expected).abs() < 1e-10, "{parts} {part}");
    }
    for price in [Price::ZERO, Price::ONE] {
        assert!(bond_part(price, 300, 86_400).is_err());
    }
    assert!(bond_part(ratio(500), 300, 0).is_err());
    assert_eq!(bond_part(ratio(1), 300, 1), Ok(Price::ONE));
    assert!((float(GREATEST_BOND) - 0.15).abs() < 1e-15);
}

/// Whoever never reveals loses more than the option was worth; whoever reveals when the loss is greater than
/// the bond keeps less than half of what it would be worth without one.
#[test]
fn bond_is_more_than_the_option_is_worth() {
    let mut random = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    const PATHS: u32 = 100_000;
    for parts in [150u32, 300, 500, 800] {
        let (window, left) = (300u64, 86_400u64);
        let p = f64::from(parts) / 1_000.0;
        let bond = float(bond_part(ratio(parts.into()), window, left).unwrap());
        let (mut option, mut kept) = (0.0, 0.0);
        let z = quantile(p);
        for _ in 0..PATHS {
            // Of the motion over the window, and the chance after it.
            let (u, v) = (unit(&mut random), unit(&mut random));
            let normal = (-2.0 * u.ln()).sqrt() * (std::f64::consts::TAU * v).cos();
            let part = window as f64 / left as f64;
            let after = cdf((z + part.sqrt() * normal) / (1.0 - part).sqrt());
            // Of the dearer side per unit of escrow.
            let gain = (after - p) / p.min(1.0 - p);
            option += gain.max(0.0) / f64::from(PATHS);
            kept += (-gain - bond).max(0.0) / f64::from(PATHS);
        }
        println!("at {p}: bond {bond:.5}, option {option:.5}, kept beside the bond {kept:.5}");
        assert!(bond > 1.4 * option, "{p}: {bond} {option}");
        assert!(kept < 0.46 * option, "{p}: {kept} {option}");
    }
}

/// Who puts as many orders in on both sides and reveals those that turn out better, against honest ones that
/// are all on the other side: he gains an option's worth on each that crosses, two thirds of a bond, and
/// loses the bonds of the others but for his part of them.
#[test]
fn orders_on_both_sides_gain_nothing() {
    const BOND: u64 = 3_000_000;
    for honest in 1..40u32 {
        for own in 1..200u32 {
            let lost = u64::from(own) * BOND;
            let back = u64::from(own) * next_claim(lost, 2 * own + honest);
            let gained = u64::from(own.min(honest)) * BOND / 3 * 2;
            assert!(lost - back >= gained, "{own} of each side, {honest}");
        }
    }
}

#[test]
fn crossings_cost_what_both_pay_and_nothing_remains() {
    let mut random = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut below = |bound: u32| random.next_u32() % bound;
    for _ in 0..200_000 {
        let orders = [below(50), below(50)];
        let denomination = 10u64.pow(below(14));
        let stakes = orders.map(|orders| Money(u64::from(orders) * denomination));
        let price = Price(u64::from(below(u32::MAX)) << 31 | u64::from(below(u32::MAX)) >> 1);
        let crossing = cross(stakes, price);
        assert_eq!(crossing.paid[0].0 + crossing.paid[1].0, crossing.sets);
        assert!(crossing.paid[0] <= stakes[0] && crossing.paid[1] <= stakes[1]);
        // A side never pays more than its price, by more than a base unit in all.
        let exact = crossing.sets as f64 * float(price);
        assert!((crossing.paid[0].0 as f64 - exact).abs() <= 1.0 + exact * 1e-12);
        let mut left = crossing.sets;
        let mut parts = vec![];
        for claims in (1..=orders[0]).rev() {
            let part = next_claim(left, claims);
            parts.push(part);
            left -= part;
        }
        if let (Some(least), Some(most)) = (parts.iter().min(), parts.iter().max()) {
            assert!(most - least <= 1);
            assert_eq!(left, 0);
        }
    }
    assert_eq!(cross([Money(5), Money(5)], Price::ZERO).sets, 0);
    assert_eq!(cross([Money(5), Money(5)], Price::ONE).sets, 0);
    assert_eq!(next_claim(9, 0), 0);
    assert_eq!(ratio(101).of_ceil(10), Ok(2));
}

fn unit(random: &mut TestRng) -> f64 {
    (random.next_u64() >> 11).max(1) as f64 / (1u64 << 53) as f64
}

fn cdf(z: f64) -> f64 {
    let point = math::normal::cdf(real(z)).unwrap();
    float_of(point)
}

fn quantile(p: f64) -> f64 {
    float_of(math::normal::quantile(real(p)).unwrap())
}

fn real(value: f64) -> math::Real {
    let scaled = (value * (1u64 << 40) as f64).round() as i64;
    math::Real::from_i64(scaled).shifted(-40)
}

fn float_of(value: math::Real) -> f64 {
    let (is_negative, mantissa, exponent) = value.parts();
    let size = mantissa as f64 * (exponent as f64).exp2();
    if is_negative {
        -size
    } else {
        size
    }
}
