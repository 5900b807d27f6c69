use core::ops::{Deref, DerefMut};

use anchor_lang::prelude::*;
use math::{
    vault::{assets_for_shares, cash_for_withdrawals, LEAST_STAYING},
    wide::share_of,
    BasisPoints, LendingBook, Money, Shares,
};
use program_kit::{Custody, EventHeader, SignerSeeds};

use crate::{
    error::LoanError,
    state::{seeds, Breaker, ScheduledPoolTerms},
};

/// The fields of [`LendingBook`].
#[zero_copy]
#[derive(Debug)]
#[repr(C)]
pub struct LendingState {
    /// Base units of the lenders that are not lent.
    pub cash: u64,
    /// Base units that pay losses before lenders do.
    pub insurance: u64,
    /// Lenders' shares.
    pub supply: u64,
    /// Of all loans.
    pub debt_shares: u64,
    /// What a debt share is owed, base units in Q64.64, the lower word first.
    pub index: [u64; 2],
    /// Unix second up to which interest is counted.
    pub accrued_until: i64,
}

impl Deref for LendingState {
    type Target = LendingBook;

    fn deref(&self) -> &LendingBook {
        bytemuck::must_cast_ref(self)
    }
}

impl DerefMut for LendingState {
    fn deref_mut(&mut self) -> &mut LendingBook {
        bytemuck::must_cast_mut(self)
    }
}

/// Money of one mint that is lent against shares. Address: seeds `pool`, mint, id.
#[account(zero_copy)]
#[derive(Debug)]
#[repr(C)]
pub struct LendingPool {
    pub version: u8,
    pub bump: u8,
    pub padding: [u8; 6],
    /// Of the admin's choice.
    pub id: u64,
    /// Number of the last event.
    pub sequence: u64,
    pub mint: Pubkey,
    /// Holds the cash, the insurance, and deposits that wait.
    pub token_account: Pubkey,
    /// Paid the rent, and gets it back.
    pub rent_payer: Pubkey,
    pub terms: ScheduledPoolTerms,
    pub book: LendingState,
    /// Base units of deposits that wait.
    pub pending_deposits: u64,
    /// Lenders' shares whose withdrawal waits; they count as the supply until it is paid.
    pub requested_shares: u64,
    /// The worst losses of all listings, in debt shares.
    pub worst_debt_shares: u64,
    pub breaker: Breaker,
    pub open_deposits: u32,
    pub open_listings: u32,
    pub open_groups: u32,
    pub more_padding: [u8; 4],
    pub reserved: [u8; 128],
}

const _: () = assert!(core::mem::size_of::<LendingPool>() == 400);

impl LendingPool {
    /// Counts the interest up to `now`, unix seconds.
    ///
    /// # Errors
    /// `Overflow`.
    pub fn accrue(&mut self, now: i64) -> Result<()> {
        let rates = self.terms.at(now).rates();
        Ok(self.book.accrue(rates, now).map_err(LoanError::from)?)
    }

    /// What lenders lose at most, whatever becomes of the markets; base units, rounded up.
    ///
    /// # Errors
    /// `Overflow`.
    pub fn worst_loss(&self) -> Result<Money> {
        let shares = Shares(self.worst_debt_shares);
        Ok(self.book.debt(shares).map_err(LoanError::from)?)
    }

    /// Whether the pool bears the worst losses of a market, of its group and of all, in debt shares
    /// that count the new loan; each as a part of what it has whatever becomes of them.
    ///
    /// # Errors
    /// [`LoanError::WorstLossAboveCap`].
    pub fn require_bearable(
        &self,
        now: i64,
        of_market: u64,
        market_loss: u16,
        of_group: u64,
    ) -> Result<()> {
        let equity = self.book.equity().map_err(LoanError::from)?;
        let sure = equity.0.saturating_sub(self.worst_loss()?.0);
        let terms = self.terms.at(now);
        for (shares, part) in [
            (of_market, market_loss),
            (of_group, terms.group_loss),
            (self.worst_debt_shares, terms.total_loss),
        ] {
            let loss = self.book.debt(Shares(shares)).map_err(LoanError::from)?;
            let cap = BasisPoints(part).of_floor(sure).map_err(LoanError::from)?;
            require_gte!(cap, loss.0, LoanError::WorstLossAboveCap);
        }
        Ok(())
    }

