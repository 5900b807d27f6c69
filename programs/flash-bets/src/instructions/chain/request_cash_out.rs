use anchor_lang::{
    prelude::*,
    system_program::{transfer, Transfer},
};
use market_core::sum;
use program_kit::EventHeader;

use super::request_chain::CHAIN_EXECUTION_SECONDS;
use crate::{
    error::FlashError,
    state::{Chain, ChainStatus, Vault},
};

#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug)]
pub struct RequestCashOutArgs {
    /// Least base units to accept.
    pub min_return: u64,
    /// Lamports for whoever executes it, beside what an earlier request left.
    pub tip_lamports: u64,
}

#[derive(Accounts)]
pub struct RequestCashOut<'info> {
    #[account(mut)]
    pub owner: Signer<'info>,
    #[account(mut)]
    pub vault: AccountLoader<'info, Vault>,
    #[account(
        mut,
        has_one = vault @ FlashError::WrongAccount,
        has_one = owner @ FlashError::WrongAccount,
    )]
    pub chain: AccountLoader<'info, Chain>,
    pub system_program: Program<'info, System>,
}

#[event]
pub struct CashOutRequested {
    pub header: EventHeader,
    pub vault: Pubkey,
    pub chain: Pubkey,
    pub owner: Pubkey,
    pub min_return: u64,
    /// For whoever executes it, with what an earlier request left.
    pub tip_lamports: u64,
    pub executable_slot: u64,
    /// First and last second in which anybody may execute it.
    pub executable_at: i64,
    pub executable_until: i64,
}

/// Asks that an open chain be cashed out at the prices of the moment of the execution, after the chain's
/// delay: else whoever knows that a leg is lost before its market does would sell it at once. The chain goes
/// on meanwhile. A later request takes the place of one that nobody can execute any more.
pub fn handle_request_cash_out(
    ctx: Context<RequestCashOut>,
    args: RequestCashOutArgs,
) -> Result<()> {
    let clock = Clock::get()?;
    let accounts = ctx.accounts;
    let mut chain = accounts.chain.load_mut()?;
    require!(chain.is(ChainStatus::Open), FlashError::ChainNotOpen);
    require_gt!(chain.open_legs, 0, FlashError::NoLegsOpen);
    let is_over = clock.unix_timestamp > chain.wait.executable_until;
    require!(
        chain.cash_out_waits == 0 || is_over,
        FlashError::ExecutionPossible
    );
    chain.cash_out_waits = 1;
    chain.bound = args.min_return;
    chain.tip_lamports = sum([chain.tip_lamports, args.tip_lamports]).map_err(FlashError::from)?;
    chain.wait_from(&clock, CHAIN_EXECUTION_SECONDS)?;
    emit!(CashOutRequested {
        header: accounts.vault.load_mut()?.next_event(&clock)?,
        vault: accounts.vault.key(),
        chain: accounts.chain.key(),
        owner: chain.owner,
        min_return: args.min_return,
        tip_lamports: chain.tip_lamports,
        executable_slot: chain.wait.executable_slot,
        executable_at: chain.wait.executable_at,
        executable_until: chain.wait.executable_until,
    });
    drop(chain);
    if args.tip_lamports == 0 {
        return Ok(());
    }
    let tip = Transfer {
        from: accounts.owner.to_account_info(),
        to: accounts.chain.to_account_info(),
    };
    transfer(
        CpiContext::new(accounts.system_program.key(), tip),
        args.tip_lamports,
    )
}
