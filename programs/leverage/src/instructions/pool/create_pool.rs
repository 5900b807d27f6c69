use anchor_lang::prelude::*;
use anchor_spl::token_interface::{Mint, TokenInterface};
use bytemuck::Zeroable;
use math::LendingBook;
use oracle::OracleConfig;
use program_kit::{
    new_tokens::{NewAccount, NewTokens},
    refuse_durable_nonce,
    tokens::require_plain_mint,
    EventHeader, INSTRUCTIONS_SYSVAR,
};

use crate::{
    error::LoanError,
    state::{seeds, LendingPool, PoolTerms, ScheduledPoolTerms, VERSION},
};

#[derive(Accounts)]
#[instruction(id: u64)]
pub struct CreatePool<'info> {
    #[account(mut)]
    pub admin: Signer<'info>,
    /// The oracle's configuration: one governance for all of Strobe. Its type proves it.
    #[account(has_one = admin @ LoanError::NotAdmin)]
    pub config: Account<'info, OracleConfig>,
    pub mint: Box<InterfaceAccount<'info, Mint>>,
    /// CHECK: created by the handler.
    #[account(mut, seeds = [seeds::POOL, mint.key().as_ref(), &id.to_le_bytes()], bump)]
    pub pool: UncheckedAccount<'info>,
    /// CHECK: created by the handler.
    #[account(mut, seeds = [seeds::POOL_TOKENS, pool.key().as_ref()], bump)]
    pub pool_tokens: UncheckedAccount<'info>,
    /// CHECK: the instructions sysvar.
    #[account(address = INSTRUCTIONS_SYSVAR)]
    pub instructions: UncheckedAccount<'info>,
    pub token_program: Interface<'info, TokenInterface>,
    pub system_program: Program<'info, System>,
}

#[event]
pub struct PoolCreated {
    pub header: EventHeader,
    pub pool: Pubkey,
    pub mint: Pubkey,
    pub id: u64,
    pub terms: PoolTerms,
}

/// Makes a pool of one mint; the admin.
pub fn handle_create_pool(ctx: Context<CreatePool>, id: u64, terms: PoolTerms) -> Result<()> {
    let accounts = ctx.accounts;
    refuse_durable_nonce(&accounts.instructions).map_err(LoanError::from)?;
    require_plain_mint(&accounts.mint).map_err(LoanError::from)?;
    terms.check()?;

    let clock = Clock::get()?;
    let mut pool = LendingPool::zeroed();
    pool.version = VERSION;
    pool.bump = ctx.bumps.pool;
    pool.id = id;
    pool.mint = accounts.mint.key();
    pool.token_account = accounts.pool_tokens.key();
    pool.rent_payer = accounts.admin.key();
    pool.terms = ScheduledPoolTerms::new(terms);
    *pool.book = LendingBook::new(clock.unix_timestamp);
    emit!(PoolCreated {
        header: pool.next_event(&clock)?,
        pool: accounts.pool.key(),
        mint: pool.mint,
        id,
        terms,
    });
    NewAccount {
        payer: &accounts.admin,
        account: &accounts.pool,
        system_program: &accounts.system_program,
        seeds: &[
            seeds::POOL,
            pool.mint.as_ref(),
            &id.to_le_bytes(),
            &[pool.bump],
        ],
    }
    .write_zero_copy(&pool)?;
    NewAccount {
        payer: &accounts.admin,
        account: &accounts.pool_tokens,
        system_program: &accounts.system_program,
        seeds: &[
            seeds::POOL_TOKENS,
            accounts.pool.key().as_ref(),
            &[ctx.bumps.pool_tokens],
        ],
    }
    .token_account(
        &accounts.mint.to_account_info(),
        &accounts.pool.to_account_info(),
        &accounts.token_program,
    )
}
