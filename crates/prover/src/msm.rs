//! Sums of multiples of the points of a proving key.
//!
//! Pippenger's method with signed windows. Points are added up in affine coordinates, hundreds of
//! pairs sharing one inversion: six multiplications an addition, where mixed coordinates take ten.
//! Variables that are zero are skipped, those that are one are added up by themselves.

use ark_bn254::{Fq, Fq2};
use ark_ec::{
    short_weierstrass::{Affine, Bucket, Projective, SWCurveConfig},
    AdditiveGroup, AffineRepr,
};
use ark_ff::{BigInt, Field as _, One, PrimeField, Zero};
use attestation::Field;
use rayon::prelude::*;

/// How scalars are cut into windows, and how many multiples of each point are kept.
///
/// Window `w` belongs to group `w % groups` and level `w / groups`. The points of level `t` are
/// `2^(width·groups·t)` times those of level 0, so that all windows of a group share their buckets.
#[derive(Clone, Copy, Debug)]
pub struct Layout {
    /// Bits of a window.
    width: usize,
    groups: usize,
    levels: usize,
}

impl Layout {
    /// Keeps the points alone.
    pub fn compact(points: usize) -> Self {
        // Wider windows have fewer digits and more buckets; here the sum of both is least.
        let width = (points.max(1).ilog2() as usize)
            .saturating_sub(3)
            .clamp(4, 12);
        Self {
            width,
            groups: Self::windows(width),
            levels: 1,
        }
    }

    /// Keeps a multiple of each point for every window.
    pub fn extended(points: usize) -> Self {
        let width = (points.max(1).ilog2() as usize).clamp(5, 15) - 1;
        Self {
            width,
            groups: 1,
            levels: Self::windows(width),
        }
    }

    /// Windows that hold a scalar and the carry out of its highest digit.
    fn windows(width: usize) -> usize {
        (Field::MODULUS_BIT_SIZE as usize + 1).div_ceil(width)
    }
}

/// Scalars cut into windows, ready to multiply several lists of points.
pub struct Scalars {
    /// Which scalars are one.
    is_one: Vec<bool>,
    /// For each window, lowest first, the digit of each scalar, from `−2^(width−1)` to
    /// `2^(width−1)`. All zero for the scalar one.
    windows: Vec<Vec<i16>>,
}

impl Scalars {
    pub fn new(scalars: &[Field], layout: Layout) -> Self {
        let count = layout.groups * layout.levels;
        let is_one: Vec<_> = scalars.par_iter().map(One::is_one).collect();
        let digits: Vec<_> = scalars
            .par_iter()
            .map(|scalar| digits(scalar, layout.width, count))
            .collect();
        let windows = (0..count)
            .into_par_iter()
            .map(|window| {
                digits
                    .iter()
                    .zip(&is_one)
                    .map(|(digits, is_one)| if *is_one { 0 } else { digits[window] })
                    .collect()
            })
            .collect();
        Self { is_one, windows }
    }
}

/// Signed digits of a scalar, lowest first.
fn digits(scalar: &Field, width: usize, count: usize) -> Vec<i16> {
    let limbs = scalar.into_bigint().0;
    let half = 1 << (width - 1);
    let mut carry = 0;
    (0..count)
        .map(|window| {
            let (limb, shift) = (window * width / 64, window * width % 64);
            let low = limbs.get(limb).map_or(0, |limb| limb >> shift);
            let high = limbs
                .get(limb + 1)
                .map_or(0, |limb| (limb << 1) << (63 - shift));
            // At most 2^14: the layouts' windows are no wider.
            let unsigned = ((low | high) & (2 * half - 1)) as i16 + carry;
            let half = half as i16;
            carry = i16::from(unsigned > half);
            unsigned - carry * 2 * half
        })
        .collect()
}

/// G1 and G2.
pub trait Curve: SWCurveConfig<BaseField: SteadySub> {}

impl<P: SWCurveConfig<BaseField: SteadySub>> Curve for P {}

/// Points of a key that are multiplied with variables: those that are not the identity.
pub struct Query<P: Curve> {
    layout: Layout,
    variables: Vec<usize>,
    levels: Vec<Vec<Affine<P>>>,
}

