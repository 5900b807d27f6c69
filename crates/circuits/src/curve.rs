//! BabyJubJub as constraints, in Montgomery coordinates `v² = u³ + A·u² + u`.
//!
//! Additions are the incomplete ones of three constraints. For points with different `u` the slope
//! is determined; for `u₁ = u₂, v₁ ≠ v₂` there is no solution; for equal points any slope is a
//! solution, so that whoever brings two equal points to an addition chooses its result. Each user
//! of [`add`] and [`double_and_add`] says why nobody can.

use std::sync::OnceLock;

use ark_ec::{AffineRepr, CurveGroup};
use ark_ff::{AdditiveGroup, BigInteger256, Field as _, One, PrimeField};
use attestation::{Field, Point, Scalar, MONTGOMERY_A};

use crate::{
    bits::bits_at_most,
    system::{Expression, System},
};

/// A point in affine Montgomery coordinates; neither the identity nor of order two has them.
#[derive(Clone, Debug)]
pub struct Montgomery<E> {
    pub u: E,
    pub v: E,
}

impl<E: Expression> Montgomery<E> {
    fn constant(point: &Point) -> Self {
        let (u, v) = to_montgomery(point.x, point.y);
        Self {
            u: E::constant(u),
            v: E::constant(v),
        }
    }

    /// The opposite point.
    pub fn negated(&self) -> Self {
        Self {
            u: self.u.clone(),
            v: self.v.clone() * -Field::one(),
        }
    }
}

/// `u = (1 + y)/(1 − y)`, `v = u/x` (EIP-2494); zero for a quotient that does not exist.
fn to_montgomery(x: Field, y: Field) -> (Field, Field) {
    let u = quotient(Field::one() + y, Field::one() - y);
    (u, quotient(u, x))
}

/// `numerator / denominator`, or zero if there is none.
fn quotient(numerator: Field, denominator: Field) -> Field {
    numerator * denominator.inverse().unwrap_or_default()
}

/// Enforces that a value is not zero.
fn enforce_nonzero<S: System>(system: &mut S, value: &S::Expression) {
    let inverse = system.witness(value.value().inverse().unwrap_or_default());
    system.enforce(value, &inverse, &S::Expression::constant(Field::one()));
}

/// Enforces that `(x, y)` is on the curve, and `x ≠ 0`, and returns the point.
pub fn on_curve<S: System>(
    system: &mut S,
    x: &S::Expression,
    y: &S::Expression,
) -> Montgomery<S::Expression> {
    use ark_ec::twisted_edwards::TECurveConfig;
    type Curve = attestation::BabyJubJub;

    let one = S::Expression::constant(Field::one());
    let x_squared = system.product(x, x);
    let y_squared = system.product(y, y);
    let left = x_squared.clone() * Curve::COEFF_A + y_squared.clone();
    let right = one.clone() - left;
    // a·x² + y² = 1 + d·x²·y²
    system.enforce(&(x_squared * -Curve::COEFF_D), &y_squared, &right);
    enforce_nonzero(system, x);

    let (u_value, v_value) = to_montgomery(x.value(), y.value());
    let u = system.witness(u_value);
    system.enforce(&(one.clone() - y.clone()), &u, &(one + y.clone()));
    let v = system.witness(v_value);
    system.enforce(x, &v, &u);
    Montgomery { u, v }
}

/// Edwards coordinates of a point.
pub fn to_edwards<S: System>(
    system: &mut S,
    point: &Montgomery<S::Expression>,
) -> (S::Expression, S::Expression) {
    let one = S::Expression::constant(Field::one());
    let (u, v) = (point.u.value(), point.v.value());
    let x = system.witness(quotient(u, v));
    system.enforce(&point.v, &x, &point.u);
    let y = system.witness(quotient(u - Field::one(), u + Field::one()));
    let above = point.u.clone() + one.clone();
    system.enforce(&above, &y, &(point.u.clone() - one));
    (x, y)
}

/// `2·p`. No solution if `p` is of order two.
fn double<S: System>(system: &mut S, p: &Montgomery<S::Expression>) -> Montgomery<S::Expression> {
    let two = Field::from(2u64);
    let u_squared = system.product(&p.u, &p.u);
    let numerator = u_squared * Field::from(3u64)
        + p.u.clone() * (two * MONTGOMERY_A)
        + S::Expression::constant(Field::one());
    let denominator = p.v.clone() * two;
    let slope = system.witness(quotient(numerator.value(), denominator.value()));
    system.enforce(&denominator, &slope, &numerator);
    chord(system, &slope, p, &p.u)
}

/// `p + q` for `p ≠ ±q`.
pub fn add<S: System>(
    system: &mut S,
    p: &Montgomery<S::Expression>,
    q: &Montgomery<S::Expression>,
) -> Montgomery<S::Expression> {
    let run = q.u.clone() - p.u.clone();
    let rise = q.v.clone() - p.v.clone();
    let slope = system.witness(quotient(rise.value(), run.value()));
    system.enforce(&run, &slope, &rise);
    chord(system, &slope, p, &q.u)
}

