use anchor_lang::prelude::*;

use super::EndDeposit;
use crate::error::LoanError;

/// Gives back a deposit that nobody can execute any more; anybody. Before that it would be a free
/// option: to ask, to wait for news, and to take the money back.
pub fn handle_cancel_deposit(ctx: Context<EndDeposit>) -> Result<()> {
    let accounts = ctx.accounts;
    let clock = Clock::get()?;
    require_gt!(accounts.deposit.amount, 0, LoanError::DepositDone);
    require_gt!(
        clock.unix_timestamp,
        accounts.deposit.available_until,
        LoanError::ExecutionPossible
    );
    accounts.give_back(&clock)
}
