//! Sums of multiples of the points of a proving key.
//!
//! Pippenger's method with signed windows. Buckets are added up in affine coordinates, all pairs of
//! a round sharing one inversion: six multiplications an addition, where mixed coordinates take
//! ten. Variables that are zero are skipped, those that are one are added up by themselves.

use ark_ec::{
    short_weierstrass::{Affine, Bucket, Projective, SWCurveConfig},
    AdditiveGroup, AffineRepr,
};
use ark_ff::{serial_batch_inversion_and_mul, BigInteger, Field as _, One, PrimeField, Zero};
use attestation::Field;
use rayon::prelude::*;

/// Scalars cut into windows, ready to multiply several lists of points.
pub struct Scalars {
    /// Bits of a window.
    width: usize,
    /// Which scalars are one.
    is_one: Vec<bool>,
    /// For each window, lowest first, the digit of each scalar, from `−2^(width−1)` to
    /// `2^(width−1)`. All zero for the scalar one.
    windows: Vec<Vec<i16>>,
}

impl Scalars {
    pub fn new(scalars: &[Field]) -> Self {
        // Wider windows have fewer digits and more buckets; at this width the sum of both is least.
        let width = (scalars.len().max(1).ilog2() as usize)
            .saturating_sub(3)
            .clamp(4, 14);
        // One bit more for the carry out of the highest digit.
        let count = (Field::MODULUS_BIT_SIZE as usize + 1).div_ceil(width);

        let is_one: Vec<_> = scalars.par_iter().map(One::is_one).collect();
        let mut windows = vec![vec![0; scalars.len()]; count];
        let digits: Vec<_> = scalars
            .par_iter()
            .map(|scalar| digits(scalar, width, count))
            .collect();
        windows
            .par_iter_mut()
            .enumerate()
            .for_each(|(window, target)| {
                for ((target, digits), is_one) in target.iter_mut().zip(&digits).zip(&is_one) {
                    *target = if *is_one { 0 } else { digits[window] };
                }
            });
        Self {
            width,
            is_one,
            windows,
        }
    }
}

/// Signed digits of a scalar, lowest first.
fn digits(scalar: &Field, width: usize, count: usize) -> Vec<i16> {
    let bits = scalar.into_bigint();
    let half = 1i32 << (width - 1);
    let mut carry = 0;
    (0..count)
        .map(|window| {
            let unsigned = (0..width)
                .filter(|bit| bits.get_bit(window * width + bit))
                .fold(carry, |digit, bit| digit + (1 << bit));
            carry = i32::from(unsigned > half);
            let signed = unsigned - carry * 2 * half;
            i16::try_from(signed).unwrap_or_default()
        })
        .collect()
}

/// Points of a key that are multiplied with variables: those that are not the identity.
pub struct Query<P: SWCurveConfig> {
    variables: Vec<usize>,
    points: Vec<Affine<P>>,
}

impl<P: SWCurveConfig> Query<P> {
    /// `points[i]` belongs to variable `first_variable + i`.
    pub fn new(first_variable: usize, points: &[Affine<P>]) -> Self {
        let (variables, points) = points
            .iter()
            .enumerate()
            .filter(|(_, point)| !point.is_zero())
            .map(|(place, point)| (first_variable + place, *point))
            .unzip();
        Self { variables, points }
    }

    /// `Σ scalars[variable]·point`.
    pub fn multiply(&self, scalars: &Scalars) -> Projective<P> {
        let (ones, windows) = rayon::join(
            || self.add_ones(scalars),
            || {
                scalars
                    .windows
                    .par_iter()
                    .map(|digits| self.add_window(scalars.width, digits))
                    .collect::<Vec<_>>()
            },
        );
        let product = windows
            .into_iter()
            .rev()
            .fold(Projective::zero(), |mut sum, window| {
                for _ in 0..scalars.width {
                    sum.double_in_place();
                }
                sum + window
            });
        product + ones
    }

    fn add_ones(&self, scalars: &Scalars) -> Projective<P> {
        let ones = self
            .variables
            .iter()
            .zip(&self.points)
            .filter(|(variable, _)| scalars.is_one[**variable])
            .map(|(_, point)| *point)
            .collect::<Vec<_>>();
        let end = ones.len();
        add_groups(ones, vec![end])
            .into_iter()
            .map(Projective::from)
            .sum()
    }

    /// `Σ digit·point`: first the points of equal digits, then `Σ digit·bucket`.
    fn add_window(&self, width: usize, digits: &[i16]) -> Projective<P> {
        let buckets = 1 << (width - 1);
        let mut ends = vec![0; buckets];
        for variable in &self.variables {
            if let Some(bucket) = bucket(digits[*variable]) {
                ends[bucket] += 1;
            }
        }
        let mut next = 0;
        for end in &mut ends {
            (next, *end) = (next + *end, next);
        }
        let mut points = vec![Affine::identity(); next];
        for (variable, point) in self.variables.iter().zip(&self.points) {
            let digit = digits[*variable];
            if let Some(bucket) = bucket(digit) {
                points[ends[bucket]] = if digit < 0 { -*point } else { *point };
                ends[bucket] += 1;
            }
        }

        let mut sum = Bucket::<P>::ZERO;
        let mut running = Bucket::<P>::ZERO;
        for bucket in add_groups(points, ends).into_iter().rev() {
            running += &bucket;
            sum += &running;
        }
        sum.into()
    }
}