impl<P: Curve> Query<P> {
    /// `points[i]` belongs to variable `first_variable + i`.
    pub fn new(first_variable: usize, points: &[Affine<P>], layout: Layout) -> Self {
        let (variables, points): (_, Vec<_>) = points
            .iter()
            .enumerate()
            .filter(|(_, point)| !point.is_zero())
            .map(|(place, point)| (first_variable + place, *point))
            .unzip();
        let mut levels = vec![points];
        for level in 1..layout.levels {
            let mut points = levels[level - 1].clone();
            for _ in 0..layout.width * layout.groups {
                points = double_all(&points);
            }
            levels.push(points);
        }
        Self {
            layout,
            variables,
            levels,
        }
    }

    /// `Σ scalars[variable]·point`; the scalars have this query's layout.
    pub fn multiply(&self, scalars: &Scalars) -> Projective<P> {
        let (ones, groups) = rayon::join(
            || self.add_ones(scalars),
            || {
                (0..self.layout.groups)
                    .into_par_iter()
                    .map(|group| self.add_group(group, scalars))
                    .collect::<Vec<_>>()
            },
        );
        let product = groups
            .into_iter()
            .rev()
            .fold(Projective::zero(), |mut sum, group| {
                for _ in 0..self.layout.width {
                    sum.double_in_place();
                }
                sum + group
            });
        product + ones
    }

    fn add_ones(&self, scalars: &Scalars) -> Projective<P> {
        let ones: Vec<_> = self
            .variables
            .iter()
            .zip(&self.levels[0])
            .filter(|(variable, _)| scalars.is_one[**variable])
            .map(|(_, point)| *point)
            .collect();
        add_runs(vec![ones.len()], |place| ones[place])
            .into_iter()
            .map(Projective::from)
            .sum()
    }

    /// `Σ digit·point` over the windows of a group: first the points of equal digits, then
    /// `Σ digit·bucket`.
    fn add_group(&self, group: usize, scalars: &Scalars) -> Projective<P> {
        let parts: Vec<_> = self
            .levels
            .par_iter()
            .enumerate()
            .map(|(level, points)| {
                self.fill_buckets(points, &scalars.windows[group + level * self.layout.groups])
            })
            .collect();
        let buckets = match <[_; 1]>::try_from(parts) {
            Ok([only]) => only,
            Err(parts) => add_buckets(&parts),
        };
        let mut sum = Bucket::<P>::ZERO;
        let mut running = Bucket::<P>::ZERO;
        for bucket in buckets.iter().rev() {
            running += bucket;
            sum += &running;
        }
        sum.into()
    }

    /// Sums of the points of equal digits; the sign of a digit is that of its point.
    fn fill_buckets(&self, points: &[Affine<P>], digits: &[i16]) -> Vec<Affine<P>> {
        let mut ends = vec![0; 1 << (self.layout.width - 1)];
        for variable in &self.variables {
            if let Some(bucket) = bucket(digits[*variable]) {
                ends[bucket] += 1;
            }
        }
        let mut next = 0;
        for end in &mut ends {
            (next, *end) = (next + *end, next);
        }
        let mut sorted = vec![0; next];
        for (place, variable) in self.variables.iter().enumerate() {
            if let Some(bucket) = bucket(digits[*variable]) {
                sorted[ends[bucket]] = place;
                ends[bucket] += 1;
            }
        }
        add_runs(ends, |place| {
            let place: usize = sorted[place];
            if digits[self.variables[place]] < 0 {
                -points[place]
            } else {
                points[place]
            }
        })
    }
}

/// Where points with this digit or its negative are collected.
fn bucket(digit: i16) -> Option<usize> {
    usize::from(digit.unsigned_abs()).checked_sub(1)
}

/// Sums of the same bucket in every part.
fn add_buckets<P: Curve>(parts: &[Vec<Affine<P>>]) -> Vec<Affine<P>> {
    const BUCKETS_A_TASK: usize = 256;
    let count = parts.first().map_or(0, Vec::len);
    (0..count.div_ceil(BUCKETS_A_TASK))
        .into_par_iter()
        .flat_map_iter(|task| {
            let first = task * BUCKETS_A_TASK;
            let ends = (first..count.min(first + BUCKETS_A_TASK))
                .map(|bucket| (bucket + 1 - first) * parts.len())
                .collect();
            add_runs(ends, |place| {
                parts[place % parts.len()][first + place / parts.len()]
            })
        })
        .collect()
}

