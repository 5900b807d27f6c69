//! Debts, which stand in four books at once: the position's, its listing's, the group's and the pool's.

use anchor_lang::prelude::*;
use math::{Money, Shares};
use program_kit::Purse;

use crate::{
    error::LoanError,
    instructions::{TripCause, Tripped},
    state::{CorrelationGroup, LendingPool, LeveredPosition, ListedMarket},
};

/// The books that a debt stands in beside its position.
pub struct Ledger<'a, 'info> {
    pub pool: &'a AccountLoader<'info, LendingPool>,
    pub group: &'a AccountLoader<'info, CorrelationGroup>,
    pub listing: &'a AccountLoader<'info, ListedMarket>,
}

/// What became of money that came in for a position.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Settled {
    /// Base units to the lenders, and to the insurance.
    pub repaid: u64,
    pub fee: u64,
    /// Base units that are the owner's to take.
    pub claimable: u64,
    /// Base units of the debt that nobody pays, which the insurance and the lenders lost.
    pub lost_insurance: u64,
    pub lost_lenders: u64,
}

impl Settled {
    /// Base units that go to the pool.
    pub fn for_pool(&self) -> u64 {
        self.repaid.saturating_add(self.fee)
    }

    fn lost(&self) -> Result<Money> {
        let lost = Money(self.lost_insurance).checked_add(Money(self.lost_lenders));
        Ok(lost.map_err(LoanError::from)?)
    }
}

impl<'info> Ledger<'_, 'info> {
    /// Counts interest, fee and the last call up to `now`, unix seconds, and returns what a position is owed, base
    /// units, rounded up.
    ///
    /// # Errors
    /// `Overflow`.
    pub fn debt(&self, position: &mut LeveredPosition, now: i64) -> Result<Money> {
        let mut pool = self.pool.load_mut()?;
        pool.accrue(now)?;
        let mut listing = self.listing.load_mut()?;
        listing.accrue_jump(now);
        position.count_call(&listing.call)?;
        let debt = pool.book.debt(Shares(position.debt_shares));
        let debt = debt.map_err(LoanError::from)?;
        position.accrue_jump_fee(&listing, debt.0)?;
        Ok(debt)
    }

    /// Books a new loan of a position without a debt. Interest has to be counted up to now.
    ///
    /// # Errors
    /// `Overflow`; `NotEnoughCash` if less can be lent.
    pub fn lend(&self, position: &mut LeveredPosition, amount: u64) -> Result<()> {
        let mut pool = self.pool.load_mut()?;
        pool.require_cash_for(amount)?;
        let shares = pool.book.lend(Money(amount)).map_err(LoanError::from)?;
        let mut listing = self.listing.load_mut()?;
        listing.change_debt_shares(position.outcome, shares.0, 0)?;
        self.group.load_mut()?.change_debt_shares(shares.0, 0)?;
        position.debt_shares = shares.0;
        Ok(())
    }

    /// Books money that came in for a position: the debt first, then the fee, and the rest is the
    /// owner's. If the position has no shares left, what is missing of the debt is lost. The caller
    /// moves what is the pool's, and has counted interest up to now.
    ///
    /// # Errors
    /// `Overflow`.
    pub fn settle(&self, position: &mut LeveredPosition, received: u64) -> Result<Settled> {
        let mut pool = self.pool.load_mut()?;
        let before = *pool.book;
        let loan = Shares(position.debt_shares);
        let is_short =
            position.shares == 0 && received < pool.book.debt(loan).map_err(LoanError::from)?.0;
        let settled = if is_short {
            write_off(&mut pool, position, received)?
        } else {
            repay(&mut pool, position, received)?
        };
        let gone = loan.checked_sub(Shares(position.debt_shares));
        let gone = gone.map_err(LoanError::from)?.0;
        let claim = position.claim.checked_add(settled.claimable);
        position.claim = claim.ok_or(LoanError::Overflow)?;
        let mut listing = self.listing.load_mut()?;
        listing.change_cash(settled.claimable, 0)?;
        listing.change_debt_shares(position.outcome, 0, gone)?;
        let mut group = self.group.load_mut()?;
        group.change_debt_shares(0, gone)?;
        if is_short {
            let lost = before.part_of_equity(settled.lost()?);
            let lost = lost.map_err(LoanError::from)?;
            pool.change_lost(lost, 0)?;
            group.change_lost(lost, 0)?;
            self.lose(&mut listing, lost, pool.book.accrued_until)?;
        }
        Ok(settled)
    }

    /// Takes what a listing cost off its group and its pool as soon as its market is settled and nothing is owed against
    /// it any more, whatever else keeps it open.
    ///
    /// # Errors
    /// `Overflow`.
    pub fn forget_lost(&self) -> Result<()> {
        let mut listing = self.listing.load_mut()?;
        if listing.lost == 0 || !listing.is_settled() {
            return Ok(());
        }
        let is_owed = listing.debt_shares.iter().any(|shares| *shares > 0);
        if is_owed {
            return Ok(());
        }
        let lost = core::mem::take(&mut listing.lost);
        self.pool.load_mut()?.change_lost(0, lost)?;
        self.group.load_mut()?.change_lost(0, lost)
    }

    /// Counts a debt that nobody pays, a part of what is the lenders', against its listing, which makes no new loans
    /// for a while, and says so.
    fn lose(&self, listing: &mut ListedMarket, lost: u64, now: i64) -> Result<()> {
        if let Some(released_from) = listing.lose(lost, now)? {
            emit!(Tripped {
                header: listing.next_event(&Clock::get()?)?,
                account: self.listing.key(),
                cause: TripCause::BadDebt,
                authority: None,
                released_from,
            });
        }
        Ok(())
    }

    /// Whether the pool bears what the market, its group and all can cost.
    ///
    /// # Errors
    /// [`LoanError::WorstLossAboveCap`].
    pub fn require_bearable(&self, now: i64) -> Result<()> {
        let (pool, listing) = (self.pool.load()?, self.listing.load()?);
        let cap = listing.parameters.at(now).market_loss;
        let of_group = self.group.load()?.at_stake(&pool.book)?;
        pool.require_bearable(now, listing.at_stake(&pool.book)?, cap, of_group)
    }
}

