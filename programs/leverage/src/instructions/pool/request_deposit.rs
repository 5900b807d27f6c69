use anchor_lang::prelude::*;
use anchor_spl::token_interface::TokenInterface;
use program_kit::{increment, new_account::NewAccount, EventHeader, Purse};

use crate::{
    error::LoanError,
    state::{seeds, LendingPool, PoolDeposit, VERSION},
};

/// Seconds after the notice in which a deposit can be executed.
#[constant]
pub const POOL_DEPOSIT_EXECUTION_SECONDS: i64 = 300;

#[derive(Accounts)]
#[instruction(nonce: u64)]
pub struct RequestDeposit<'info> {
    pub owner: Signer<'info>,
    /// Pays the rent and gets it back.
    #[account(mut)]
    pub rent_payer: Signer<'info>,
    #[account(mut)]
    pub pool: AccountLoader<'info, LendingPool>,
    /// CHECK: named by the pool.
    #[account(mut)]
    pub pool_tokens: UncheckedAccount<'info>,
    /// CHECK: the token program checks mint, balance and authority.
    #[account(mut)]
    pub owner_tokens: UncheckedAccount<'info>,
    /// CHECK: created by the handler.
    #[account(
        mut,
        seeds = [seeds::DEPOSIT, pool.key().as_ref(), owner.key().as_ref(), &nonce.to_le_bytes()],
        bump,
    )]
    pub deposit: UncheckedAccount<'info>,
    pub token_program: Interface<'info, TokenInterface>,
    pub system_program: Program<'info, System>,
}

#[event]
pub struct PoolDepositRequested {
    pub header: EventHeader,
    pub pool: Pubkey,
    pub deposit: Pubkey,
    pub owner: Pubkey,
    pub rent_payer: Pubkey,
    pub nonce: u64,
    pub amount: u64,
    pub min_due: u64,
    /// First and last second in which anybody may execute it.
    pub available_at: i64,
    pub available_until: i64,
    /// After it.
    pub pending_deposits: u64,
}

/// Takes a lender's money, which buys shares after the notice if they are due `min_due` base units at least, as if all
/// that is lent were lost then, or goes back: whoever leaves meanwhile leaves loans to those who come.
pub fn handle_request_deposit(
    ctx: Context<RequestDeposit>,
    nonce: u64,
    amount: u64,
    min_due: u64,
) -> Result<()> {
    let accounts = ctx.accounts;
    let clock = Clock::get()?;
    require_gt!(amount, 0, LoanError::ZeroAmount);
    let mut pool = accounts.pool.load_mut()?;
    let [available_at, available_until] =
        pool.notice_from(clock.unix_timestamp, POOL_DEPOSIT_EXECUTION_SECONDS)?;
    pool.pending_deposits = pool
        .pending_deposits
        .checked_add(amount)
        .ok_or(LoanError::Overflow)?;
    increment(&mut pool.open_deposits).map_err(LoanError::from)?;
    let deposit = PoolDeposit {
        version: VERSION,
        bump: ctx.bumps.deposit,
        pool: accounts.pool.key(),
        owner: accounts.owner.key(),
        rent_payer: accounts.rent_payer.key(),
        nonce,
        amount,
        min_due,
        available_at,
        available_until,
        shares: 0,
        reserved: [0; 32],
    };
    emit!(PoolDepositRequested {
        header: pool.next_event(&clock)?,
        pool: deposit.pool,
        deposit: accounts.deposit.key(),
        owner: deposit.owner,
        rent_payer: deposit.rent_payer,
        nonce,
        amount,
        min_due,
        available_at,
        available_until,
        pending_deposits: pool.pending_deposits,
    });
    drop(pool);
    NewAccount {
        payer: &accounts.rent_payer,
        account: &accounts.deposit,
        system_program: &accounts.system_program,
        seeds: &[
            seeds::DEPOSIT,
            deposit.pool.as_ref(),
            deposit.owner.as_ref(),
            &nonce.to_le_bytes(),
            &[deposit.bump],
        ],
    }
    .write(8 + PoolDeposit::INIT_SPACE, &deposit)?;
    let (pool, tokens) = (&accounts.pool, &accounts.pool_tokens);
    let purse = Purse::new(pool, tokens, &accounts.token_program)?;
    purse.receive(&accounts.owner_tokens, &accounts.owner, amount)
}