/// `2·p` for each point.
fn double_all<P: Curve>(points: &[Affine<P>]) -> Vec<Affine<P>> {
    points
        .par_chunks(Pairs::<P>::BLOCK)
        .flat_map_iter(|points| {
            let mut pairs = Pairs::new();
            let mut sums = vec![Affine::identity(); points.len()];
            for (place, point) in points.iter().enumerate() {
                pairs.push(*point, *point, place);
            }
            pairs.add_to(&mut sums);
            sums
        })
        .collect()
}

/// Sum of each run of points; a run ends where `ends` says.
///
/// Round after round adds up neighbours of a run until one is left.
fn add_runs<P: Curve>(mut ends: Vec<usize>, point: impl Fn(usize) -> Affine<P>) -> Vec<Affine<P>> {
    let mut pairs = Pairs::new();
    let mut points = add_neighbours(&mut ends, point, &mut pairs);
    while longest_run(&ends) > 1 {
        let previous = points;
        points = add_neighbours(&mut ends, |place| previous[place], &mut pairs);
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

fn longest_run(ends: &[usize]) -> usize {
    let mut start = 0;
    ends.iter()
        .map(|end| {
            let length = end - start;
            start = *end;
            length
        })
        .max()
        .unwrap_or(0)
}

/// One round: halves the length of each run, rounded up.
fn add_neighbours<P: Curve>(
    ends: &mut [usize],
    point: impl Fn(usize) -> Affine<P>,
    pairs: &mut Pairs<P>,
) -> Vec<Affine<P>> {
    let mut start = 0;
    let mut count = 0;
    for end in ends.iter() {
        count += (end - start).div_ceil(2);
        start = *end;
    }
    let mut sums = vec![Affine::identity(); count];
    let (mut start, mut written) = (0, 0);
    for end in ends {
        while start + 1 < *end {
            pairs.push(point(start), point(start + 1), written);
            if pairs.is_full() {
                pairs.add_to(&mut sums);
            }
            start += 2;
            written += 1;
        }
        if start < *end {
            sums[written] = point(start);
            start += 1;
            written += 1;
        }
        *end = written;
    }
    pairs.add_to(&mut sums);
    sums
}

/// Pairs of points to be added, sharing one inversion.
struct Pairs<P: Curve> {
    /// Both points, and where their sum goes.
    pairs: Vec<(Affine<P>, Affine<P>, usize)>,
    /// What each slope is divided by.
    denominators: Vec<P::BaseField>,
    /// Products of all denominators before each.
    products: Vec<P::BaseField>,
}

impl<P: Curve> Pairs<P> {
    /// So many that the inversion costs little an addition, so few that they stay in the cache.
    const BLOCK: usize = 512;

    fn new() -> Self {
        Self {
            pairs: Vec::with_capacity(Self::BLOCK),
            denominators: Vec::with_capacity(Self::BLOCK),
            products: Vec::with_capacity(Self::BLOCK),
        }
    }

    fn is_full(&self) -> bool {
        self.pairs.len() >= Self::BLOCK
    }

    fn push(&mut self, left: Affine<P>, right: Affine<P>, target: usize) {
        self.pairs.push((left, right, target));
    }

    /// Writes the sums to their places and forgets the pairs.
    fn add_to(&mut self, sums: &mut [Affine<P>]) {
        let mut product = P::BaseField::one();
        for (left, right, _) in &self.pairs {
            let denominator = slope_denominator(left, right);
            self.products.push(product);
            product *= denominator;
            self.denominators.push(denominator);
        }
        let mut inverse = product.inverse().unwrap_or_default();
        let pairs = self.pairs.drain(..).rev();
        let fractions = self
            .denominators
            .drain(..)
            .rev()
            .zip(self.products.drain(..).rev());
        for ((left, right, target), (denominator, product)) in pairs.zip(fractions) {
            sums[target] = add(&left, &right, &(inverse * product));
            inverse *= denominator;
        }
    }
}

/// What the slope of the line through two points is divided by; one if their sum takes no slope.
fn slope_denominator<P: Curve>(p: &Affine<P>, q: &Affine<P>) -> P::BaseField {
    let run = q.x.steady_sub(&p.x);
    if p.is_zero() || q.is_zero() {
        P::BaseField::one()
    } else if !run.is_zero() {
        run
    } else if p.y == q.y && !p.y.is_zero() {
        p.y.double()
    } else {
        P::BaseField::one()
    }
}

/// `p + q`, given the inverse of [`slope_denominator`].
fn add<P: Curve>(p: &Affine<P>, q: &Affine<P>, inverse: &P::BaseField) -> Affine<P> {
    if p.is_zero() {
        return *q;
    }
    if q.is_zero() {
        return *p;
    }
    let rise = if p.x != q.x {
        q.y.steady_sub(&p.y)
    } else if p.y == q.y && !p.y.is_zero() {
        let squared = p.x.square();
        squared.double() + squared + P::COEFF_A
    } else {
        return Affine::identity();
    };
    let slope = rise * inverse;
    let x = slope.square().steady_sub(&p.x).steady_sub(&q.x);
    Affine::new_unchecked(x, (slope * p.x.steady_sub(&x)).steady_sub(&p.y))
}

/// Subtraction that takes the same time whether it wraps or not.
///
/// The field's own branches on that, which the processor guesses wrong every other time: a tenth of
/// the time of a proof.
pub trait SteadySub {
    fn steady_sub(&self, other: &Self) -> Self;
}

impl SteadySub for Fq {
    fn steady_sub(&self, other: &Self) -> Self {
        let (left, right) = (self.0 .0, other.0 .0);
        let mut limbs = [0; 4];
        let mut borrow = 0;
        for place in 0..4 {
            let (difference, wraps) = left[place].overflowing_sub(right[place]);
            let (difference, wraps_again) = difference.overflowing_sub(borrow);
            limbs[place] = difference;
            borrow = u64::from(wraps | wraps_again);
        }
        // All ones if the modulus is to be added back.
        let mask = borrow.wrapping_neg();
        let mut carry = 0;
        for (limb, modulus) in limbs.iter_mut().zip(Self::MODULUS.0) {
            let (sum, wraps) = limb.overflowing_add(modulus & mask);
            let (sum, wraps_again) = sum.overflowing_add(carry);
            *limb = sum;
            carry = u64::from(wraps | wraps_again);
        }
        Self::new_unchecked(BigInt::new(limbs))
    }
}

impl SteadySub for Fq2 {
    fn steady_sub(&self, other: &Self) -> Self {
        Self::new(self.c0.steady_sub(&other.c0), self.c1.steady_sub(&other.c1))
    }
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

    fn check<P: Curve<ScalarField = Field>>(points: &[Affine<P>], scalars: &[Field])
    where
        Projective<P>: VariableBaseMSM<MulBase = Affine<P>, ScalarField = Field>,
    {
        let expected = Projective::<P>::msm(points, scalars).expect("equal lengths");
        for layout in [
            Layout::compact(points.len()),
            Layout::extended(points.len()),
        ] {
            let found = Query::new(0, points, layout).multiply(&Scalars::new(scalars, layout));
            assert_eq!(found, expected);
        }
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
        for _ in 0..10 {
            let points: Vec<_> = (0..200).map(|_| special[OsRng.gen_range(0..5)]).collect();
            check::<g1::Config>(&points, &scalars(200));
            check::<g1::Config>(&points, &vec![Field::one(); 200]);
            check::<g1::Config>(&points, &vec![Field::from(5u64); 200]);
        }
    }

    #[test]
    fn steady_sub_agrees() {
        let (zero, one, largest) = (Fq::zero(), Fq::one(), -Fq::one());
        let random = Fq::rand(&mut OsRng);
        for left in [zero, one, largest, random] {
            for right in [zero, one, largest, random, Fq::rand(&mut OsRng)] {
                assert_eq!(left.steady_sub(&right), left - right);
                let (left, right) = (Fq2::new(left, right), Fq2::new(right, left));
                assert_eq!(left.steady_sub(&right), left - right);
            }
        }
    }
}