/// Where points with this digit or its negative are collected.
fn bucket(digit: i16) -> Option<usize> {
    usize::from(digit.unsigned_abs()).checked_sub(1)
}

/// Sum of each group of points; a group ends where `ends` says.
///
/// Round after round adds up neighbours of a group until one is left.
fn add_groups<P: SWCurveConfig>(
    mut points: Vec<Affine<P>>,
    mut ends: Vec<usize>,
) -> Vec<Affine<P>> {
    let mut denominators = Vec::with_capacity(points.len() / 2);
    loop {
        denominators.clear();
        let mut start = 0;
        for end in &ends {
            for pair in points[start..*end].chunks_exact(2) {
                denominators.push(slope_denominator(&pair[0], &pair[1]));
            }
            start = *end;
        }
        if denominators.is_empty() {
            break;
        }
        serial_batch_inversion_and_mul(&mut denominators, &P::BaseField::one());

        let mut inverses = denominators.iter();
        let (mut start, mut written) = (0, 0);
        for end in &mut ends {
            let mut read = start;
            start = *end;
            while read + 1 < start {
                if let Some(inverse) = inverses.next() {
                    points[written] = add(&points[read], &points[read + 1], inverse);
                }
                written += 1;
                read += 2;
            }
            if read < start {
                points[written] = points[read];
                written += 1;
            }
            *end = written;
        }
        points.truncate(written);
    }
    let mut start = 0;
    ends.into_iter()
        .map(|end| {
            let sum = points[start..end].first().copied().unwrap_or_default();
            start = end;
            sum
        })
        .collect()
}

/// What the slope of the line through two points is divided by; zero if their sum takes no slope.
fn slope_denominator<P: SWCurveConfig>(p: &Affine<P>, q: &Affine<P>) -> P::BaseField {
    if p.is_zero() || q.is_zero() {
        P::BaseField::zero()
    } else if p.x != q.x {
        q.x - p.x
    } else if p.y == q.y {
        p.y.double()
    } else {
        P::BaseField::zero()
    }
}

/// `p + q`, given the inverse of [`slope_denominator`].
fn add<P: SWCurveConfig>(p: &Affine<P>, q: &Affine<P>, inverse: &P::BaseField) -> Affine<P> {
    if p.is_zero() {
        return *q;
    }
    if q.is_zero() {
        return *p;
    }
    if inverse.is_zero() {
        return Affine::identity();
    }
    let rise = if p.x == q.x {
        let squared = p.x.square();
        squared.double() + squared + P::COEFF_A
    } else {
        q.y - p.y
    };
    let slope = rise * inverse;
    let x = slope.square() - p.x - q.x;
    Affine::new_unchecked(x, slope * (p.x - x) - p.y)
}

#[cfg(test)]
mod tests {
    use ark_bn254::{g1, g2, G1Affine, G1Projective, G2Affine};
    use ark_ec::{CurveGroup, VariableBaseMSM};
    use ark_ff::UniformRand;
    use rand::{rngs::OsRng, Rng};

    use super::*;

    /// Zeros, ones, small and full scalars, of either sign.
    fn scalars(count: usize) -> Vec<Field> {
        (0..count)
            .map(|_| match OsRng.gen_range(0..6) {
                0 => Field::zero(),
                1 => Field::one(),
                2 => -Field::one(),
                3 => Field::from(OsRng.gen::<u64>()),
                4 => -Field::from(OsRng.gen::<u64>()),
                _ => Field::rand(&mut OsRng),
            })
            .collect()
    }

    fn check<P: SWCurveConfig<ScalarField = Field>>(points: &[Affine<P>], scalars: &[Field])
    where
        Projective<P>: VariableBaseMSM<MulBase = Affine<P>, ScalarField = Field>,
    {
        let expected = Projective::<P>::msm(points, scalars).expect("equal lengths");
        let found = Query::new(0, points).multiply(&Scalars::new(scalars));
        assert_eq!(found, expected);
    }

    #[test]
    fn agrees_with_arkworks() {
        for count in [0, 1, 2, 3, 64, 1_000] {
            let points: Vec<_> = (0..count).map(|_| G1Affine::rand(&mut OsRng)).collect();
            check::<g1::Config>(&points, &scalars(count));
            let points: Vec<_> = (0..count).map(|_| G2Affine::rand(&mut OsRng)).collect();
            check::<g2::Config>(&points, &scalars(count));
        }
    }

    #[test]
    fn agrees_for_extreme_scalars() {
        let points: Vec<_> = (0..4).map(|_| G1Affine::rand(&mut OsRng)).collect();
        let half = -Field::from(2u64).inverse().expect("not zero");
        check::<g1::Config>(&points, &[-Field::one(), half, -half, half + Field::one()]);
    }

    #[test]
    fn agrees_for_equal_and_opposite_points_and_the_identity() {
        let point = G1Projective::rand(&mut OsRng);
        let special = [
            point,
            -point,
            point.double(),
            -point.double(),
            G1Projective::zero(),
        ]
        .map(CurveGroup::into_affine);
        for _ in 0..20 {
            let points: Vec<_> = (0..200).map(|_| special[OsRng.gen_range(0..5)]).collect();
            check::<g1::Config>(&points, &scalars(200));
            check::<g1::Config>(&points, &vec![Field::one(); 200]);
            check::<g1::Config>(&points, &vec![Field::from(5u64); 200]);
        }
    }
}
