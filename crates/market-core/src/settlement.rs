//! Where a market is in its life, what a share pays at its end, and what is still owed.

use borsh::BorshDeserialize;
use math::{Money, Price};

use crate::{amounts::difference, error::CoreError, pool::PoolState, rule::Meaning};

/// `winning_outcome` of a market that has none.
pub const NO_OUTCOME: u8 = u8::MAX;

/// Where a market is in its life. "Locked" is a time, not a status; "closed" is no account.
#[cfg_attr(feature = "idl-build", derive(anchor_lang::AnchorSerialize))]
#[cfg_attr(not(feature = "idl-build"), derive(borsh::BorshSerialize))]
#[derive(BorshDeserialize, Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum MarketStatus {
    Open,
    /// A result waits for its dispute window to pass.
    Proposed,
    /// The arbiters have to say.
    Disputed,
    Resolved,
    Void,
}

/// The fields of [`Settlement`], of a program's own name:
/// `settlement!(OUTCOMES; attributes pub struct Name)`.
#[macro_export]
macro_rules! settlement {
    ($outcomes:ident; $($head:tt)*) => {
        $($head)* {
            /// A `MarketStatus`.
            pub status: u8,
            /// Index of the winning outcome, or `NO_OUTCOME`.
            pub winning_outcome: u8,
            pub padding: [u8; 6],
            /// What a share of each outcome pays, Q1.63; set when the market is settled.
            pub payouts: [u64; $outcomes],
        }
    };
}

settlement! { OUTCOMES;
    /// How a market ended, or that it did not yet.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    #[repr(C)]
    pub struct Settlement<const OUTCOMES: usize>
}

impl<const N: usize> Settlement<N> {
    /// Of a market that is open.
    pub const OPEN: Self = Self {
        status: MarketStatus::Open as u8,
        winning_outcome: NO_OUTCOME,
        padding: [0; 6],
        payouts: [0; N],
    };

    pub fn is(&self, status: MarketStatus) -> bool {
        self.status == status as u8
    }

    pub fn is_open(&self) -> bool {
        self.is(MarketStatus::Open)
    }

    pub fn is_settled(&self) -> bool {
        self.is(MarketStatus::Resolved) || self.is(MarketStatus::Void)
    }

    /// # Errors
    /// `MarketNotOpen`.
    pub fn require_open(&self) -> Result<(), CoreError> {
        self.is_open().then_some(()).ok_or(CoreError::MarketNotOpen)
    }

    /// # Errors
    /// `MarketSettled`.
    pub fn require_not_settled(&self) -> Result<(), CoreError> {
        (!self.is_settled())
            .then_some(())
            .ok_or(CoreError::MarketSettled)
    }

    /// # Errors
    /// `MarketNotSettled`.
    pub fn require_settled(&self) -> Result<(), CoreError> {
        self.is_settled()
            .then_some(())
            .ok_or(CoreError::MarketNotSettled)
    }

    /// Settles the market on what was observed.
    ///
    /// # Errors
    /// `ValueOutsideRule` if that means no outcome.
    pub fn resolve(&mut self, meaning: Meaning) -> Result<(), CoreError> {
        let payouts = meaning.payouts::<N>()?;
        self.winning_outcome = match meaning {
            Meaning::Outcome(outcome) => outcome,
            Meaning::Split { .. } | Meaning::Tie | Meaning::NoOutcome => NO_OUTCOME,
        };
        self.settle(MarketStatus::Resolved, payouts);
        Ok(())
    }

    /// Settles the market without a result, at payouts that the cash covers.
    pub fn void(&mut self, payouts: [Price; N]) {
        self.winning_outcome = NO_OUTCOME;
        self.settle(MarketStatus::Void, payouts);
    }

    fn settle(&mut self, status: MarketStatus, payouts: [Price; N]) {
        self.status = status as u8;
        self.payouts = payouts.map(|payout| payout.0);
    }

    /// What a settled market still owes for its shares outstanding, rounded up; base units.
    ///
    /// # Errors
    /// `Overflow`.
    pub fn liability(&self, pool: &PoolState<N>) -> Result<u64, CoreError> {
        let outcomes = usize::from(pool.outcomes);
        let payouts = self.payout_vector(outcomes);
        let sold = pool.sold.get(..outcomes).unwrap_or(&pool.sold);
        Ok(math::liability(sold, payouts)?.0)
    }

    /// What `shares` of each outcome pay in a settled market, rounded down; base units.
    ///
    /// # Errors
    /// `Overflow`.
    pub fn payout_of(&self, shares: &[u64]) -> Result<u64, CoreError> {
        Ok(math::payout(shares, self.payout_vector(shares.len()))?.0)
    }

    fn payout_vector(&self, outcomes: usize) -> &[Price] {
        let payouts: &[Price] = bytemuck::must_cast_slice(&self.payouts);
        payouts.get(..outcomes).unwrap_or(payouts)
    }

    /// Takes the shares of one owner off the books, and returns what they pay, rounded down; base
    /// units.
    ///
    /// # Errors
    /// `NotEnoughShares` if fewer are outstanding, `Insolvent`, `Overflow`.
    pub fn redeem(&self, pool: &mut PoolState<N>, shares: &[u64]) -> Result<Money, CoreError> {
        let payout = self.payout_of(shares)?;
        for (sold, count) in pool.sold.iter_mut().zip(shares) {
            *sold = sold.checked_sub(*count).ok_or(CoreError::NotEnoughShares)?;
        }
        pool.cash = difference(pool.cash, payout).map_err(|_| CoreError::Insolvent)?;
        Ok(Money(payout))
    }

    /// Whether the market can pay whatever happens: before the result whichever outcome wins, after
    /// it what is still owed.
    ///
    /// # Errors
    /// `Insolvent`, `Overflow`.
    pub fn assert_solvent(&self, pool: &PoolState<N>) -> Result<(), CoreError> {
        if !self.is_settled() {
            return Ok(pool.check_solvent()?);
        }
        let is_covered = pool.cash >= self.liability(pool)?;
        is_covered.then_some(()).ok_or(CoreError::Insolvent)
    }
}
