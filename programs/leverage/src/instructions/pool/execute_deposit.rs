use anchor_lang::prelude::*;
use math::{Money, Shares};
use program_kit::Purse;

use super::EndDeposit;
use crate::{error::LoanError, state::LendingPool};

/// Has a deposit buy shares of the pool at its present price, with all loans counted as good; anybody.
/// If they are due less than its bound, its money goes back.
pub fn handle_execute_deposit(ctx: Context<EndDeposit>) -> Result<()> {
    let accounts = ctx.accounts;
    let clock = Clock::get()?;
    let now = clock.unix_timestamp;
    let deposit = &accounts.deposit;
    require_gt!(deposit.amount, 0, LoanError::DepositDone);
    require_gte!(now, deposit.available_at, LoanError::NoticeNotPassed);
    require_gte!(deposit.available_until, now, LoanError::ExecutionOver);
    let (amount, min_due) = (Money(deposit.amount), Money(deposit.min_due));
    let loader = accounts.pool.clone();
    let mut pool = loader.load_mut()?;
    let Some(shares) = buy(&mut pool, amount, min_due, now)? else {
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

/// The shares that a deposit bought; `None` if it would buy none, or such as are due less than its bound.
fn buy(pool: &mut LendingPool, amount: Money, min_due: Money, now: i64) -> Result<Option<Shares>> {
    pool.accrue(now)?;
    match pool.after_deposit(amount) {
        Ok((book, shares, due)) if due >= min_due => {
            *pool.book = book;
            Ok(Some(shares))
        }
        _ => Ok(None),
    }
}