/// `2·p + q = (p + q) + p` for `p ≠ ±q`, without the `v` of `p + q`.
///
/// The slope from `p` to `p + q`, whose `u` is `u'`, is `2·v/(u − u')` minus the first slope.
fn double_and_add<S: System>(
    system: &mut S,
    p: &Montgomery<S::Expression>,
    q: &Montgomery<S::Expression>,
) -> Montgomery<S::Expression> {
    let run = q.u.clone() - p.u.clone();
    let rise = q.v.clone() - p.v.clone();
    let twice_v = p.v.clone() * Field::from(2u64);
    // u − u' is this over run²: one inversion serves both slopes.
    let run_squared = run.value().square();
    let second_run =
        (p.u.value().double() + q.u.value() + MONTGOMERY_A) * run_squared - rise.value().square();
    let inverse = (run.value() * second_run).inverse().unwrap_or_default();
    let first_value = rise.value() * inverse * second_run;
    let second_value = twice_v.value() * inverse * run.value() * run_squared - first_value;

    let first = system.witness(first_value);
    system.enforce(&run, &first, &rise);
    let sum_u = third_u(system, &first, &p.u, &q.u);
    let second = system.witness(second_value);
    system.enforce(
        &(p.u.clone() - sum_u.clone()),
        &(first + second.clone()),
        &twice_v,
    );
    chord(system, &second, p, &sum_u)
}

/// `u` of the sum of two points on a line of this slope: `slope² − A − u₁ − u₂`.
fn third_u<S: System>(
    system: &mut S,
    slope: &S::Expression,
    u1: &S::Expression,
    u2: &S::Expression,
) -> S::Expression {
    let offset = S::Expression::constant(MONTGOMERY_A) + u1.clone() + u2.clone();
    let u = system.witness(slope.value().square() - offset.value());
    system.enforce(slope, slope, &(u.clone() + offset));
    u
}

/// The sum of `p` and a point with this `u`, both on a line of this slope.
fn chord<S: System>(
    system: &mut S,
    slope: &S::Expression,
    p: &Montgomery<S::Expression>,
    other_u: &S::Expression,
) -> Montgomery<S::Expression> {
    let u = third_u(system, slope, &p.u, other_u);
    let run = p.u.clone() - u.clone();
    let v = system.witness(run.value() * slope.value() - p.v.value());
    system.enforce(&run, slope, &(v.clone() + p.v.clone()));
    Montgomery { u, v }
}

/// `B8` is added to the product of a challenge and a key, this often at the end.
fn offset() -> Scalar {
    Scalar::from(2u64).pow([CHALLENGE_BITS as u64])
}

/// Bits of a challenge: those of a canonical element of the field.
const CHALLENGE_BITS: usize = Field::MODULUS_BIT_SIZE as usize;

/// `8·h·A + 2²⁵⁴·B8`, for the bits of `h`, lowest first. No solution if `A` is of small order.
///
/// With `e = ±1` for each bit, the accumulator starts at `4A + B8` and takes `acc ← 2·acc + e·4A`
/// from the highest bit on. It ends at `(2h + 1)·4A + 2²⁵⁴·B8`, from which `4A` is taken.
///
/// Exceptional additions: before step `i` the accumulator is `k·4A + 2ⁱ·B8` with a `k` that anybody
/// can compute from `h`. It equals `±4A` only if `(k ∓ 1)·4A = −2ⁱ·B8`, which gives away the secret
/// key of `A`; and whoever knows that can sign. `B8` is there to make this so: without it the
/// leading zeros of an honest `h` would be exceptional.
pub fn challenge_product<S: System>(
    system: &mut S,
    key: &Montgomery<S::Expression>,
    challenge_bits: &[S::Expression],
) -> Montgomery<S::Expression> {
    let doubled = double(system, key);
    let base = double(system, &doubled);
    // 4A is not of order two; nor is it the identity, which has no coordinates here.
    enforce_nonzero(system, &base.v);

    let mut accumulator = add(system, &base, &Montgomery::constant(&Point::generator()));
    let twice_v = base.v.clone() * Field::from(2u64);
    for bit in challenge_bits.iter().rev() {
        let signed_v = system.product(&twice_v, bit) - base.v.clone();
        let addend = Montgomery {
            u: base.u.clone(),
            v: signed_v,
        };
        accumulator = double_and_add(system, &accumulator, &addend);
    }
    add(system, &accumulator, &base.negated())
}

/// Bits of a scalar, three a window, and the two bits above the last full window.
const WINDOW: usize = 3;
const WINDOWS: usize = 83;
const _: () = assert!(Scalar::MODULUS_BIT_SIZE as usize == WINDOW * WINDOWS + 2);

/// Multiples of `B8` for [`difference_from_base`].
struct BaseTables {
    /// `(2w − 7)·8ⁱ·(B8/2)` for each window `i` and its value `w`.
    windows: Vec<[(Field, Field); 1 << WINDOW]>,
    /// For the two highest bits: their multiple of `B8`, plus what the windows are short of, plus
    /// the offset of [`challenge_product`].
    top: [(Field, Field); 4],
}

