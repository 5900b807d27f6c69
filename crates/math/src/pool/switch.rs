//! The switch of curves.

use super::Pool;
use crate::curve::CurveKind;
use crate::error::MathError;
use crate::units::Money;

impl<const N: usize> Pool<N> {
    /// Turns a pool into a pm-AMM at the same price, if its curve offers that: an LMSR of two
    /// outcomes does. What the reserves of the pm-AMM do not need stays idle with the providers.
    ///
    /// # Errors
    /// `SwitchNotOffered` on other curves or with more outcomes, `NoLiquidity`, `DepthOutOfRange`
    /// when the depth would be above `MAX_DEPTH`, `OutsideDomain` at a price of zero, `Insolvent`.
    pub fn switch_to_pm_amm(&mut self) -> Result<(), MathError> {
        let curve = self.curve_rule()?;
        if self.depth == 0 {
            return Err(MathError::NoLiquidity);
        }
        let switched = curve.switched(self.state()?, Money(self.initial_depth))?;
        for (quantity, reserve) in self.curve.iter_mut().zip(switched.reserves) {
            *quantity = reserve;
        }
        self.kind = CurveKind::PmAmm as u8;
        self.depth = switched.depth.0;
        self.initial_depth = switched.initial_depth.0;
        self.check_solvent()
    }
}
