//! A pool and its lenders.

use client::{
    addresses::leverage::deposit as deposit_address,
    instructions::leverage::{CancelWithdraw, EndDeposit, ExecuteWithdraw, PoolAccounts},
};
use leverage::state::{LendingPool, PoolDeposit, PoolWithdrawal};
use solana_clock::Clock;
use solana_pubkey::Pubkey;

use super::LoanAction;
use crate::Money;

/// A pool and what its lenders asked for.
#[derive(Clone, Debug)]
pub struct PoolView {
    pub address: Pubkey,
    pub pool: LendingPool,
    pub money: Money,
    pub deposits: Vec<PoolDeposit>,
    pub withdrawals: Vec<PoolWithdrawal>,
}

impl PoolView {
    /// What the program would accept now.
    pub fn plan(&self, clock: &Clock) -> Vec<LoanAction> {
        let now = clock.unix_timestamp;
        let waiting = self.deposits.iter().filter(|deposit| deposit.amount > 0);
        let ends = waiting.filter_map(|deposit| self.end_deposit(deposit, now));
        let pays = self
            .withdrawals
            .iter()
            .filter_map(|withdrawal| self.end_withdrawal(withdrawal, now));
        ends.chain(pays).collect()
    }

    fn accounts(&self) -> PoolAccounts {
        PoolAccounts {
            pool: self.address,
            mint: self.money.mint,
            token_program: self.money.token_program,
        }
    }

    fn end_deposit(&self, deposit: &PoolDeposit, now: i64) -> Option<LoanAction> {
        let end = EndDeposit {
            pool: self.accounts(),
            owner: deposit.owner,
            owner_tokens: self.money.account_of(&deposit.owner),
            rent_payer: deposit.rent_payer,
            nonce: deposit.nonce,
        };
        if now > deposit.available_until {
            return Some(LoanAction::CancelDeposit(end));
        }
        (now >= deposit.available_at).then_some(LoanAction::ExecuteDeposit(end))
    }

    /// A withdrawal that gets less than it asks for waits: loans may be paid back.
    fn end_withdrawal(&self, withdrawal: &PoolWithdrawal, now: i64) -> Option<LoanAction> {
        let of = self.deposits.iter().find(|deposit| {
            deposit_address(&self.address, &deposit.owner, deposit.nonce) == withdrawal.deposit
        })?;
        if now > withdrawal.available_until {
            return Some(LoanAction::CancelWithdraw(CancelWithdraw {
                pool: self.address,
                owner: of.owner,
                nonce: of.nonce,
                rent_payer: withdrawal.rent_payer,
            }));
        }
        let mut pool = self.pool;
        pool.accrue(now).ok()?;
        let paid = pool.pay_shares(withdrawal.shares, withdrawal.min_amount);
        let is_paid = paid.is_ok_and(|(shares, _)| shares > 0);
        let is_due = now >= withdrawal.available_at && is_paid;
        is_due.then_some(LoanAction::ExecuteWithdraw(ExecuteWithdraw {
            pool: self.accounts(),
            owner: of.owner,
            owner_tokens: self.money.account_of(&of.owner),
            nonce: of.nonce,
            rent_payer: withdrawal.rent_payer,
            deposit_rent_payer: of.rent_payer,
        }))
    }
}
