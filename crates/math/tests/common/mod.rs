//! What the tests of pools share.

use bytemuck::Zeroable;
use math::{CurveKind, MathError, Money, Pool, Price};

/// A pool and its funding.
pub fn open<const N: usize>(
    kind: CurveKind,
    depth: Money,
    prior: &[Price],
    slot: u64,
) -> Result<(Pool<N>, Money), MathError> {
    let mut pool = Pool::zeroed();
    let funding = pool.open(kind, depth, prior, slot)?;
    Ok((pool, funding))
}
