use anchor_lang::prelude::*;
use program_kit::EventHeader;

use crate::{
    error::LoanError,
    state::{LendingPool, PoolDeposit, PoolWithdrawal},
};

#[derive(Accounts)]
pub struct CancelWithdraw<'info> {
    #[account(mut)]
    pub pool: AccountLoader<'info, LendingPool>,
    #[account(mut, has_one = pool @ LoanError::WrongAccount)]
    pub deposit: Account<'info, PoolDeposit>,
    #[account(
        mut,
        close = rent_payer,
        has_one = deposit @ LoanError::WrongAccount,
        has_one = rent_payer @ LoanError::WrongRentReceiver,
    )]
    pub withdrawal: Account<'info, PoolWithdrawal>,
    /// CHECK: named by the withdrawal; gets its rent.
    #[account(mut)]
    pub rent_payer: UncheckedAccount<'info>,
}

#[event]
pub struct PoolWithdrawCancelled {
    pub header: EventHeader,
    pub pool: Pubkey,
    pub deposit: Pubkey,
    pub owner: Pubkey,
    pub shares: u64,
    /// After it.
    pub requested_shares: u64,
}

/// Gives a deposit its shares back that nobody had paid in their time; anybody. A right to leave at any
/// moment would be worth something to whoever knows of a loss.
pub fn handle_cancel_withdraw(ctx: Context<CancelWithdraw>) -> Result<()> {
    let accounts = ctx.accounts;
    let clock = Clock::get()?;
    require_gt!(
        clock.unix_timestamp,
        accounts.withdrawal.available_until,
        LoanError::ExecutionPossible
    );
    let shares = accounts.withdrawal.shares;
    let back = accounts.deposit.shares.checked_add(shares);
    accounts.deposit.shares = back.ok_or(LoanError::Overflow)?;
    let mut pool = accounts.pool.load_mut()?;
    let requested = pool.requested_shares.checked_sub(shares);
    pool.requested_shares = requested.ok_or(LoanError::Overflow)?;
    emit!(PoolWithdrawCancelled {
        header: pool.next_event(&clock)?,
        pool: accounts.pool.key(),
        deposit: accounts.deposit.key(),
        owner: accounts.deposit.owner,
        shares,
        requested_shares: pool.requested_shares,
    });
    Ok(())
}