/// Ends a debt that nothing secures any more and of which no more than `received` is paid.
fn write_off(
    pool: &mut LendingPool,
    position: &mut LeveredPosition,
    received: u64,
) -> Result<Settled> {
    let loan = core::mem::take(&mut position.debt_shares);
    position.jump_fee = 0;
    let loss = pool.book.write_off(Shares(loan), Money(received));
    let loss = loss.map_err(LoanError::from)?;
    Ok(Settled {
        repaid: received,
        lost_insurance: loss.insurance.0,
        lost_lenders: loss.lenders.0,
        ..Settled::default()
    })
}

/// Pays the debt, then the fee.
fn repay(pool: &mut LendingPool, position: &mut LeveredPosition, received: u64) -> Result<Settled> {
    let repaid = pool
        .book
        .repay(Shares(position.debt_shares), Money(received));
    let repaid = repaid.map_err(LoanError::from)?;
    let left = position.debt_shares.checked_sub(repaid.shares.0);
    position.debt_shares = left.ok_or(LoanError::Overflow)?;
    let mut settled = Settled {
        repaid: repaid.paid.0,
        ..Settled::default()
    };
    if position.debt_shares == 0 {
        let rest = received.saturating_sub(repaid.paid.0);
        settled.fee = rest.min(position.jump_fee);
        settled.claimable = rest.saturating_sub(settled.fee);
        position.jump_fee = position.jump_fee.saturating_sub(settled.fee);
        let insurance = pool.book.insurance.checked_add(settled.fee);
        pool.book.insurance = insurance.ok_or(LoanError::Overflow)?;
    }
    Ok(settled)
}

/// Moves what is the pool's of money that a listing got.
///
/// # Errors
/// Those of the token program, and of both purses' invariants.
pub fn pay_pool<'info>(
    listing: &Purse<'_, 'info, ListedMarket>,
    pool: &Purse<'_, 'info, LendingPool>,
    settled: &Settled,
) -> Result<()> {
    listing.pay_to(pool, settled.for_pool())
}
