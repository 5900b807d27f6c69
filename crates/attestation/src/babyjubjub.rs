use ark_ec::{
    twisted_edwards::{Affine, MontCurveConfig, TECurveConfig},
    CurveConfig,
};
use ark_ff::{BigInteger, Field as _, MontFp, PrimeField};

use crate::Field;

/// A scalar of the prime-order subgroup.
pub type Scalar = ark_ed_on_bn254::Fr;

/// A point in affine Edwards coordinates.
pub type Point = Affine<BabyJubJub>;

/// Coefficient `A` of the equivalent Montgomery curve `v² = u³ + A·u² + u`.
pub const MONTGOMERY_A: Field = <BabyJubJub as MontCurveConfig>::COEFF_A;

/// BabyJubJub as EIP-2494 and circomlib write it: `168700·x² + y² = 1 + 168696·x²·y²`.
///
/// `ark-ed-on-bn254` has the same curve scaled to `a = 1`, whose points have another `x`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BabyJubJub;

impl CurveConfig for BabyJubJub {
    type BaseField = Field;
    type ScalarField = Scalar;

    const COFACTOR: &'static [u64] = &[8];
    const COFACTOR_INV: Scalar = ark_ed_on_bn254::EdwardsConfig::COFACTOR_INV;
}

impl TECurveConfig for BabyJubJub {
    type MontCurveConfig = Self;

    const COEFF_A: Field = MontFp!("168700");
    const COEFF_D: Field = MontFp!("168696");

    /// `Base8` of EIP-2494: eight times the generator of the whole curve.
    const GENERATOR: Point = Point::new_unchecked(
        MontFp!("5299619240641551281634865583518297030282874472190772894086521144482721001553"),
        MontFp!("16950150798460657717958625567821834550301663161624707787222815936182638968203"),
    );
}

impl MontCurveConfig for BabyJubJub {
    type TECurveConfig = Self;

    const COEFF_A: Field = MontFp!("168698");
    const COEFF_B: Field = Field::ONE;
}

/// The integer below the field order that an element of the field stands for, modulo the subgroup
/// order.
pub(crate) fn reduce(element: Field) -> Scalar {
    Scalar::from_le_bytes_mod_order(&element.into_bigint().to_bytes_le())
}
