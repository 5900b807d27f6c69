//! What the tests of pools share.

// Each test file uses a part of it.
#![allow(dead_code)]

use math::{
    CurveKind, Fees, History, MathError, Money, Order, Pool, Price, PriceAccumulator, Shares,
    SlowPrice, StandingInterest, Trade,
};

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
    fn buy(
        &mut self,
        outcome: usize,
        stake: Money,
        fees: impl Into<Fees>,
    ) -> Result<Trade, MathError>;

    fn buy_shares(
        &mut self,
        outcome: usize,
        shares: Shares,
        fees: impl Into<Fees>,
    ) -> Result<Trade, MathError>;

    fn sell(
        &mut self,
        outcome: usize,
        shares: Shares,
        fees: impl Into<Fees>,
    ) -> Result<Trade, MathError>;
}

impl<const N: usize> Trading for Pool<N> {
    fn buy(
        &mut self,
        outcome: usize,
        stake: Money,
        fees: impl Into<Fees>,
    ) -> Result<Trade, MathError> {
        self.execute(outcome, Order::Stake(stake), fees)
    }

    fn buy_shares(
        &mut self,
        outcome: usize,
        shares: Shares,
        fees: impl Into<Fees>,
    ) -> Result<Trade, MathError> {
        self.execute(outcome, Order::Buy(shares), fees)
    }

    fn sell(
        &mut self,
        outcome: usize,
        shares: Shares,
        fees: impl Into<Fees>,
    ) -> Result<Trade, MathError> {
        self.execute(outcome, Order::Sell(shares), fees)
    }
}

/// A pool whose liquidity comes and goes, with its history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Watched<const N: usize> {
    pub pool: Pool<N>,
    pub averages: PriceAccumulator<N>,
    pub interest: StandingInterest,
    pub calm_in_slots: u64,
}

impl<const N: usize> Watched<N> {
    pub fn new(pool: Pool<N>) -> Self {
        Self {
            pool,
            averages: PriceAccumulator { cumulative: [0; N] },
            calm_in_slots: 0,
            interest: StandingInterest {
                observed_slot: pool.observed_slot,
                ..StandingInterest::default()
            },
        }
    }

    pub fn parts(&mut self) -> (&mut Pool<N>, History<'_, N>) {
        let history = History {
            averages: &mut self.averages,
            interest: &mut self.interest,
            calm_in_slots: &mut self.calm_in_slots,
        };
        (&mut self.pool, history)
    }

    pub fn observe(&mut self, slot: u64, smoothing: SlowPrice) -> Result<(), MathError> {
        let (pool, history) = self.parts();
        pool.observe(slot, smoothing, Some(history))
    }
}
