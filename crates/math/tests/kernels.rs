//! The elementary functions and the normal distribution against mpmath at 50 digits.
//!
//! Each test prints its largest error (`--nocapture`) and asserts a bound far inside 10⁻¹².

use math::normal::{cdf, density, quantile, NormalPoint};
use math::{MathError, Real};

/// `-0x8000000000000000p-63`
fn parse(text: &str) -> Real {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (mantissa, exponent) = digits
        .strip_prefix("0x")
        .and_then(|digits| digits.split_once('p'))
        .expect("a hexadecimal number");
    let mantissa = u64::from_str_radix(mantissa, 16).expect("a mantissa");
    let magnitude = Real::scaled(mantissa, exponent.parse().expect("an exponent"));
    if negative {
        -magnitude
    } else {
        magnitude
    }
}

fn to_f64(value: Real) -> f64 {
    let (negative, mantissa, exponent) = value.parts();
    let magnitude = mantissa as f64 * (exponent as f64).exp2();
    if negative {
        -magnitude
    } else {
        magnitude
    }
}

#[derive(Clone, Copy)]
enum Error {
    Relative,
    Absolute,
}

/// Differences of `Real`s this close are exact, so the error is measured in `Real` itself.
fn worst(
    file: &str,
    rows: &str,
    kind: Error,
    bound_log2: f64,
    function: impl Fn(Real) -> Result<Real, MathError>,
) {
    let mut worst = (0.0, 0.0);
    let mut count = 0;
    for row in rows.lines().skip(1) {
        let (argument, expected) = row.split_once(',').expect("two columns");
        let (argument, expected) = (parse(argument), parse(expected));
        let value = function(argument)
            .unwrap_or_else(|error| panic!("{file}({}): {error}", to_f64(argument)));
        let difference = to_f64((value - expected).abs());
        let error = match kind {
            Error::Absolute => difference,
            Error::Relative if expected.is_zero() => difference,
            Error::Relative => difference / to_f64(expected.abs()),
        };
        if error > worst.0 {
            worst = (error, to_f64(argument));
        }
        count += 1;
    }
    println!(
        "{file}: {count} points, largest error {:.2e} = 2^{:.1} at {:e}",
        worst.0,
        worst.0.log2(),
        worst.1
    );
    assert!(count >= 2_000, "{file}: only {count} points");
    assert!(worst.0 <= bound_log2.exp2(), "{file}: error {:e}", worst.0);
}

#[test]
fn exp_is_within_its_bound() {
    worst(
        "exp",
        include_str!("vectors/exp.csv"),
        Error::Relative,
        -55.0,
        Real::exp,
    );
}

#[test]
fn exp_m1_is_within_its_bound() {
    worst(
        "exp_m1",
        include_str!("vectors/exp_m1.csv"),
        Error::Relative,
        -52.0,
        Real::exp_m1,
    );
}

#[test]
fn ln_is_within_its_bound() {
    worst(
        "ln",
        include_str!("vectors/ln.csv"),
        Error::Relative,
        -54.0,
        Real::ln,
    );
}

#[test]
fn ln_1p_is_within_its_bound() {
    worst(
        "ln_1p",
        include_str!("vectors/ln_1p.csv"),
        Error::Relative,
        -54.0,
        Real::ln_1p,
    );
}

#[test]
fn sqrt_is_within_its_bound() {
    worst(
        "sqrt",
        include_str!("vectors/sqrt.csv"),
        Error::Relative,
        -61.0,
        Real::sqrt,
    );
}

#[test]
fn density_is_within_its_bound() {
    worst(
        "density",
        include_str!("vectors/density.csv"),
        Error::Relative,
        -51.0,
        density,
    );
}

#[test]
fn cdf_is_within_its_bound() {
    worst(
        "cdf",
        include_str!("vectors/cdf.csv"),
        Error::Absolute,
        -57.0,
        cdf,
    );
}

#[test]
fn cdf_integral_is_within_its_bound() {
    worst(
        "cdf_integral",
        include_str!("vectors/cdf_integral.csv"),
        Error::Relative,
        -50.0,
        |z| Ok(NormalPoint::at(z)?.integral_below()),
    );
}

#[test]
fn quantile_is_within_its_bound() {
    worst(
        "quantile",
        include_str!("vectors/quantile.csv"),
        Error::Relative,
        -52.0,
        quantile,
    );
}

#[test]
fn domains_are_checked() {
    let huge = Real::from_u64(1 << 16);
    assert_eq!(huge.exp(), Err(MathError::OutsideDomain));
    assert_eq!((-huge).exp(), Ok(Real::ZERO));
    assert_eq!(Real::ZERO.ln(), Err(MathError::OutsideDomain));
    assert_eq!((-Real::ONE).ln(), Err(MathError::OutsideDomain));
    assert_eq!((-Real::ONE).ln_1p(), Err(MathError::OutsideDomain));
    assert_eq!((-Real::ONE).sqrt(), Err(MathError::OutsideDomain));
    assert_eq!(quantile(Real::ZERO), Err(MathError::OutsideDomain));
    assert_eq!(quantile(Real::ONE), Err(MathError::OutsideDomain));
    assert_eq!(Real::ZERO.reciprocal(), Err(MathError::DivisionByZero));
}
