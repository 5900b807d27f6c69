use anchor_lang::prelude::*;
use anchor_spl::token_interface::TokenInterface;
use oracle::OracleConfig;
use program_kit::{refuse_durable_nonce, EventHeader, Purse, INSTRUCTIONS_SYSVAR};

use crate::{error::LoanError, state::LendingPool};

#[derive(Accounts)]
pub struct ClosePool<'info> {
    #[account(
        mut,
        close = rent_payer,
        has_one = rent_payer @ LoanError::WrongRentReceiver,
    )]
    pub pool: AccountLoader<'info, LendingPool>,
    /// CHECK: named by the pool.
    #[account(mut)]
    pub pool_tokens: UncheckedAccount<'info>,
    pub admin: Signer<'info>,
    /// The oracle's configuration: one governance for all of Strobe. Its type proves it.
    #[account(has_one = admin @ LoanError::NotAdmin)]
    pub config: Box<Account<'info, OracleConfig>>,
    /// CHECK: named by the pool as who paid its rent.
    #[account(mut)]
    pub rent_payer: UncheckedAccount<'info>,
    /// Gets the insurance and what strangers left, wherever the admin says.
    ///
    /// CHECK: the token program checks it.
    #[account(mut)]
    pub rest_tokens: UncheckedAccount<'info>,
    /// CHECK: the instructions sysvar.
    #[account(address = INSTRUCTIONS_SYSVAR)]
    pub instructions: UncheckedAccount<'info>,
    pub token_program: Interface<'info, TokenInterface>,
}

#[event]
pub struct PoolClosed {
    pub header: EventHeader,
    pub pool: Pubkey,
    /// Base units of the insurance, of rounding, and of strangers.
    pub rest: u64,
}

/// Closes a pool without deposits, groups and listings; the admin.
pub fn handle_close_pool(ctx: Context<ClosePool>) -> Result<()> {
    let accounts = ctx.accounts;
    refuse_durable_nonce(&accounts.instructions).map_err(LoanError::from)?;
    let purse = Purse::new(
        &accounts.pool,
        &accounts.pool_tokens,
        &accounts.token_program,
    )?;
    let rest = purse.balance()?;
    {
        let mut pool = accounts.pool.load_mut()?;
        let is_free = pool.open_deposits == 0
            && pool.open_listings == 0
            && pool.open_groups == 0
            && pool.book.debt_shares == 0;
        require!(is_free, LoanError::PoolInUse);
        pool.book.cash = 0;
        pool.book.insurance = 0;
        emit!(PoolClosed {
            header: pool.next_event(&Clock::get()?)?,
            pool: accounts.pool.key(),
            rest,
        });
    }
    purse.pay(&accounts.rest_tokens, rest)?;
    purse.close(&accounts.rent_payer)
}