    /// Takes the shares that there is cash for off the books; returns them and what they are paid. While
    /// there are loans a few stay, to whom belongs what is counted as lost and comes back.
    ///
    /// # Errors
    /// [`LoanError::AmountBelowMinimum`] if all of them are worth less, `Overflow`.
    pub fn pay_shares(&mut self, shares: u64, min_amount: u64) -> Result<(u64, u64)> {
        let at_risk = self.worst_loss()?;
        let equity = self.book.equity().map_err(LoanError::from)?;
        let sure = Money(equity.0.saturating_sub(at_risk.0));
        let supply = Shares(self.book.supply);
        let due = assets_for_shares(Shares(shares), supply, sure).map_err(LoanError::from)?;
        require_gte!(due.0, min_amount, LoanError::AmountBelowMinimum);
        let mut paid_shares = if due.0 <= self.book.cash {
            shares
        } else {
            share_of(shares, self.book.cash, due.0)
        };
        if self.book.debt_shares > 0 {
            paid_shares = paid_shares.min(supply.0.saturating_sub(LEAST_STAYING.0));
        }
        let paid = self.book.withdraw(Shares(paid_shares), at_risk);
        Ok((paid_shares, paid.map_err(LoanError::from)?.0))
    }

    /// Whether a loan leaves the cash that withdrawals wait for.
    ///
    /// # Errors
    /// [`LoanError::NotEnoughCash`].
    pub fn require_cash_for(&self, loan: u64) -> Result<()> {
        let equity = self.book.equity().map_err(LoanError::from)?;
        let (requested, supply) = (Shares(self.requested_shares), Shares(self.book.supply));
        let wanted = cash_for_withdrawals(requested, supply, equity).map_err(LoanError::from)?;
        let free = self.book.cash.saturating_sub(wanted.0);
        require_gte!(free, loan, LoanError::NotEnoughCash);
        Ok(())
    }

    /// What the next event of this pool starts with.
    ///
    /// # Errors
    /// `Overflow`.
    pub fn next_event(&mut self, clock: &Clock) -> Result<EventHeader> {
        let header = EventHeader::next(&mut self.sequence, clock);
        header.map_err(|error| LoanError::from(error).into())
    }

    /// When what is requested at `now` can be executed: from when and until when, unix seconds.
    ///
    /// # Errors
    /// `Overflow`.
    pub fn notice_from(&self, now: i64, execution_seconds: i64) -> Result<[i64; 2]> {
        let from = now.checked_add(self.terms.at(now).notice_seconds.into());
        let until = from.and_then(|from| from.checked_add(execution_seconds));
        match (from, until) {
            (Some(from), Some(until)) => Ok([from, until]),
            _ => Err(LoanError::Overflow.into()),
        }
    }
}

impl Custody for LendingPool {
    type Error = LoanError;

    fn token_account(&self) -> Pubkey {
        self.token_account
    }

    fn signer(&self) -> SignerSeeds {
        let id = self.id.to_le_bytes();
        SignerSeeds::new(&[seeds::POOL, self.mint.as_ref(), &id, &[self.bump]])
    }

    fn tracked(&self) -> core::result::Result<u64, LoanError> {
        self.book
            .cash
            .checked_add(self.book.insurance)
            .and_then(|sum| sum.checked_add(self.pending_deposits))
            .ok_or(LoanError::Overflow)
    }

    /// It owes lenders what it has and is owed, never more.
    fn assert_solvent(&self) -> core::result::Result<(), LoanError> {
        let is_valid = self.worst_debt_shares <= self.book.debt_shares
            && self.requested_shares <= self.book.supply;
        is_valid.then_some(()).ok_or(LoanError::DebtsMismatch)
    }
}
