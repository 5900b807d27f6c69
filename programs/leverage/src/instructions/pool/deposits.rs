//! The accounts of `execute_deposit` and `cancel_deposit`, and how a deposit's money goes back.

use anchor_lang::{prelude::*, AccountsClose};
use anchor_spl::token_interface::TokenInterface;
use program_kit::{decrement, EventHeader, Purse};

use crate::{
    error::LoanError,
    state::{LendingPool, PoolDeposit},
};

#[derive(Accounts)]
pub struct EndDeposit<'info> {
    #[account(mut)]
    pub pool: AccountLoader<'info, LendingPool>,
    /// CHECK: named by the pool.
    #[account(mut)]
    pub pool_tokens: UncheckedAccount<'info>,
    #[account(
        mut,
        has_one = pool @ LoanError::WrongAccount,
        has_one = owner @ LoanError::WrongAccount,
        has_one = rent_payer @ LoanError::WrongRentReceiver,
    )]
    pub deposit: Account<'info, PoolDeposit>,
    /// CHECK: named by the deposit.
    pub owner: UncheckedAccount<'info>,
    /// CHECK: named by the deposit; gets its rent if its money goes back.
    #[account(mut)]
    pub rent_payer: UncheckedAccount<'info>,
    /// CHECK: checked to be the owner's where money goes to it.
    #[account(mut)]
    pub owner_tokens: UncheckedAccount<'info>,
    pub token_program: Interface<'info, TokenInterface>,
    /// CHECK: checked to be the owner's where money goes to it, which is only if his associated token account cannot receive.
    #[account(mut)]
    pub fallback_tokens: Option<UncheckedAccount<'info>>,
}

#[event]
pub struct PoolDepositEnded {
    pub header: EventHeader,
    pub pool: Pubkey,
    pub deposit: Pubkey,
    pub owner: Pubkey,
    pub amount: u64,
    /// Those that it bought; none if the money went back.
    pub shares: u64,
    /// After it.
    pub pool_cash: u64,
    pub pool_supply: u64,
}

impl<'info> EndDeposit<'info> {
    /// Books that a deposit bought shares, or goes back if there are none.
    ///
    /// # Errors
    /// `Overflow`.
    pub(super) fn book(
        &mut self,
        pool: &mut LendingPool,
        shares: u64,
        clock: &Clock,
    ) -> Result<()> {
        let amount = core::mem::take(&mut self.deposit.amount);
        self.deposit.shares = shares;
        pool.pending_deposits = pool
            .pending_deposits
            .checked_sub(amount)
            .ok_or(LoanError::Overflow)?;
        emit!(PoolDepositEnded {
            header: pool.next_event(clock)?,
            pool: self.deposit.pool,
            deposit: self.deposit.key(),
            owner: self.deposit.owner,
            amount,
            shares,
            pool_cash: pool.book.cash,
            pool_supply: pool.book.supply,
        });
        Ok(())
    }

    /// Pays a deposit's money back, and closes it.
    ///
    /// # Errors
    /// `WrongTokenAccount`, those of the token program.
    pub(super) fn give_back(&mut self, clock: &Clock) -> Result<()> {
        let amount = self.deposit.amount;
        let loader = self.pool.clone();
        {
            let mut pool = loader.load_mut()?;
            decrement(&mut pool.open_deposits).map_err(LoanError::from)?;
            self.book(&mut pool, 0, clock)?;
        }
        let purse = Purse::new(&self.pool, &self.pool_tokens, &self.token_program)?;
        let fallback = self.fallback_tokens.as_deref();
        purse.pay_owner(&self.owner, &self.owner_tokens, fallback, amount)?;
        self.deposit.close(self.rent_payer.to_account_info())
    }
}
