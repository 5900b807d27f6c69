use anchor_lang::{prelude::*, AccountsClose};
use anchor_spl::token_interface::TokenInterface;
use program_kit::{decrement, EventHeader, Purse};

use crate::{
    error::LoanError,
    state::{LendingPool, PoolDeposit, PoolWithdrawal},
};

#[derive(Accounts)]
pub struct ExecuteWithdraw<'info> {
    #[account(mut)]
    pub pool: AccountLoader<'info, LendingPool>,
    /// CHECK: named by the pool.
    #[account(mut)]
    pub pool_tokens: UncheckedAccount<'info>,
    #[account(
        mut,
        has_one = pool @ LoanError::WrongAccount,
        has_one = owner @ LoanError::WrongAccount,
        constraint = deposit.rent_payer == deposit_rent_payer.key() @ LoanError::WrongRentReceiver,
    )]
    pub deposit: Account<'info, PoolDeposit>,
    #[account(
        mut,
        close = rent_payer,
        has_one = deposit @ LoanError::WrongAccount,
        has_one = rent_payer @ LoanError::WrongRentReceiver,
    )]
    pub withdrawal: Account<'info, PoolWithdrawal>,
    /// CHECK: named by the deposit.
    pub owner: UncheckedAccount<'info>,
    /// CHECK: named by the withdrawal; gets its rent.
    #[account(mut)]
    pub rent_payer: UncheckedAccount<'info>,
    /// CHECK: named by the deposit; gets its rent if nothing is left of it.
    #[account(mut)]
    pub deposit_rent_payer: UncheckedAccount<'info>,
    /// CHECK: checked to be the owner's where money goes to it.
    #[account(mut)]
    pub owner_tokens: UncheckedAccount<'info>,
    pub token_program: Interface<'info, TokenInterface>,
    /// CHECK: checked to be the owner's where money goes to it, which is only if his associated token account cannot receive.
    #[account(mut)]
    pub fallback_tokens: Option<UncheckedAccount<'info>>,
}

#[event]
pub struct PoolWithdrawn {
    pub header: EventHeader,
    pub pool: Pubkey,
    pub deposit: Pubkey,
    pub owner: Pubkey,
    /// Those that were paid, and the few that stay while there are loans, which are the deposit's again.
    pub shares: u64,
    pub shares_returned: u64,
    pub amount: u64,
    /// After it.
    pub pool_cash: u64,
    pub pool_supply: u64,
    pub requested_shares: u64,
}

/// Pays a withdrawal after its notice, as if all that is lent were lost; anybody. While there are loans a few of the
/// pool's shares stay.
pub fn handle_execute_withdraw(ctx: Context<ExecuteWithdraw>) -> Result<()> {
    let accounts = ctx.accounts;
    let clock = Clock::get()?;
    let now = clock.unix_timestamp;
    let withdrawal = &accounts.withdrawal;
    require_gte!(now, withdrawal.available_at, LoanError::NoticeNotPassed);
    require_gte!(withdrawal.available_until, now, LoanError::ExecutionOver);
    let shares = withdrawal.shares;
    let (paid_shares, amount, is_done) = {
        let mut pool = accounts.pool.load_mut()?;
        pool.accrue(now)?;
        let (paid_shares, amount) = pool.pay_shares(shares, withdrawal.min_amount)?;
        let requested = pool.requested_shares.checked_sub(shares);
        pool.requested_shares = requested.ok_or(LoanError::Overflow)?;
        let returned = shares.saturating_sub(paid_shares);
        let left = accounts.deposit.shares.checked_add(returned);
        accounts.deposit.shares = left.ok_or(LoanError::Overflow)?;
        let is_done = accounts.deposit.shares == 0;
        if is_done {
            decrement(&mut pool.open_deposits).map_err(LoanError::from)?;
        }
        emit!(PoolWithdrawn {
            header: pool.next_event(&clock)?,
            pool: accounts.pool.key(),
            deposit: accounts.deposit.key(),
            owner: accounts.owner.key(),
            shares: paid_shares,
            shares_returned: returned,
            amount,
            pool_cash: pool.book.cash,
            pool_supply: pool.book.supply,
            requested_shares: pool.requested_shares,
        });
        (paid_shares, amount, is_done)
    };
    require_gt!(paid_shares, 0, LoanError::NotEnoughCash);
    let (pool, tokens) = (&accounts.pool, &accounts.pool_tokens);
    let purse = Purse::new(pool, tokens, &accounts.token_program)?;
    let fallback = accounts.fallback_tokens.as_deref();
    purse.pay_owner(&accounts.owner, &accounts.owner_tokens, fallback, amount)?;
    if is_done {
        let rent_payer = accounts.deposit_rent_payer.to_account_info();
        accounts.deposit.close(rent_payer)?;
    }
    Ok(())
}
