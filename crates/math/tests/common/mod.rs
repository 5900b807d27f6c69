//! What the tests of pools share.

// Each test file uses a part of it.
#![allow(dead_code)]

use math::{BasisPoints, CurveKind, MathError, Money, Order, Pool, Price, Shares, Trade};

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

/// Orders as methods.
pub trait Trading {
    fn buy(&mut self, outcome: usize, stake: Money, rate: BasisPoints) -> Result<Trade, MathError>;

    fn buy_shares(
        &mut self,
        outcome: usize,
        shares: Shares,
        rate: BasisPoints,
    ) -> Result<Trade, MathError>;

    fn sell(
        &mut self,
        outcome: usize,
        shares: Shares,
        rate: BasisPoints,
    ) -> Result<Trade, MathError>;
}

impl<const N: usize> Trading for Pool<N> {
    fn buy(&mut self, outcome: usize, stake: Money, rate: BasisPoints) -> Result<Trade, MathError> {
        self.execute(outcome, Order::Stake(stake), rate)
    }

    fn buy_shares(
        &mut self,
        outcome: usize,
        shares: Shares,
        rate: BasisPoints,
    ) -> Result<Trade, MathError> {
        self.execute(outcome, Order::Buy(shares), rate)
    }

    fn sell(
        &mut self,
        outcome: usize,
        shares: Shares,
        rate: BasisPoints,
    ) -> Result<Trade, MathError> {
        self.execute(outcome, Order::Sell(shares), rate)
    }
}
