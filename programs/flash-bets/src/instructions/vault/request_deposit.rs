use anchor_lang::prelude::*;
use anchor_spl::token_interface::TokenInterface;
use program_kit::new_account::NewAccount;

use crate::{
    error::FlashError,
    state::{seeds, Deposit, Vault, VERSION},
    tokens::transfer,
};

/// Slots after the first in which a deposit can be executed, 5 minutes of 400 ms. Short, since who
/// waits in it for good news has an option until somebody else executes.
pub const DEPOSIT_EXECUTION_SLOTS: u64 = 750;

#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug)]
pub struct RequestDepositArgs {
    /// Base units.
    pub amount: u64,
    /// Least number of LP shares to accept.
    pub min_shares: u64,
}

#[derive(Accounts)]
pub struct RequestDeposit<'info> {
    #[account(mut)]
    pub owner: Signer<'info>,
    #[account(mut)]
    pub vault: AccountLoader<'info, Vault>,
    /// CHECK: named by the vault.
    #[account(mut, address = vault.load()?.token_account @ FlashError::WrongAccount)]
    pub vault_tokens: UncheckedAccount<'info>,
    /// CHECK: the token program checks mint, balance and authority.
    #[account(mut)]
    pub owner_tokens: UncheckedAccount<'info>,
    /// CHECK: created by the handler.
    #[account(
        mut,
        seeds = [seeds::DEPOSIT, vault.key().as_ref(), owner.key().as_ref()],
        bump,
    )]
    pub deposit: UncheckedAccount<'info>,
    pub token_program: Interface<'info, TokenInterface>,
    pub system_program: Program<'info, System>,
}

#[event]
pub struct DepositRequested {
    pub vault: Pubkey,
    pub owner: Pubkey,
    pub amount: u64,
    pub min_shares: u64,
    /// First and last slot in which anybody may execute the deposit.
    pub available_slot: u64,
    pub last_slot: u64,
}

/// Takes the money of a deposit; what it buys is decided at the execution.
///
/// LP shares are priced with open markets at cost, but a market that the pool has won is worth more,
/// and whoever knows that first can book it. Shares bought at once would take a part of that gain
/// from those who bore the risk. The notice lets everybody book what was known at the request.
pub fn handle_request_deposit(
    ctx: Context<RequestDeposit>,
    args: RequestDepositArgs,
) -> Result<()> {
    let clock = Clock::get()?;
    let accounts = ctx.accounts;
    let mut vault = accounts.vault.load_mut()?;
    vault.require_not_paused(clock.unix_timestamp)?;
    require_gt!(args.amount, 0, FlashError::ZeroAmount);
    vault.shares_for(args.amount, args.min_shares)?;

    let available_slot = clock
        .slot
        .checked_add(vault.notice_slots)
        .ok_or(FlashError::Overflow)?;
    let last_slot = available_slot
        .checked_add(DEPOSIT_EXECUTION_SLOTS)
        .ok_or(FlashError::Overflow)?;
    vault.pending_deposits = vault
        .pending_deposits
        .checked_add(args.amount)
        .ok_or(FlashError::Overflow)?;
    drop(vault);
    let deposit = Deposit {
        version: VERSION,
        bump: ctx.bumps.deposit,
        vault: accounts.vault.key(),
        owner: accounts.owner.key(),
        amount: args.amount,
        min_shares: args.min_shares,
        available_slot,
        last_slot,
        reserved: [0; 32],
    };
    NewAccount {
        payer: &accounts.owner,
        account: &accounts.deposit,
        system_program: &accounts.system_program,
        seeds: &[
            seeds::DEPOSIT,
            deposit.vault.as_ref(),
            deposit.owner.as_ref(),
            &[deposit.bump],
        ],
    }
    .write(8 + Deposit::INIT_SPACE, &deposit)?;

    transfer(
        &accounts.token_program,
        accounts.owner_tokens.to_account_info(),
        accounts.vault_tokens.to_account_info(),
        accounts.owner.to_account_info(),
        args.amount,
        &[],
    )?;
    accounts
        .vault
        .load()?
        .assert_backed(&accounts.vault_tokens)?;
    emit!(DepositRequested {
        vault: deposit.vault,
        owner: deposit.owner,
        amount: args.amount,
        min_shares: args.min_shares,
        available_slot,
        last_slot,
    });
    Ok(())
}
