use core::ops::{Deref, DerefMut};

use anchor_lang::prelude::*;
use math::{
    vault::{assets_for_shares, cash_for_withdrawals, least_staying},
    BasisPoints, LendingBook, Money, Shares,
};
use program_kit::{Custody, EventHeader, SignerSeeds};

use crate::{
    error::LoanError,
    state::{at_stake, change, seeds, Breaker, ScheduledPoolTerms},
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
    /// What debts against open listings that nobody paid have cost: each as a part of what was the lenders' then, the
    /// sum in Q32.32. So what one deposits after a loss makes no room for another.
    pub lost: u64,
    pub breaker: Breaker,
    pub open_deposits: u32,
    pub open_listings: u32,
    pub open_groups: u32,
    pub more_padding: [u8; 4],
    pub reserved: [u8; 128],
}

const _: () = assert!(core::mem::size_of::<LendingPool>() == 400);

impl LendingPool {
    /// Counts the interest up to `now`, unix seconds, by the rates that were in force.
    ///
    /// # Errors
    /// `Overflow`.
    pub fn accrue(&mut self, now: i64) -> Result<()> {
        if let Some(changed_at) = self.terms.changed_between(self.book.accrued_until, now) {
            let rates = self.terms.value.rates();
            self.book
                .accrue(rates, changed_at)
                .map_err(LoanError::from)?;
        }
        let rates = self.terms.at(now).rates();
        Ok(self.book.accrue(rates, now).map_err(LoanError::from)?)
    }

    /// What lenders lose by open listings at most, and have lost by them; base units, rounded up.
    ///
    /// # Errors
    /// `Overflow`.
    pub fn at_stake(&self) -> Result<Money> {
        at_stake(&self.book, self.book.debt_shares, self.lost)
    }

    /// Adds a debt that nobody pays, and takes those of a listing that is settled; parts as in `lost`.
    ///
    /// # Errors
    /// `Overflow`.
    pub fn change_lost(&mut self, added: u64, taken: u64) -> Result<()> {
        change(&mut self.lost, added, taken)
    }

    /// Whether the pool bears what a market, its group and all cost at most, base units that count the new loan and
    /// what they cost before; each as a part of what the pool has whatever becomes of its loans, its cash.
    ///
    /// # Errors
    /// [`LoanError::WorstLossAboveCap`].
    pub fn require_bearable(
        &self,
        now: i64,
        of_market: Money,
        market_loss: u16,
        of_group: Money,
    ) -> Result<()> {
        let terms = self.terms.at(now);
        for (loss, part) in [
            (of_market, market_loss),
            (of_group, terms.group_loss),
            (self.at_stake()?, terms.total_loss),
        ] {
            let cap = BasisPoints(part).of_floor(self.book.cash);
            let cap = cap.map_err(LoanError::from)?;
            require_gte!(cap, loss.0, LoanError::WorstLossAboveCap);
        }
        Ok(())
    }

    /// What shares that leave are due, their part of the cash: as if all that is lent were lost; base units, rounded
    /// down.
    ///
    /// # Errors
    /// `MoreThanSold`, `Overflow`.
    pub fn due(&self, shares: Shares) -> Result<Money> {
        due_of(&self.book, shares)
    }

    /// The books after a deposit of base units, the shares that it buys, and what those are due then.
    ///
    /// # Errors
    /// `NoShares`, `Overflow`.
    pub fn after_deposit(&self, amount: Money) -> Result<(LendingBook, Shares, Money)> {
        let mut book = *self.book;
        let shares = book.deposit(amount).map_err(LoanError::from)?;
        let due = due_of(&book, shares)?;
        Ok((book, shares, due))
    }

    /// Takes shares off the books; returns them and what they are paid. While there are loans a few stay, to whom
    /// belongs what is counted as lost and comes back.
    ///
    /// # Errors
    /// [`LoanError::AmountBelowMinimum`] if all of them are worth less, [`LoanError::NotEnoughCash`] if they
    /// are paid nothing while there are loans, `Overflow`.
    pub fn pay_shares(&mut self, shares: u64, min_amount: u64) -> Result<(u64, u64)> {
        let due = self.due(Shares(shares))?;
        require_gte!(due.0, min_amount, LoanError::AmountBelowMinimum);
        let mut paid_shares = shares;
        if self.book.debt_shares > 0 {
            let supply = self.book.supply;
            let staying = least_staying(Shares(supply)).0;
            paid_shares = paid_shares.min(supply.saturating_sub(staying));
        }
        let lent = self.book.lent().map_err(LoanError::from)?;
        let paid = self.book.withdraw(Shares(paid_shares), lent);
        let paid = paid.map_err(LoanError::from)?.0;
        // For nothing nobody gives his part of what comes back.
        let is_due = paid > 0 || self.book.debt_shares == 0;
        require!(is_due, LoanError::NotEnoughCash);
        Ok((paid_shares, paid))
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

fn due_of(book: &LendingBook, shares: Shares) -> Result<Money> {
    let due = assets_for_shares(shares, Shares(book.supply), Money(book.cash));
    Ok(due.map_err(LoanError::from)?)
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
        let is_valid = self.requested_shares <= self.book.supply;
        is_valid.then_some(()).ok_or(LoanError::DebtsMismatch)
    }
}