impl BaseTables {
    fn get() -> &'static Self {
        static TABLES: OnceLock<BaseTables> = OnceLock::new();
        TABLES.get_or_init(Self::new)
    }

    fn new() -> Self {
        let base = Point::generator();
        let coordinates = |scalar: Scalar| {
            let point = (base * scalar).into_affine();
            to_montgomery(point.x, point.y)
        };
        let half = Scalar::from(2u64).inverse().unwrap_or_default();
        let eight = Scalar::from(8u64);
        let windows = (0..WINDOWS)
            .map(|window| {
                let weight = eight.pow([window as u64]) * half;
                std::array::from_fn(|digit| {
                    coordinates((Scalar::from(2 * digit as u64) - Scalar::from(7u64)) * weight)
                })
            })
            .collect();
        // Σ (2w − 7)·8ⁱ/2 is short of Σ w·8ⁱ by (8⁸³ − 1)/2.
        let shortage = (eight.pow([WINDOWS as u64]) - Scalar::one()) * half;
        let top_weight = eight.pow([WINDOWS as u64]);
        let top = std::array::from_fn(|digit| {
            coordinates(Scalar::from(digit as u64) * top_weight + shortage + offset())
        });
        Self { windows, top }
    }
}

/// Edwards coordinates of `S·B8 − 8·h·A`, given `8·h·A + 2²⁵⁴·B8` from [`challenge_product`] and
/// an `S` that is refused at or above the subgroup order.
///
/// Exceptional additions: the sum of the windows below window `i` is an odd multiple of `B8/2`
/// between `±(8ⁱ − 1)`, the next entry one between `8ⁱ` and `7·8ⁱ` in size. Both are less than half
/// the subgroup order, so they are never equal or opposite. The last two additions join known
/// multiples of `B8` with `8·h·A`: points equal there would give away the secret key of `A`.
pub fn difference_from_base<S: System>(
    system: &mut S,
    s: BigInteger256,
    product: &Montgomery<S::Expression>,
) -> (S::Expression, S::Expression) {
    let tables = BaseTables::get();
    let s_bits = scalar_bits(system, s);
    let (low, top) = s_bits.split_at(WINDOW * WINDOWS);

    let mut sum: Option<Montgomery<S::Expression>> = None;
    for (table, digit) in tables.windows.iter().zip(low.chunks_exact(WINDOW)) {
        let entry = look_up_eight(system, table, digit);
        sum = Some(match sum {
            None => entry,
            Some(sum) => add(system, &sum, &entry),
        });
    }
    let top = look_up_four(system, &tables.top, top);
    let rest = add(system, &top, &product.negated());
    let difference = match sum {
        None => rest,
        Some(sum) => add(system, &sum, &rest),
    };
    to_edwards(system, &difference)
}

/// Bits of a scalar below the subgroup order.
fn scalar_bits<S: System>(system: &mut S, s: BigInteger256) -> Vec<S::Expression> {
    let largest = (-Scalar::one()).into_bigint();
    bits_at_most(system, s, largest)
}

/// Entry of a constant table at a place of two bits, lowest first.
fn look_up_four<S: System>(
    system: &mut S,
    table: &[(Field, Field); 4],
    place: &[S::Expression],
) -> Montgomery<S::Expression> {
    let both = system.product(&place[0], &place[1]);
    let coordinate = |pick: fn(&(Field, Field)) -> Field| {
        bilinear(
            &std::array::from_fn(|entry| pick(&table[entry])),
            place,
            &both,
        )
    };
    Montgomery {
        u: coordinate(|entry| entry.0),
        v: coordinate(|entry| entry.1),
    }
}

/// Entry of a constant table at a place of three bits, lowest first.
fn look_up_eight<S: System>(
    system: &mut S,
    table: &[(Field, Field); 8],
    place: &[S::Expression],
) -> Montgomery<S::Expression> {
    let both = system.product(&place[0], &place[1]);
    let mut coordinate = |pick: fn(&(Field, Field)) -> Field| {
        let lower = bilinear(
            &std::array::from_fn(|entry| pick(&table[entry])),
            place,
            &both,
        );
        let upper = bilinear(
            &std::array::from_fn(|entry| pick(&table[entry + 4])),
            place,
            &both,
        );
        let rise = system.product(&(upper - lower.clone()), &place[2]);
        lower + rise
    };
    Montgomery {
        u: coordinate(|entry| entry.0),
        v: coordinate(|entry| entry.1),
    }
}

/// One of four constants by two bits, given the product of the bits.
fn bilinear<E: Expression>(entries: &[Field; 4], place: &[E], both: &E) -> E {
    let [first, second, third, fourth] = *entries;
    E::constant(first)
        + place[0].clone() * (second - first)
        + place[1].clone() * (third - first)
        + both.clone() * (fourth - third - second + first)
}
