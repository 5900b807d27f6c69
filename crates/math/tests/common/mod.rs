//! What the tests of pools share.

use math::{CurveKind, MathError, Money, Pool, Price};

/// A pool and its funding.
pub fn open<const N: usize>(
    kind: CurveKind,
    depth: Money,
    prior: &[Price],
    slot: u64,
) -> Result<(Pool<N>, Money), MathError> {
    let mut pool = Pool::EMPTY;
    let funding = pool.open(kind, depth, prior, slot)?;
    Ok((pool, funding))
}
