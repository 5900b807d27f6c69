use anchor_lang::prelude::*;
use math::{Money, Shares};
use program_kit::Purse;

use super::EndDeposit;
use crate::{error::LoanError, state::LendingPool};

/// Has a deposit buy shares of the pool at its present price, with all loans counted as good; anybody.
/// If they are fewer than its bound, its money goes back.
pub fn handle_execute_deposit(ctx: Context<EndDeposit>) -> Result<()> {
    let accounts = ctx.accounts;
    let clock = Clock::get()?;
    let now = clock.unix_timestamp;
    let deposit = &accounts.deposit;
    require_gt!(deposit.amount, 0, LoanError::DepositDone);
    require_gte!(now, deposit.available_at, LoanError::NoticeNotPassed);
    require_gte!(deposit.available_until, now, LoanError::ExecutionOver);
    let (amount, min_shares) = (deposit.amount, deposit.min_shares);
    let loader = accounts.pool.clone();
    let mut pool = loader.load_mut()?;
    let Some(shares) = buy(&mut pool, amount, min_shares, now)? else {
        drop(pool);
        return accounts.give_back(&clock);
    };
    accounts.book(&mut pool, shares.0, &clock)?;
    drop(pool);
    Purse::new(
        &accounts.pool,
        &accounts.pool_tokens,
        &accounts.token_program,
    )?
    .assert_backed()
}

/// The shares that a deposit bought; `None` if it would buy fewer than its bound.
fn buy(pool: &mut LendingPool, amount: u64, min_shares: u64, now: i64) -> Result<Option<Shares>> {
    pool.accrue(now)?;
    let mut book = *pool.book;
    match book.deposit(Money(amount)) {
        Ok(shares) if shares.0 >= min_shares => {
            *pool.book = book;
            Ok(Some(shares))
        }
        _ => Ok(None),
    }
}
