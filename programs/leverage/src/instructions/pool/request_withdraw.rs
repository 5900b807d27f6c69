use anchor_lang::prelude::*;
use program_kit::{new_account::NewAccount, EventHeader};

use crate::{
    error::LoanError,
    state::{seeds, LendingPool, PoolDeposit, PoolWithdrawal, VERSION},
};

/// Seconds after the notice in which a withdrawal can be paid.
#[constant]
pub const POOL_WITHDRAWAL_EXECUTION_SECONDS: i64 = 3_600;

#[derive(Accounts)]
pub struct RequestWithdraw<'info> {
    pub owner: Signer<'info>,
    /// Pays the rent and gets it back.
    #[account(mut)]
    pub rent_payer: Signer<'info>,
    #[account(mut)]
    pub pool: AccountLoader<'info, LendingPool>,
    #[account(
        mut,
        has_one = pool @ LoanError::WrongAccount,
        has_one = owner @ LoanError::WrongAccount,
    )]
    pub deposit: Account<'info, PoolDeposit>,
    /// CHECK: created by the handler.
    #[account(mut, seeds = [seeds::WITHDRAWAL, deposit.key().as_ref()], bump)]
    pub withdrawal: UncheckedAccount<'info>,
    pub system_program: Program<'info, System>,
}

#[event]
pub struct PoolWithdrawRequested {
    pub header: EventHeader,
    pub pool: Pubkey,
    pub deposit: Pubkey,
    pub owner: Pubkey,
    pub rent_payer: Pubkey,
    pub shares: u64,
    pub min_amount: u64,
    /// First and last second in which anybody may have it paid.
    pub available_at: i64,
    pub available_until: i64,
    /// After it.
    pub requested_shares: u64,
}

/// Announces that shares leave, for at least `min_amount`. No loan is made with the cash that they are
/// worth from now on.
pub fn handle_request_withdraw(
    ctx: Context<RequestWithdraw>,
    shares: u64,
    min_amount: u64,
) -> Result<()> {
    let accounts = ctx.accounts;
    let clock = Clock::get()?;
    require_gt!(shares, 0, LoanError::ZeroAmount);
    require_eq!(accounts.deposit.amount, 0, LoanError::DepositPending);
    let left = accounts.deposit.shares.checked_sub(shares);
    accounts.deposit.shares = left.ok_or(LoanError::NotEnoughShares)?;
    let mut pool = accounts.pool.load_mut()?;
    let [available_at, available_until] =
        pool.notice_from(clock.unix_timestamp, POOL_WITHDRAWAL_EXECUTION_SECONDS)?;
    pool.requested_shares = pool
        .requested_shares
        .checked_add(shares)
        .ok_or(LoanError::Overflow)?;
    let withdrawal = PoolWithdrawal {
        version: VERSION,
        bump: ctx.bumps.withdrawal,
        deposit: accounts.deposit.key(),
        rent_payer: accounts.rent_payer.key(),
        shares,
        min_amount,
        available_at,
        available_until,
        reserved: [0; 32],
    };
    emit!(PoolWithdrawRequested {
        header: pool.next_event(&clock)?,
        pool: accounts.pool.key(),
        deposit: withdrawal.deposit,
        owner: accounts.owner.key(),
        rent_payer: withdrawal.rent_payer,
        shares,
        min_amount,
        available_at,
        available_until,
        requested_shares: pool.requested_shares,
    });
    drop(pool);
    NewAccount {
        payer: &accounts.rent_payer,
        account: &accounts.withdrawal,
        system_program: &accounts.system_program,
        seeds: &[
            seeds::WITHDRAWAL,
            withdrawal.deposit.as_ref(),
            &[withdrawal.bump],
        ],
    }
    .write(8 + PoolWithdrawal::INIT_SPACE, &withdrawal)
}
